#!/bin/bash
# The life of the Debian package on a machine of its own: install, the first chat, upgrade under waiting clients, remove,
# purge.
# box: --package
set -euo pipefail
deb=/package.deb
package=$(dpkg-deb -f "$deb" Package)

fail() {
    printf 'FAILED: %s\n' "$*" >&2
    journalctl -b -o short-monotonic -u 'intentd*' | tail -n 40 >&2
    exit 1
}
# expect WHAT FOUND WANTED
expect() { [ "$2" = "$3" ] || fail "$1: found '$2', expected '$3'"; }
# soon WHAT COMMAND...: COMMAND must succeed at some time; only what hangs takes so long.
soon() {
    local what=$1 end=$((SECONDS + 120))
    shift
    while [ $SECONDS -lt $end ]; do
        ! "$@" >/dev/null 2>&1 || return 0
        sleep 0.05
    done
    fail "$what"
}
member() { grep -oE "\"$1\":(\"[^\"]*\"|[^,}]*)" | head -n 1 | sed -E 's/^"[^"]*"://; s/^"//; s/"$//'; }
as_alice() { runuser -u alice -- "$@"; }
state() { systemctl show --property "$2" --value "$1"; }
# Every file with our name, but for those that are ours to bring.
ours() { find /etc /usr /var /run /lib* -xdev -iname '*intentd*' -not -path '/run/systemd/*' 2>/dev/null | sort; }
# table: WHAT MODE OWNER GROUP lines, each held against the file.
modes() {
    local path mode owner
    while read -r path mode owner; do
        [ -n "$path" ] || continue
        expect "mode and owner of $path" "$(stat -c '%a %U:%G' "$path")" "$mode $owner"
    done
}

if dpkg -s "$package" >/dev/null 2>&1; then dpkg --purge "$package" >/dev/null; fi
useradd --create-home alice
before=$(ours)

echo "1. Installing: a user, folders, and a socket that listens; no daemon yet."
apt-get install -y -q "$deb" >/root/apt.log 2>&1 || { cat /root/apt.log; fail "apt-get could not install it"; }
expect "the socket" "$(state intentd.socket ActiveState)" active
expect "the socket at boot" "$(systemctl is-enabled intentd.socket)" enabled
expect "the daemon" "$(state intentd.service ActiveState)" inactive
expect "the timer, which is the admin's to switch on" "$(systemctl is-enabled intentd-retrain.timer || true)" disabled
expect "the shell of its user" "$(getent passwd intentd | cut -d : -f 7)" /usr/sbin/nologin
modes <<'FILES'
/run/intentd.sock 666 root:root
/etc/intentd 755 root:root
/etc/intentd/intentd.yaml 644 root:root
/usr/bin/intentd 755 root:root
/usr/bin/intentctl 755 root:root
/usr/lib/systemd/system/intentd.service 644 root:root
/usr/lib/systemd/system/intentd.socket 644 root:root
/usr/share/intentd/intents.yaml 644 root:root
/var/lib/intentd 700 intentd:intentd
/var/lib/intentd/data 700 intentd:intentd
/var/lib/intentd/data/intents.yaml 600 intentd:intentd
/var/lib/intentd/data/golden.csv 600 intentd:intentd
/var/lib/intentd/data/behaviour.yaml 600 intentd:intentd
/var/log/intentd 700 intentd:intentd
FILES

echo "2. The first chat of an ordinary user starts the daemon, which trains and answers."
answer=$(as_alice intentctl chat "where is my parcel" --json)
expect "the intent" "$(member intent <<<"$answer")" order_status
expect "the route" "$(member route <<<"$answer")" local
expect "the daemon" "$(state intentd.service ActiveState)" active
pid=$(state intentd.service MainPID)
expect "whose it is" "$(stat -c %U "/proc/$pid")" intentd
expect "a user's right to retrain" "$(as_alice intentctl retrain >/dev/null 2>&1 || echo $?)" 4
expect "files of the daemon that others may touch" \
    "$(find /var/lib/intentd /var/log/intentd \( -not -user intentd -o -not -type l -perm /077 \))" ""
modes <<'FILES'
/var/lib/intentd/data/intentd.sqlite 600 intentd:intentd
/var/lib/intentd/models/versions/000001/model.safetensors 600 intentd:intentd
/var/log/intentd/chat_metrics.log 600 intentd:intentd
FILES

echo "3. A person's edits and lessons."
sed -i 's/threshold: auto /threshold: 0.8 /' /etc/intentd/intentd.yaml
systemctl reload intentd
printf '# mine\n' >>/var/lib/intentd/data/intents.yaml
intentctl feedback --text "has the courier run away with my stuff" --intent missing_parcel >/dev/null
intentctl retrain --wait >/dev/null 2>&1
expect "the champion" "$(intentctl predict "hello" --json | member model)" 2

