#!/bin/bash
# `make install` and `make uninstall`: by an ordinary user into a folder of their own, and by root below /usr/local with a
# real start.
# box: --checkout
set -euo pipefail
checkout=/checkout
# By its full name the folder is taken as it is, and nothing is built.
bin=$checkout/.build-release/release

fail() {
    printf 'FAILED: %s\n' "$*" >&2
    journalctl -b -o short-monotonic -u 'intentd*' | tail -n 40 >&2
    exit 1
}
expect() { [ "$2" = "$3" ] || fail "$1: found '$2', expected '$3'"; }

useradd --create-home alice
dest="/home/alice/a folder"
echo "1. An ordinary user installs into a folder, and takes it away again."
runuser -u alice -- make -C "$checkout" --silent install "BIN=$bin" "DESTDIR=$dest" PREFIX=/opt/intentd >/dev/null ||
    fail "make install as an ordinary user"
expect "the program" "$("$dest/opt/intentd/bin/intentd" --version)" "$("$bin/intentd" --version)"
grep -q '^ExecStart=/opt/intentd/bin/intentd serve' "$dest/opt/intentd/lib/systemd/system/intentd.service" ||
    fail "the unit starts something else"
expect "places that were not filled in" "$(grep -rl '@prefix@' "$dest" || true)" ""
expect "files not to be read by all" "$(find "$dest" -type f -not -perm -0444)" ""
for shell in bash zsh fish; do
    [ -z "$(type -P "$shell")" ] || for file in $(find "$dest/opt" -path "*$shell*" -type f -printf '%P\n'); do
        "$shell" -n "$dest/opt/$file" || fail "$shell cannot read $file"
    done
done
echo "# mine" >>"$dest/etc/intentd/intentd.yaml"
runuser -u alice -- make -C "$checkout" --silent install "BIN=$bin" "DESTDIR=$dest" PREFIX=/opt/intentd >/dev/null
tail -n 1 "$dest/etc/intentd/intentd.yaml" | grep -qx '# mine' || fail "a second install overwrote the configuration"
runuser -u alice -- make -C "$checkout" --silent uninstall "BIN=$bin" "DESTDIR=$dest" PREFIX=/opt/intentd
expect "files that are left" "$(cd "$dest" && find . -type f)" ./etc/intentd/intentd.yaml

echo "2. Root installs below /usr/local, follows what it says, and gets an answer."
make -C "$checkout" --silent install "BIN=$bin" >/root/install.log
sed -n 's/^    \(system.*\)/\1/p' /root/install.log >/root/commands
[ -s /root/commands ] || fail "it does not say how to go on"
bash -eu /root/commands 2>/root/commands.log || fail "what it says does not work: $(cat /root/commands.log)"
expect "the answer" "$(runuser -u alice -- /usr/local/bin/intentctl predict "where is my parcel" --json |
    grep -o '"intent":"[a-z_]*"' | head -n 1)" '"intent":"order_status"'
expect "what runs" "$(readlink "/proc/$(systemctl show --property MainPID --value intentd)/exe")" /usr/local/bin/intentd
systemctl reload intentd || fail "it cannot be reloaded"
systemctl disable --quiet --now intentd.socket
systemctl stop intentd.service
make -C "$checkout" --silent uninstall
systemctl daemon-reload
expect "files that are left" "$(find /usr/local -type f -name '*intent*')" ""
echo "Installing by hand holds."
