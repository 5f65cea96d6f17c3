#!/bin/bash
# Runs what the documentation tells people to type, and checks its tables against the program.
#
#   scripts/docs-test.sh BIN        BIN holds intentd and intentctl
#
# Blocks marked ```sh run in order; every page has a folder and a daemon of its own, begun as `make run` begins it. A
# block under `<!-- not run: REASON -->` is left out. Output that a page shows is not compared.
set -euo pipefail
bin=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
checkout=$PWD
pages=(README.md docs/*.md)
work=$(mktemp -d "${TMPDIR:-/tmp}/intentd docs.XXXXXX")
daemon=
# Seconds. A start or a block takes a small part of it, also on a machine that has other things to do: only what hangs
# reaches it.
patience=900
ran=0
skipped=0

stop_daemon() {
    [ -n "$daemon" ] || return 0
    kill "$daemon" 2>/dev/null || true
    wait "$daemon" 2>/dev/null || true
    daemon=
}
cleanup() {
    stop_daemon
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

# start_daemon ROOT
start_daemon() {
    (cd "$1" && exec "$bin/intentd" serve 2>daemon.log) &
    daemon=$!
    local end=$((SECONDS + patience))
    while [ $SECONDS -lt $end ]; do
        [ ! -S "$1/run/intentd.sock" ] || return 0
        kill -0 "$daemon" 2>/dev/null || break
        sleep 0.05
    done
    fail "The daemon does not answer: $(cat "$1/daemon.log")"
}

# Writes each block of PAGE to FOLDER/LINE.sh, or LINE.skip with the reason, and prints LINE and kind.
blocks() {
    awk -v folder="$2" '
        !inside && /^<!-- not run: .* -->$/ { reason = substr($0, 15, length($0) - 18); next }
        !inside && /^```sh$/ {
            inside = 1; line = FNR; kind = reason == "" ? "sh" : "skip"
            file = sprintf("%s/%06d.%s", folder, line, kind)
            printf "%s", (reason == "" ? "" : reason "\n") > file
            print line, kind; next
        }
        inside && /^```$/ { inside = 0; reason = ""; close(file); next }
        inside && kind == "sh" { print > file }
        !inside { reason = "" }
        END { if (inside) exit 1 }' "$1"
}

# `make demo` is the demo with the binaries that are at hand.
prelude='make() { [ "$*" = demo ] || { echo "make $* is not run here" >&2; return 1; }; (cd "$CHECKOUT" && scripts/demo.sh "$BIN"); }'

# run_page PAGE ROOT
run_page() {
    local page=$1 root=$2 line kind script status blocks
    mkdir -p "$root/blocks"
    blocks=$(blocks "$page" "$root/blocks") || fail "$page: a code block is never closed"
    while read -r line kind; do
        [ -n "$line" ] || continue
        script=$(printf '%s/blocks/%06d.%s' "$root" "$line" "$kind")
        if [ "$kind" = skip ]; then
            printf '%s:%s: not run: %s\n' "$page" "$line" "$(cat "$script")"
            skipped=$((skipped + 1))
            continue
        fi
        { printf '%s\n' "$prelude" && cat "$script"; } >"$script.run"
        status=0
        (cd "$root" && exec env -u NO_COLOR PATH="$bin:$PATH" BIN="$bin" CHECKOUT="$checkout" \
            INTENTD_SOCKET=run/intentd.sock timeout "$patience" bash -eu -o pipefail "$script.run") \
            </dev/null >"$root/output" 2>&1 || status=$?
        if [ "$status" != 0 ]; then
            printf '%s:%s: this block ended with status %s:\n\n' "$page" "$line" "$status" >&2
            sed 's/^/    /' "$script" >&2
            printf '\nIt said:\n\n' >&2
            sed 's/^/    /' "$root/output" >&2
            exit 1
        fi
        ran=$((ran + 1))
    done <<<"$blocks"
}

# The links of PAGE that are no addresses: the file must be there, and the heading in it.
check_links() {
    local page=$1 line target file anchor
    while IFS=$'\t' read -r line target; do
        [ -n "$target" ] || continue
        file=${target%%#*}
        anchor=
        case $target in *'#'*) anchor=${target#*#} ;; esac
        if [ -n "$file" ]; then file=$(dirname "$page")/$file; else file=$page; fi
        [ -e "$file" ] || fail "$page:$line: the link $target points to nothing"
        [ -z "$anchor" ] || headings "$file" | grep -qxF -- "$anchor" ||
            fail "$page:$line: the link $target names a heading that is not there"
    done < <(awk '
        /^```/ { inside = !inside }
        !inside {
            rest = $0
            while (match(rest, /\]\([^)]*\)/)) {
                target = substr(rest, RSTART + 2, RLENGTH - 3)
                if (target !~ /^[a-z]+:/) print FNR "\t" target
                rest = substr(rest, RSTART + RLENGTH)
            }
        }' "$page")
}

headings() {
    awk '/^```/ { inside = !inside } !inside && /^#+ / { sub(/^#+ +/, ""); print }' "$1" |
        tr '[:upper:]' '[:lower:]' | sed -E 's/[^a-z0-9 _-]//g; s/ /-/g'
}

# has_row PAGE CELL...: a table row of PAGE begins with these cells.
has_row() {
    local page=$1 row='|' cell
    shift
    for cell in "$@"; do row+=" $cell |"; done
    awk -v row="$row" 'index($0, row) == 1 { found = 1 } END { exit !found }' "$page"
}

check_configuration() {
    local key value count=0
    while IFS=$'\t' read -r key value; do
        count=$((count + 1))
        has_row docs/configuration.md "\`$key\`" "\`$value\`" ||
            fail "docs/configuration.md: no row for $key with its default $value, which deploy/intentd.yaml has"
    done < <(awk '
        /^[a-z_]+:/ { section = $1; sub(/:.*/, "", section) }
        /^  [a-z_]+:/ {
            key = $1; sub(/:.*/, "", key)
            value = $0; sub(/^  [a-z_]+: */, "", value)
            sub(/ +#.*$/, "", value)
            print section "." key "\t" value
        }' deploy/intentd.yaml)
    [ "$count" -gt 0 ] || fail "deploy/intentd.yaml: no keys were found"
}

