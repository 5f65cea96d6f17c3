#!/bin/bash
# box: --bind-ro {seed}:/seed
# The timer that nobody has switched on, and its service: it trains as the daemon's own user, and the history says so.
. /scenario/common.bash
bring_model
check "it answers" answers
member() { python3 -c 'import json, sys; value = json.load(sys.stdin)
for name in sys.argv[1:]: value = value[int(name) if name.isdigit() else name]
print(value)' "$@"; }

check "the timer is there" test -e /usr/lib/systemd/system/intentd-retrain.timer
check "and switched off" test "$(systemctl is-enabled intentd-retrain.timer)" = disabled
intentctl feedback --text "has the courier run away with my stuff" --intent missing_parcel >/dev/null
check "the service trains" systemctl start intentd-retrain.service
check "it was a clean end" is Result success intentd-retrain.service
intentctl jobs --json >jobs.json
check "the job is done" test "$(member jobs 0 state <jobs.json)" = "done"
check "it names its cause" test "$(member jobs 0 cause <jobs.json)" = "by the daemon's own user"
check "it learned" test "$(member jobs 0 learned applied <jobs.json)" = 1
intentctl history --json >history.json
check "the history names the daemon's user" test "$(member moves 0 uid <history.json)" = "$(id -u intentd)"
check "and the cause" grep -qF "retrained by the daemon's own user" history.json

# A golden case that no model can get right: the gate refuses, which is no failure of the service.
champion=$(intentctl status --json | member champion)
known=$(intentctl predict "how do i get my money back" --json | member predictions 0 intent)
printf 'text,intent\nwhere is my parcel,%s\n' "$known" >/var/lib/intentd/data/golden.csv
# Without anything new to learn it would make the champion's own bytes, which nobody refuses.
intentctl feedback --text "the driver sold my things to somebody" --intent missing_parcel >/dev/null
check "a refusal is no failure" systemctl start intentd-retrain.service
check "nothing has failed" is Result success intentd-retrain.service
check "the gate refused" test "$(intentctl jobs --json | member jobs 0 state)" = refused
check "the champion serves on" test "$(intentctl status --json | member champion)" = "$champion"

check "the timer can be switched on" systemctl enable --quiet --now intentd-retrain.timer
check "and waits" is ActiveState active intentd-retrain.timer
check "for its next time" test -n "$(property NextElapseUSecRealtime intentd-retrain.timer)"
check "and off" systemctl disable --quiet --now intentd-retrain.timer
