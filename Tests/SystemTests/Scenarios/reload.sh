#!/bin/bash
# box: --bind-ro {seed}:/seed
# `systemctl reload` returns when the configuration holds, and fails with the reason when it is wrong.
. /scenario/common.bash
bring_model
check "it answers" answers
configuration=/etc/intentd/intentd.yaml
in_flight() { [ "$(intentctl status --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["limits"]["in_flight"])')" = "$1" ]; }
pid=$(property MainPID)

check "the default" in_flight 128
printf 'limits:\n  in_flight: 33\n' >$configuration
check "a good file is taken" systemctl reload intentd.service
check "and holds when the command returns" in_flight 33
check "the journal says what changed" said "Changed: limits.in_flight"

printf 'limits:\n  in_flihgt: 3\n' >$configuration
refuse "a wrong file is refused" systemctl reload intentd.service
check "nothing was changed" in_flight 33
check "it runs on" is MainPID "$pid"
check "its state is whole" is ActiveState active
check "the journal names the key" said "in_flihgt"
check "with the event" test -n "$(journal -o cat INTENTD_EVENT=reload_refused)"
check "the status names the key" sh -c 'systemctl show -P StatusText intentd.service | grep -qF in_flihgt'
intentctl reload 2>refusal && fail "intentctl reload fails"
check "with the key" grep -qF in_flihgt refusal
check "and the line" grep -qF "line 2" refusal

printf 'limits:\n  in_flight: 44\n' >$configuration
systemctl kill --signal=HUP --kill-who=main intentd.service
soon "SIGHUP reloads" in_flight 44
soon "the status is clean again" is StatusText "Version 1 serves"

# Many at once: one after the other, and all of them end.
reloads=()
for _ in $(seq 10); do
    intentctl reload >/dev/null &
    reloads+=($!)
    systemctl kill --signal=HUP --kill-who=main intentd.service
done
for reload in "${reloads[@]}"; do check "a reload among many" wait "$reload"; done
check "it reloads after that" systemctl reload intentd.service
check "it is the same process" is MainPID "$pid"
