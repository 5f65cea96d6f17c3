#!/bin/bash
# A daemon of one's own, as the manual has it: a user's service manager, no login session, no root.
. /scenario/common.bash
useradd --create-home carol
uid=$(id -u carol)
home=/home/carol
units=$home/.config/systemd/user
as_carol() { runuser -u carol -- env HOME=$home XDG_RUNTIME_DIR="/run/user/$uid" INTENTD_SOCKET="/run/user/$uid/intentd.sock" "$@"; }

mkdir -p "$units" "$home/intentd/data"
# The two units of the page, in their order.
awk -v folder="$units" '
    /^```ini$/ { count++; file = folder "/intentd." (count == 1 ? "socket" : "service"); next }
    /^```$/ { file = "" }
    file != "" { print > file }' /usr/share/doc/intentd/systemd.md
check "the manual has both units" test -s "$units/intentd.socket" -a -s "$units/intentd.service"
cp /usr/share/intentd/intents.yaml /usr/share/intentd/golden.csv /usr/share/intentd/behaviour.yaml "$home/intentd/data/"
chown -R carol: "$home"
# What lingering does: the manager runs without a session.
check "carol's service manager starts" systemctl start "user@$uid.service"
check "her socket listens" as_carol systemctl --user start intentd.socket
as_carol intentctl chat "where is my parcel" >reply || fail "she is answered"
check "with words" test -s reply
check "her daemon is hers" test "$(stat -c %U $home/intentd/data/intentd.sqlite)" = carol
soon "its status is told" sh -c "runuser -u carol -- env XDG_RUNTIME_DIR=/run/user/$uid systemctl --user show -P StatusText intentd.service | grep -q '^Version 1 serves'"
check "it reloads" as_carol systemctl --user reload intentd.service
journalctl --sync
check "the journal has its fields" test -n "$(journalctl -q -o cat INTENTD_EVENT=started _UID="$uid")"
check "nobody else may connect" test "$(stat -c %a "/run/user/$uid/intentd.sock")" = 600
check "it stops" as_carol systemctl --user stop intentd.service
check "it was a clean end" test "$(as_carol systemctl --user show -P Result intentd.service)" = success
check "and starts again" as_carol intentctl status
