#!/bin/bash
# Runs a script under a real systemd: PID 1, journald and D-Bus of this machine, booted by systemd-nspawn over a
# throw-away overlay of its root, with intentd installed on top. Booting takes about a second; nothing that happens
# inside is seen outside, and nothing is left behind.
#
#   scripts/box.sh [OPTION]... SCRIPT [ARGUMENT]...
#
#   --tree DIR          lay DIR, made by `make install DESTDIR=DIR PREFIX=/usr`, over the root, with the user made and
#                       the socket enabled (default: $INTENTD_TREE; without either, the box has no intentd)
#   --bin DIR           intentd and intentctl come from DIR, not from the tree
#   --package           no tree; the package that $INTENTD_DEB names lies at /package.deb
#   --checkout          no tree; the checkout lies at /checkout, with its release binaries, not to be written
#   --bind SRC[:DST]    show a file or folder of this machine inside; --bind-ro the same, not to be written
#   --setenv NAME=VALUE set a variable for SCRIPT
#   --test-net          give lo the address 192.0.2.1, which is none of IPAddressAllow=localhost
#   --timeout SECONDS   end everything after that long, with status 124 (default: 300)
#
# The network inside is its own: lo, and nothing else. IPAddressDeny= has its effect, MemoryMax= and TasksMax= have none.
# SCRIPT runs as root, beside the files of its folder; what it prints comes out at the end, and its status is ours. 77
# says, after a line that begins with "skipped:", that this machine cannot do it; 125 that the box did not boot.
set -euo pipefail

usage() {
    sed -n '2,/^set -/{/^#/s/^# \{0,1\}//p}' "$0" >&2
    exit 2
}
skip() {
    echo "skipped: $*"
    exit 77
}

words=("$@")
tree=${INTENTD_TREE:-}
bin=
limit=300
testnet=
binds=()
variables=()
while [ $# -gt 0 ]; do
    case $1 in
        --tree) tree=$2; shift 2 ;;
        --bin) bin=$2; shift 2 ;;
        --package)
            [ -r "${INTENTD_DEB:-}" ] || skip "INTENTD_DEB names no package; make deb, or make test"
            tree= && binds+=("--bind-ro=${INTENTD_DEB//:/\\:}:/package.deb")
            shift
            ;;
        --checkout)
            checkout=$(cd "$(dirname "$0")/.." && pwd)
            [ -x "$checkout/.build-release/release/intentd" ] || skip "there are no release binaries; make release"
            tree= && binds+=("--bind-ro=${checkout//:/\\:}:/checkout")
            shift
            ;;
        --bind | --bind-ro) binds+=("$1=$2"); shift 2 ;;
        --setenv) variables+=("$2"); shift 2 ;;
        --test-net) testnet=yes; shift ;;
        --timeout) limit=$2; shift 2 ;;
        --) shift; break ;;
        -*) usage ;;
        *) break ;;
    esac
