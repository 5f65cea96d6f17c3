#!/bin/bash
# The daemon beside what people use for the same: scikit-learn and fastText as classifiers, a FastAPI server around the
# model; all trained on the same rows, asked the same texts by the same program, one after the other in one run.
# docs/benchmarks.md says how to read it.
#
#   DATA=FILE      rows of your own (text, intent, split) instead of the bundled ones
#   PARTS="…"      classify serve, both by default
#   BIN=FOLDER     built programs to measure, instead of building them
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/bench-common.sh
seconds=4
right="2 3 4 5 6 7 8 9"
classifier_widths=(42 9 9 9 11 10 10 10 10)
server_widths=(58 6 10 11 11 11 11 9)

python=.build-peers/bin/python
if ! cmp -s Benchmarks/peers/requirements.txt .build-peers/installed; then
    say "the peers are installed into .build-peers with pip"
    rm -rf .build-peers
    python3 -m venv .build-peers
    "$python" -m pip install -q -r Benchmarks/peers/requirements.txt >&2
    cp Benchmarks/peers/requirements.txt .build-peers/installed
fi
prepare_root
rows=$root/data/intents.csv
mkdir "$root/peers"
# Trains a peer, and leaves its model in $root/peers/KIND and the report in KIND.train.
train_peer() {
    [ ! -f "$root/peers/$1.train" ] || return 0
    say "$1 is trained"
    "$load" exec --runs 1 --json -- "$python" Benchmarks/peers/train.py "$1" "$rows" "$root/peers/$1" \
        >"$root/peers/$1.train"
}
train_own() {
    [ ! -d "$root/version" ] || return 0
    say "intentd is trained"
    "$load" exec --runs 1 --json -- "$bin/intentd" train --data "$rows" --out "$root/version" >"$root/peers/own.train"
}

# classifier WHAT TRAIN-REPORT ACCURACY P50-µs P99-µs RSS-kB BYTES
classifier() {
    local widths=("${classifier_widths[@]}")
    line "$1" "$(show "$3" 2) %" "$(show "$(member mean_us <"$2") / 1000000" 2) s" "$(member cpu_s <"$2") s" \
        "$(mib "$(member peak_kb <"$2")") MiB" "$(show "$4" 1) µs" "$(show "$5" 1) µs" "${6:+$(mib "$6") MiB}" \
        "$(mib "$7 / 1024") MiB" >>"$root/classifiers"
}

part_classify() {
    local kind report accuracy p50 p99
    train_own
    accuracy=$("$bin/intentd" evaluate --model "$root/version" --data "$rows" --json | member accuracy)
    say "intentd classifies"
    "$bin/intentd-bench" "$rows" >"$root/inprocess"
    p50=$(sed -nE 's/.*classify one text +p50 ([0-9.]+) µs, p99 ([0-9.]+).*/\1/p' "$root/inprocess")
    p99=$(sed -nE 's/.*classify one text +p50 ([0-9.]+) µs, p99 ([0-9.]+).*/\2/p' "$root/inprocess")
    start_daemon
    "$load" run --socket "$socket" --texts "$rows" --requests 5000 --json >/dev/null
    classifier "intentd (the whole daemon's memory)" "$root/peers/own.train" "$accuracy * 100" "$p50" "$p99" \
        "$("$load" memory --pid "$daemon" --json | member rss_kb)" "$(stat -c %s "$root/version/model.safetensors")"
    stop_daemon
    for kind in plain words+chars fasttext; do
        train_peer "$kind"
        say "$kind classifies"
        report=$("$python" Benchmarks/peers/measure.py "$kind" "$rows" "$root/peers/$kind")
        case $kind in
        plain) name="scikit-learn, as introductions write it" ;;
        words+chars) name="scikit-learn, words and characters" ;;
        fasttext) name="fastText, words and characters" ;;
        esac
        classifier "$name" "$root/peers/$kind.train" "$(member accuracy <<<"$report")" "$(member p50_us <<<"$report")" \
            "$(member p99_us <<<"$report")" "$(member rss_kb <<<"$report")" "$(member model_bytes <<<"$report")"
    done
}

# server WHAT SOCKET PID START-REPORT LOAD-OPTION…
server() {
    local what=$1 where=$2 pid=$3 start=$4 connections report widths=("${server_widths[@]}")
    shift 4
    for connections in 1 8 64; do
        say "$what, $connections connections"
        report=$("$load" run --socket "$where" --texts "$rows" --pid "$pid" --json --warmup 300 --seconds "$seconds" \
            --connections "$connections" "$@")
        line "$what" "$connections" "$(member rate <<<"$report") /s" "$(show "$(member p50_us <<<"$report") / 1000" 3) ms" \
            "$(show "$(member p99_us <<<"$report") / 1000" 3) ms" "$(show "$(member server_cpu_us_each <<<"$report")" 1) µs" \
            "$(mib "$(member rss_kb <<<"$report")") MiB" "$(show "$(member p50_us <<<"$start") / 1000" 0) ms" \
            >>"$root/servers"
    done
}

part_serve() {
    local start uvicorn
    start_daemon
    stop_daemon
    say "intentd starts"
    start=$("$load" start --runs 5 --json --socket "$socket" -- "$bin/intentd" serve --root "$root")
    start_daemon
    server "intentd" "$socket" "$daemon" "$start" --method chat --mode local
    stop_daemon
    train_peer plain
    export MODEL=$root/peers/plain LOG=$root/peers/log
    uvicorn=("$python" -m uvicorn --app-dir Benchmarks/peers --uds "$root/peers/socket" --log-level warning
        --no-access-log server:app)
    say "FastAPI starts"
    start=$("$load" start --runs 3 --json --http --socket "$root/peers/socket" -- "${uvicorn[@]}")
    rm -f "$root/peers/socket"
    "${uvicorn[@]}" >&2 &
    # The clean-up ends it as it would end the daemon.
    daemon=$!
    for _ in $(seq 600); do [ ! -S "$root/peers/socket" ] || break; sleep 0.1; done
    server "FastAPI, uvicorn, scikit-learn as introductions write it" "$root/peers/socket" "$daemon" "$start" --http
    stop_daemon
}

for part in ${PARTS:-classify serve}; do
    declare -F "part_$part" >/dev/null || { echo "There is no part $part." >&2; exit 2; }
    "part_$part"
done

describe_run "servers and the load" "$rows"
if [ -f "$root/classifiers" ]; then
    widths=("${classifier_widths[@]}")
    line classifier accuracy training "CPU time" "its peak" p50 p99 resident model
    cat "$root/classifiers"
fi
if [ -f "$root/servers" ]; then
    widths=("${server_widths[@]}")
    [ ! -f "$root/classifiers" ] || printf '\n'
    line "server, Unix socket, one request in flight each" conns rate p50 p99 "CPU each" resident start
    cat "$root/servers"
fi