echo "4. An upgrade: who connects while the daemon is away waits, and nothing is lost."
dpkg-deb --raw-extract "$deb" /root/next
version=$(dpkg-deb -f "$deb" Version)
sed -i "s/^Version: .*/Version: $version+next/" /root/next/DEBIAN/control
dpkg-deb --build --root-owner-group -Znone /root/next /root/next.deb >/dev/null
# The new daemon takes its time, so that there is something to wait for: it starts when all of them wait.
mkdir -p /run/systemd/system/intentd.service.d
printf '[Service]\nExecStartPre=/bin/sh -c "until [ -e /run/all-wait ]; do sleep 0.05; done"\n' \
    >/run/systemd/system/intentd.service.d/slow.conf
systemctl daemon-reload
inode=$(stat -c %i /run/intentd.sock)
dpkg --install /root/next.deb >/root/dpkg.log 2>&1 &
upgrade=$!
starts() { [ "$(state intentd.service SubState)" = start-pre ]; }
soon "the daemon is being replaced" starts
clients=()
for number in $(seq 20); do
    as_alice intentctl predict "where is my parcel" --json >"/root/client.$number" 2>&1 &
    clients+=($!)
done
# Connections that nobody has taken yet stand in the socket's queue.
waits() { [ "$(ss --no-header --unix --listening --numeric src /run/intentd.sock | awk '{ print $3 }')" -ge 20 ]; }
soon "all of them wait" waits
expect "the daemon while they wait" "$(state intentd.service SubState)" start-pre
: >/run/all-wait
for client in "${clients[@]}"; do wait "$client" || fail "a client that waited: $(cat /root/client.*)"; done
wait "$upgrade" || fail "the upgrade: $(cat /root/dpkg.log)"
for number in $(seq 20); do
    expect "the answer to client $number" "$(member intent <"/root/client.$number")" order_status
done
expect "the version" "$(dpkg-query -W -f '${Version}' "$package")" "$version+next"
[ "$(state intentd.service MainPID)" != "$pid" ] || fail "the daemon was not restarted"
expect "the socket's inode" "$(stat -c %i /run/intentd.sock)" "$inode"
expect "the champion" "$(intentctl predict "hello" --json | member model)" 2
grep -q 'threshold: 0.8' /etc/intentd/intentd.yaml || fail "the configuration was overwritten"
grep -qx '# mine' /var/lib/intentd/data/intents.yaml || fail "intents.yaml was overwritten"
[ -n "$(intentctl feedback list | grep courier)" ] || fail "the lesson was lost"

echo "5. What its admin stopped and disabled, the next version leaves so."
rm -r /run/systemd/system/intentd.service.d
systemctl daemon-reload
systemctl disable --quiet intentd.socket
systemctl stop intentd.socket intentd.service
dpkg --install "$deb" >/root/dpkg.log 2>&1 || fail "going back: $(cat /root/dpkg.log)"
expect "the daemon" "$(state intentd.service ActiveState)" inactive
expect "the socket" "$(state intentd.socket ActiveState)" inactive
expect "the choice to disable it" "$(systemctl is-enabled intentd.socket || true)" disabled
systemctl enable --quiet intentd.socket
systemctl start intentd.socket
as_alice intentctl chat "where is my parcel" >/dev/null

echo "6. Removing it: nothing runs, what was learned stays."
systemctl enable --quiet --now intentd-retrain.timer
dpkg --remove "$package" >/root/dpkg.log 2>&1 || fail "removing: $(cat /root/dpkg.log)"
expect "the daemon" "$(grep -lx intentd /proc/[0-9]*/comm || true)" ""
expect "the timer" "$(state intentd-retrain.timer ActiveState)" inactive
[ ! -e /run/intentd.sock ] || fail "the socket is still there"
[ ! -e /usr/bin/intentd ] || fail "the program is still there"
[ -e /var/lib/intentd/models/versions/000002/model.safetensors ] || fail "the model is gone"
[ -e /etc/intentd/intentd.yaml ] || fail "the configuration is gone"

echo "7. Purging it: nothing is left."
dpkg --purge "$package" >/root/dpkg.log 2>&1 || fail "purging: $(cat /root/dpkg.log)"
expect "files that are left" "$(comm -13 <(printf '%s\n' "$before") <(ours))" ""
expect "its user" "$(getent passwd intentd; getent group intentd)" ""
expect "its units" "$(systemctl list-unit-files --no-legend 'intentd*')" ""
expect "units that failed" "$(systemctl list-units --failed --no-legend 'intentd*')" ""
echo "The package holds."