done
[ $# -gt 0 ] || usage
[ -x "$1" ] || { echo "box.sh: $1 is nothing that can be run" >&2; exit 2; }
for path in ${tree:+"$tree/usr/lib/systemd/system/intentd.service"} ${bin:+"$bin/intentd"}; do
    [ -r "$path" ] || { echo "box.sh: there is no $path" >&2; exit 2; }
done

# Outside: the box is a process and a mount namespace that end with one process, and that process ends with this one. All
# that is then left is an empty folder and a control group, removed by whoever sees the pipe close, however we end.
if [ -z "${INTENTD_BOX:-}" ]; then
    [ "$(id -u)" = 0 ] || skip "only root can boot a system in a container; try sudo"
    for tool in systemd-nspawn dbus-daemon unshare ip; do
        [ -n "$(type -P "$tool")" ] || skip "$tool is missing; apt-get install systemd-container dbus util-linux iproute2"
    done
    unshare --mount --pid --fork --mount-proc true 2>/dev/null || skip "this machine lets nobody make namespaces"
    hierarchy=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
    [ -n "$hierarchy" ] || skip "there is no cgroup2 hierarchy"
    INTENTD_BOX=$(mktemp -d "${TMPDIR:-/tmp}/intentd-box.XXXXXX")
    export INTENTD_BOX
    group=$hierarchy$(sed -n 's/^0:://p' /proc/self/cgroup)/${INTENTD_BOX##*/}
    tidy() {
        for _ in $(seq 100); do
            # Deepest first. A group that its last process is just leaving is busy for a moment.
            find "$group" -depth -type d -exec rmdir {} \; 2>/dev/null || true
            [ -d "$group" ] || break
            sleep 0.05
        done
        rmdir "$INTENTD_BOX"
    }
    exec {alive}> >(trap '' INT TERM HUP && cat && tidy)
    tidier=$!
    child=
    leave() {
        [ -z "$child" ] || { kill -KILL "$child" && wait "$child"; } 2>/dev/null || true
        exec {alive}>&-
        wait "$tidier" || true
    }
    trap leave EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    mkdir "$group" 2>/dev/null || skip "no control group can be made in $hierarchy"
    setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child --mount-proc --propagation private \
        bash -c 'echo 0 >"$0/cgroup.procs" && exec "$@"' "$group" bash "$0" "${words[@]}" {alive}>&- &
    child=$!
    status=0
    wait "$child" || status=$?
    child=
    exit "$status"
fi

# Inside: the root is an overlay whose upper half is in memory.
box=$INTENTD_BOX
unset INTENTD_BOX
mount -t tmpfs -o mode=0755 tmpfs "$box"
mkdir "$box/upper" "$box/work" "$box/root" "$box/out"
# A copy, and root's: layers of an overlay may not lie within each other, and the tree is most likely below the root.
[ -z "$tree" ] || cp -R --preserve=mode "$tree/." "$box/upper/"
chmod 0755 "$box/upper"
mount -t overlay overlay -o "lowerdir=/,upperdir=$box/upper,workdir=$box/work" "$box/root" ||
    skip "this machine's root cannot be under an overlay"
root=$box/root
umount -R /sys/fs/cgroup 2>/dev/null || true
mount -t cgroup2 cgroup2 /sys/fs/cgroup

# An installation of this machine's own stays out of it; and an empty machine-id would make every boot a first one,
# which enables whatever the presets name.
rm -rf "$root/var/lib/intentd" "$root/var/log/intentd" "$root"/etc/systemd/system/intentd*
rm -f "$root/usr/sbin/policy-rc.d" "$root/etc/machine-id"
tr -d - </proc/sys/kernel/random/uuid >"$root/etc/machine-id"
if [ -n "$tree" ]; then
    SYSTEMD_LOG_LEVEL=warning systemd-sysusers --root="$root" intentd.conf
    systemctl --root="$root" --quiet enable intentd.socket
fi
if [ -n "$bin" ]; then
    for name in intentd intentctl; do
        [ -e "$root/usr/bin/$name" ] || { mkdir -p "$root/usr/bin" && : >"$root/usr/bin/$name"; }
        mount --bind "$bin/$name" "$root/usr/bin/$name"
    done
fi

script=$1
shift
{
    printf '#!/bin/bash\n'
    [ -z "$testnet" ] || printf 'ip address add 192.0.2.1/32 dev lo\n'
    for variable in "${variables[@]}"; do printf 'export %s=%q\n' "${variable%%=*}" "${variable#*=}"; done
    printf 'cd /root && exec %q' "/scenario/$(basename "$script")"
    [ $# = 0 ] || printf ' %q' "$@"
    printf '\n'
} >"$box/out/run"
folder=$(cd "$(dirname "$script")" && pwd)
mkdir "$root/scenario"
mount --bind -o ro "$folder" "$root/scenario"
chmod 0755 "$box/out/run"
cat >"$root/etc/systemd/system/box.service" <<'UNIT'
[Unit]
Requires=dbus.socket
After=basic.target dbus.socket
[Service]
Type=oneshot
Environment=HOME=/root LANG=C.UTF-8
ExecStart=/out/run
ExecStopPost=/bin/sh -c 'echo "$EXIT_STATUS" >/out/status; systemctl exit 0'
TimeoutStartSec=infinity
StandardOutput=file:/out/stdout
StandardError=file:/out/stderr
UNIT
cat >"$root/etc/systemd/system/box.target" <<'UNIT'
[Unit]
Requires=basic.target box.service
After=basic.target
AllowIsolate=yes
UNIT
: >"$box/out/stdout"
: >"$box/out/stderr"

# IPAddressDeny= is a program of the kernel's that PID 1 attaches: without these rights it is silently none.
status=0
timeout --foreground --signal=KILL "$limit" systemd-nspawn --quiet --directory="$root" --machine=intentd-box --boot --register=no \
    --keep-unit --private-network --capability=all --system-call-filter=bpf --link-journal=no \
    --bind="$box/out:/out" "${binds[@]}" --console=pipe systemd.unit=box.target \
    </dev/null >"$box/console" 2>&1 || status=$?
cat "$box/out/stdout"
cat "$box/out/stderr" >&2
if [ -s "$box/out/status" ]; then
    exit "$(cat "$box/out/status")"
elif [ "$status" = 137 ]; then
    echo "box.sh: ended after $limit s" >&2
    exit 124
fi
echo "box.sh: the box did not boot, or ended before its script; nspawn's status was $status, and its last words:" >&2
tail -n 20 "$box/console" >&2
exit 125