# The method table and the table of errors, against what the daemon says of itself.
check_protocol() {
    local discovered method role code reason count=0
    discovered=$(printf '%s\n' '{"jsonrpc":"2.0","id":1,"method":"rpc.discover"}' | (cd "$1" && nc -N -U run/intentd.sock))
    while read -r method role; do
        count=$((count + 1))
        has_row docs/protocol.md "\`$method\`" "$role" ||
            fail "docs/protocol.md: no row for the method $method with its role $role"
    done < <(paste -d ' ' \
        <(grep -oE '"name":"[a-z._]+","summary":"[^"]*","paramStructure"' <<<"$discovered" | cut -d '"' -f 4) \
        <(grep -oE '"x-role":"[a-z]+"' <<<"$discovered" | cut -d '"' -f 4))
    [ "$count" -gt 0 ] || fail "rpc.discover named no methods"
    while IFS=: read -r reason code; do
        has_row docs/protocol.md "$code" "\`$reason\`" ||
            fail "docs/protocol.md: no row for the error $code with its reason $reason"
    done < <(grep -oE '"[a-z_]+":\{"code":-[0-9]+' <<<"$discovered" | sed -E 's/^"([a-z_]+)":\{"code":/\1:/')
}

for page in "${pages[@]}"; do check_links "$page"; done
for page in docs/*.md; do
    grep -qE "[ :]${page#docs/}\$" mkdocs.yml || fail "mkdocs.yml does not name ${page#docs/}"
done
check_configuration

# The first model is trained once; every page begins with a copy of it.
seed="$work/seed"
mkdir -p "$seed/data" "$seed/deploy"
cp data/intents.yaml data/golden.csv data/behaviour.yaml "$seed/data/"
cp deploy/intentd.yaml "$seed/deploy/"
start_daemon "$seed"
check_protocol "$seed"
stop_daemon

for page in "${pages[@]}"; do
    grep -qx '```sh' "$page" || continue
    root="$work/$(basename "$page" .md)"
    cp -R "$seed" "$root"
    start_daemon "$root"
    run_page "$page" "$root"
    stop_daemon
done
echo "documentation: $ran command blocks ran, $skipped not run"
