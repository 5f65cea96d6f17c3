# Sourced by bench.sh and bench-peers.sh from the checkout: builds what is measured, makes a folder for a daemon, starts
# and stops it, and has the small tools for figures.
set -euo pipefail
# A point in every number, and columns counted in characters.
export LC_ALL=C.UTF-8

case ${DATA:-} in '' | /*) data=${DATA:-} ;; *) data=$PWD/$DATA ;; esac

options=(-c release --static-swift-stdlib --scratch-path .build-release)
products=(intentd-load)
[ -n "${BIN:-}" ] || products+=(intentd intentctl intentd-bench)
for product in "${products[@]}"; do swift build "${options[@]}" --product "$product" >&2; done
built=$(swift build "${options[@]}" --show-bin-path)
load=$built/intentd-load
bin=$built
[ -z "${BIN:-}" ] || bin=$(cd "$BIN" && pwd)

root=$(mktemp -d "${TMPDIR:-/tmp}/intentd-bench.XXXXXX")
socket=$root/run/intentd.sock
daemon=
stop_daemon() {
    [ -n "$daemon" ] || return 0
    kill "$daemon" 2>/dev/null || true
    wait "$daemon" 2>/dev/null || true
    daemon=
    # The log grows by a gigabyte in a minute; what was measured does not need it any more.
    rm -f "$root"/logs/*
}
cleanup() {
    stop_daemon
    rm -rf "$root"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

say() { printf '  … %s\n' "$*" >&2; }
# The value of a member of a JSON object, the first of that name.
member() { grep -oE "\"$1\":(\"[^\"]*\"|[^,}]*)" | head -n 1 | sed -E 's/^"[^"]*"://; s/^"//; s/"$//'; }
calc() { awk "BEGIN { print ($1) }"; }
show() { awk "BEGIN { printf \"%.$2f\", ($1) }"; }
mib() { show "($1) / 1024" 1; }
median() { sort -g | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'; }

# line CELL…: columns as wide as `widths` says, by hand, because printf counts bytes; `right` names those that are
# aligned to the right.
line() {
    local text='' cell width index=0
    for cell in "$@"; do
        width=$((widths[index++] - ${#cell}))
        case " $right " in
        *" $index "*) printf -v cell '%*s%s' $((width > 0 ? width : 0)) '' "$cell" ;;
        *) printf -v cell '%s%*s' "$cell" $((width > 0 ? width : 0)) '' ;;
        esac
        text+="$cell  "
    done
    sed 's/ *$//' <<<"$text"
}

start_daemon() {
    "$bin/intentd" serve --root "$root" >"$root/daemon.log" 2>&1 &
    daemon=$!
    for _ in $(seq 1200); do
        if [ -S "$socket" ]; then return 0; fi
        kill -0 "$daemon" 2>/dev/null || break
        sleep 0.05
    done
    cat "$root/daemon.log" >&2
    echo "The daemon does not answer." >&2
    exit 1
}

prepare_root() {
    mkdir "$root/data" "$root/deploy"
    cat >"$root/deploy/intentd.yaml" <<'YAML'
limits: { connections: 20000, connections_per_uid: 20000 }
llm: { backend: off }
training: { watch: 0 }
YAML
    if [ -n "$data" ]; then
        "$bin/intentd" prepare --root "$root" --from "$data" >/dev/null
    else
        cp data/intents.yaml data/golden.csv data/behaviour.yaml "$root/data/"
        "$bin/intentd" prepare --root "$root" >/dev/null
    fi
}

# What everybody shares: without it no figure means anything. describe_run WHO ROWS
describe_run() {
    printf '\n%s processors (%s), shared by %s.\n' "$(nproc)" \
        "$(sed -nE 's/^model name\s*: //p' /proc/cpuinfo | head -n 1)" "$1"
    printf 'Other work when it began: %s of a processor. Data: %s, %s rows.\n\n' "$others" "${DATA:-bundled}" \
        "$(($(wc -l <"$2") - 1))"
}
# Of one second, the share in which the processors were not idle, summed over them; nothing of ours runs yet.
others=$({
    grep '^cpu ' /proc/stat
    sleep 1
    grep '^cpu ' /proc/stat
} | awk -v processors="$(nproc)" '
    { total = 0; for (i = 2; i <= NF; i++) total += $i; idle = $5 + $6
      if (NR == 2) printf "%.2f", processors * (1 - (idle - before) / (total - all)); before = idle; all = total }')
