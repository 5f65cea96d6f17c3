# What every scenario needs; to be sourced. It runs as root in a box in which intentd is installed.
set -euo pipefail
rpc=/scenario/rpc.py
# Seconds. Whatever is waited for takes a small part of it, also on a machine that has other things to do: only what hangs
# reaches it.
patience=120

fail() {
    printf 'FAILED: %s\n' "$*" >&2
    systemctl --no-pager --lines=0 status intentd.service intentd.socket >&2 || true
    journalctl --no-pager -o short-monotonic -n 60 >&2 || true
    exit 1
}

# check WHAT COMMAND...: COMMAND must succeed.
check() {
    local what=$1
    shift
    "$@" || fail "$what"
}

# refuse WHAT COMMAND...: COMMAND must fail.
refuse() {
    local what=$1
    shift
    ! "$@" || fail "$what"
}

# soon WHAT COMMAND...: COMMAND must succeed at some time.
soon() {
    local what=$1 end=$((SECONDS + patience))
    shift
    while [ $SECONDS -lt $end ]; do
        ! "$@" >/dev/null 2>&1 || return 0
        sleep 0.05
    done
    fail "$what (not within $patience s)"
}

property() { systemctl show -P "$1" "${2:-intentd.service}"; }
is() { [ "$(property "$1" "${3:-intentd.service}")" = "$2" ]; }

# journal MATCH...: what the unit said, without a pager. The journal is written to beside us.
journal() {
    journalctl --sync
    journalctl --no-pager -q -u intentd.service "$@"
}
said() { journal -o cat | grep -qF -- "$1"; }

# drop_in NAME: the lines on standard input are added to the unit, or taken away if there are none.
drop_in() {
    local folder=/etc/systemd/system/intentd.service.d
    mkdir -p "$folder"
    cat >"$folder/$1.conf"
    [ -s "$folder/$1.conf" ] || rm "$folder/$1.conf"
    systemctl daemon-reload
}

# A model that is there already, in place of the first training.
bring_model() {
    systemd-tmpfiles --create intentd.conf
    cp -R /seed/models /seed/data /var/lib/intentd/
    chown -R intentd:intentd /var/lib/intentd
}
answers() { [ "$(intentctl predict "where is my parcel" --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["predictions"][0]["intent"])')" = order_status ]; }
