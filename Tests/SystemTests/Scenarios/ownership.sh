#!/bin/bash
# What was there before the package is there after its purge: an account, a group with its members, files. And an upgrade
# with a configuration that the new version does not take keeps the daemon that runs.
# box: --package
set -euo pipefail
deb=/package.deb
package=$(dpkg-deb -f "$deb" Package)

fail() {
    printf 'FAILED: %s\n' "$*" >&2
    journalctl -b -o short-monotonic -u 'intentd*' | tail -n 40 >&2
    exit 1
}
expect() { [ "$2" = "$3" ] || fail "$1: found '$2', expected '$3'"; }
state() { systemctl show --property "$2" --value "$1"; }
install_it() { dpkg --force-confold --install "$1" >/root/dpkg.log 2>&1 || fail "installing: $(cat /root/dpkg.log)"; }
purge_it() { dpkg --purge "$package" >/root/dpkg.log 2>&1 || fail "purging: $(cat /root/dpkg.log)"; }

if dpkg -s "$package" >/dev/null 2>&1; then purge_it; fi
useradd --create-home alice

echo "1. An account of that name, and files in its folders, are older than the package."
groupadd --system intentd
useradd --system --gid intentd --home-dir /srv/intentd --shell /bin/sh intentd
gpasswd --add alice intentd >/dev/null
before=$(getent passwd intentd; getent group intentd)
mkdir -p /var/lib/intentd/data/mine /etc/intentd /etc/credstore /var/log/intentd
echo mine >/var/lib/intentd/data/mine/notes
echo mine >/var/lib/intentd/data/golden.txt
echo mine >/var/log/intentd/old.log
echo key >/etc/credstore/intentd.llm_api_key
printf 'llm:\n  backend: off\n' >/etc/intentd/intentd.yaml
install_it "$deb"
intentctl chat "where is my parcel" >/dev/null || fail "no answer"
[ -e /var/lib/intentd/data/intentd.sqlite ] || fail "there is no database"
dpkg --remove "$package" >/root/dpkg.log 2>&1 || fail "removing: $(cat /root/dpkg.log)"
purge_it
expect "the account and the group" "$(getent passwd intentd; getent group intentd)" "$before"
expect "what is in the state folder" "$(cd /var/lib/intentd && find . -type f | sort | tr '\n' ' ')" \
    "./data/golden.txt ./data/mine/notes "
expect "what is in the log folder" "$(ls /var/log/intentd)" old.log
expect "the key" "$(cat /etc/credstore/intentd.llm_api_key)" key
expect "the configuration" "$(cat /etc/intentd/intentd.yaml)" "$(printf 'llm:\n  backend: off\n')"
[ -z "$(find /var/lib/misc -name 'intentd*')" ] || fail "a note is left"

echo "2. Only the group is older."
userdel intentd
getent group intentd >/dev/null || groupadd --system intentd
gpasswd --add alice intentd >/dev/null
before=$(getent group intentd)
rm -rf /var/lib/intentd /var/log/intentd /etc/intentd /etc/credstore/intentd.llm_api_key
install_it "$deb"
purge_it
expect "the account" "$(getent passwd intentd)" ""
expect "the group" "$(getent group intentd)" "$before"
expect "what is left" "$(ls -d /var/lib/intentd /var/log/intentd /etc/intentd 2>/dev/null)" ""
groupdel intentd

echo "3. An upgrade with a bad configuration says so, and the daemon that runs goes on."
install_it "$deb"
intentctl chat "where is my parcel" >/dev/null || fail "no answer"
pid=$(state intentd.service MainPID)
dpkg-deb --raw-extract "$deb" /root/next
sed -i "s/^Version: .*/Version: $(dpkg-deb -f "$deb" Version)+next/" /root/next/DEBIAN/control
dpkg-deb --build --root-owner-group -Znone /root/next /root/next.deb >/dev/null
cp /etc/intentd/intentd.yaml /root/good.yaml
printf 'limits:\n  in_flihgt: 3\n' >/etc/intentd/intentd.yaml
install_it /root/next.deb
grep -q in_flihgt /root/dpkg.log || fail "the upgrade does not name the key: $(cat /root/dpkg.log)"
grep -q 'systemctl restart intentd' /root/dpkg.log || fail "the upgrade does not say what to do: $(cat /root/dpkg.log)"
expect "the daemon" "$(state intentd.service MainPID)" "$pid"
intentctl chat "where is my parcel" >/dev/null || fail "no answer after the upgrade"
cp /root/good.yaml /etc/intentd/intentd.yaml
install_it "$deb"
[ "$(state intentd.service MainPID)" != "$pid" ] || fail "with a good configuration the daemon was not restarted"
intentctl chat "where is my parcel" >/dev/null || fail "no answer after the second upgrade"
purge_it
expect "the account" "$(getent passwd intentd; getent group intentd)" ""
echo "What was there before stays."
