#!/bin/bash
# box: --bind-ro {seed}:/seed
# A journal that hangs costs lines, counted, and no answers.
. /scenario/common.bash
bring_model
check "it answers" answers
journald=$(systemctl show -P MainPID systemd-journald.service)
kill -STOP "$journald"
# Whatever comes, it goes on.
trap 'kill -CONT "$journald"' EXIT
python3 - <<'PYTHON' || fail "answers wait for the journal"
import sys
sys.path.insert(0, "/scenario")
from rpc import ask
for _ in range(30):
    answers = ask([{"jsonrpc": "2.0", "id": n, "method": "reload"} for n in range(100)])
    assert len(answers) == 100 and all("result" in a for a in answers), answers[:1]
PYTHON
check "it still answers" answers
soon "the status tells it" sh -c 'intentctl status --json | grep -q "the journal does not take its lines"'
kill -CONT "$journald"
soon "the journal is told" sh -c 'journalctl --sync; intentctl reload; journalctl -q -u intentd.service -o cat INTENTD_EVENT=journal_lost | grep -q "lines are missing"'
soon "the status is clean again" sh -c '! intentctl status --json | grep -q "the journal does not"'
# It ends in time although nothing can be flushed.
kill -STOP "$journald"
intentctl reload >/dev/null
check "it stops" systemctl stop intentd.service
# It would be "timeout" had it taken longer than TimeoutStopSec=.
check "in order" is Result success
