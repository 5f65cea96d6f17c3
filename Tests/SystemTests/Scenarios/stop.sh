#!/bin/bash
# box: --bind-ro {seed}:/seed
# SIGTERM under load: what was accepted is answered, the end is quick and clean, and the next connection starts anew.
. /scenario/common.bash
bring_model
check "it answers" answers
python3 /scenario/load.py >result &
load=$!
within 20 "the load is there" test -s result
began=$(date +%s)
check "the stop succeeds" systemctl stop intentd.service
check "and is quick" test $(($(date +%s) - began)) -le 10
check "every accepted request was answered" wait "$load"
cat result
check "the end was clean" is Result success
check "its status is 0" is ExecMainStatus 0
check "nothing is left" test -z "$(pgrep -x intentd || true)"
check "the socket goes on" is ActiveState active intentd.socket
check "the next connection is answered" answers
check "the service runs again" is ActiveState active
