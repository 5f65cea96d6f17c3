#!/bin/bash
# box: --bind-ro {seed}:/seed
# SIGTERM under load: what was accepted is answered, the end is in time and clean, and the next connection starts anew.
. /scenario/common.bash
bring_model
check "it answers" answers
python3 /scenario/load.py >result &
load=$!
soon "the load is there" test -s result
check "the stop succeeds" systemctl stop intentd.service
check "every accepted request was answered" wait "$load"
cat result
# It would be "timeout" had it taken longer than TimeoutStopSec=.
check "the end was clean" is Result success
check "its status is 0" is ExecMainStatus 0
check "nothing is left" test -z "$(pgrep -x intentd || true)"
check "the socket goes on" is ActiveState active intentd.socket
check "the next connection is answered" answers
check "the service runs again" is ActiveState active
