#!/bin/bash
# Whole processes, end to end: the daemon as it is shipped, in a folder of its own, under load from another process.
# Every figure stands beside a yardstick of the same minute, because machines differ and ratios travel.
# docs/benchmarks.md says how to read it.
#
#   DATA=FILE      rows of your own (text, intent, split) instead of the bundled ones
#   PARTS="…"      latency rate pace llm retrain memory swaps start train classify claims million flood deaf idle soak,
#                  all but claims, million and soak by default; quick: a little of each within 20 seconds
#   RETRAINS=60    how many for the part memory
#   SWAPS=1000     how many for the part swaps
#   SEEDS=200      runs of each shape for the part claims; with DATA, draws from it (20)
#   ROWS=1000000   different rows for the part million
#   SOAK=10000000  requests of the part soak; naming it adds the part
#   BIN=FOLDER     built programs to measure, instead of building them
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/bench-common.sh
widths=(58 13 30 9 20 0)
right="2 4"

seconds=2
connections=10000
parts=${PARTS:-latency rate pace llm retrain memory swaps start train classify flood deaf idle}
retrains=${RETRAINS:-60}
swaps=${SWAPS:-1000}
starts=11
if [ "$parts" = quick ]; then
    starts=3
    seconds=0.5
    connections=1000
    parts="latency rate pace start flood idle"
fi
[ -z "${SOAK:-}" ] || [[ " $parts " == *" soak "* ]] || parts+=" soak"

# row WHAT FIGURE UNIT YARDSTICK RATIO GOAL HOLDS: HOLDS is an awk condition, or nothing where there is no goal.
row() {
    local verdict=
    if [ -n "$7" ]; then if awk "BEGIN { exit !($7) }"; then verdict=yes; else verdict=NO; fi; fi
    line "$1" "$2 $3" "$4" "$5" "$6" "$verdict" >>"$root/table"
}

fresh_daemon() {
    stop_daemon
    start_daemon
    ask --requests 2000 >/dev/null
}
# ask OPTION…: predict or, with --method, something else; the texts are the test rows.
ask() {
    local report status=0
    report=$("$load" run --socket "$socket" --texts "$root/data/intents.csv" --pid "$daemon" --json "$@") || status=$?
    if [ "$status" != 0 ]; then
        echo "Not every request had its result: $report" >&2
        return 1
    fi
    printf '%s\n' "$report"
}
chat() { ask --method chat --mode local --warmup 2000 "$@"; }
# The yardstick with the sizes of the run whose report is given.
raw() {
    "$load" pingpong --json --seconds "$seconds" --request-bytes "$(member request_bytes <<<"$1")" \
        --answer-bytes "$(member answer_bytes <<<"$1")"
}
# Three rounds of a run and its yardstick, turn about; `middle` is the median over the rounds of one of their figures.
rounds() {
    local report round
    : >"$root/reports"
    : >"$root/yardsticks"
    for round in 1 2 3; do
        report=$("$@")
        printf '%s\n' "$report" >>"$root/reports"
        raw "$report" >>"$root/yardsticks"
    done
}
middle() { while IFS= read -r report; do member "$2" <<<"$report"; done <"$root/$1" | median; }
resident() { "$load" memory --pid "$daemon" --json | member rss_kb; }

part_latency() {
    local p50 p99 raw50
    rounds ask --seconds "$seconds" --warmup 500
    p50=$(middle reports p50_us); p99=$(middle reports p99_us); raw50=$(middle yardsticks p50_us)
    row "predict, one connection: round trip, p50" "$(show "$p50" 1)" µs "raw $(show "$raw50" 1) µs" \
        "$(show "$p50 / $raw50" 2) ×" "≤ 4 × raw" "$p50 <= 4 * $raw50"
    row "  p99" "$(show "$p99" 1)" µs "raw p99 $(show "$(middle yardsticks p99_us)" 1) µs" \
        "$(show "$p99 / $(middle yardsticks p99_us)" 2) ×" "" ""
    row "  processor time of the daemon for each" "$(middle reports server_cpu_us_each)" µs "" "" "" ""
}

part_rate() {
    local rate raw_rate connections goal p99 raw99
    rounds chat --connections 8 --in-flight 16 --seconds "$seconds"
    rate=$(middle reports rate); raw_rate=$(middle yardsticks rate)
    row "chat, local, 8 connections, 16 in flight each, logged" "$rate" /s "raw $raw_rate /s, one by one" \
        "$(show "$rate / $raw_rate" 2) ×" "≥ 50000 /s" "$rate >= 50000"
    row "  processor time of the daemon for each" "$(middle reports server_cpu_us_each)" µs "" "" "" ""
    for connections in 8 64; do
        goal=1000
        [ "$connections" = 8 ] || goal=5000
        rounds chat --connections "$connections" --in-flight 1 --seconds "$seconds"
        p99=$(middle reports p99_us); raw99=$(middle yardsticks p99_us)
        row "chat, local, $connections connections, one in flight each: p99" "$(show "$p99" 0)" µs \
            "raw p99 $(show "$raw99" 0) µs" "$(show "$p99 / $raw99" 1) ×" "≤ $((goal / 1000)) ms" "$p99 <= $goal"
        row "  rate" "$(middle reports rate)" /s "raw $(middle yardsticks rate) /s" \
            "$(show "$(middle reports rate) / $(middle yardsticks rate)" 2) ×" "" ""
    done
}

part_pace() {
    local report rate=5000
    report=$(chat --connections 64 --in-flight 16 --rate "$rate" --seconds "$seconds")
    row "chat at $rate /s, timed from when each was due: p50" "$(show "$(member p50_us <<<"$report")" 0)" µs "" "" "" ""
    row "  p99" "$(show "$(member p99_us <<<"$report")" 0)" µs "" "" "" ""
}

# llm_is KEYS: the rest of the configuration stays.
llm_is() {
    sed -i "s|^llm: .*|llm: { $1 }|" "$root/deploy/intentd.yaml"
    "$bin/intentctl" reload --socket "$socket" >/dev/null
}

# Local answers while others ask an LLM that is away, silent, or talking: against the same without one, turn about.
part_llm() {
    local silent round state mute asking keys report
    python3 - "$root/mute.sock" <<'PYTHON' &
import socket, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen(128)
kept = []
while True:
    kept.append(listener.accept()[0])
PYTHON
    mute=$!
    silent="http+unix://$(sed 's|/|%2F|g' <<<"$root/mute.sock")"
    local -A llm=(
        [off]="backend: off"
        [away]="backend: ollama, url: \"http+unix://%2Fnowhere\""
        [silent]="backend: openai, url: \"$silent\", max_in_flight: 64, max_queued: 1024"
        [talking]="backend: standin, max_in_flight: 64, max_queued: 1024"
    )
    for state in "${!llm[@]}"; do : >"$root/llm-$state"; done
    for round in 1 2 3; do
        for state in off away silent talking; do
            llm_is "${llm[$state]}"
            asking=
            if [ "$state" != off ]; then
                "$load" run --socket "$socket" --texts "$root/data/intents.csv" --method chat --mode llm --json \
                    --connections 8 --rate 100 --seconds "$(calc "$seconds + 1")" >/dev/null 2>&1 &
                asking=$!
                sleep 0.3
            fi
            chat --seconds "$seconds" >>"$root/llm-$state"
            # What still waits for the LLM gets its answer with the change of its settings, or is left.
            [ -z "$asking" ] || { kill "$asking" 2>/dev/null; wait "$asking" 2>/dev/null || true; }
        done
    done
    kill "$mute"; wait "$mute" 2>/dev/null || true
    llm_is "${llm[off]}"
    local off50 off99 p50
    off50=$(middle llm-off p50_us); off99=$(middle llm-off p99_us)
    for state in away silent talking; do
        p50=$(middle "llm-$state" p50_us)
        row "chat, local, 100 a second ask an LLM that is $state: p50" "$(show "$p50" 1)" µs \
            "off $(show "$off50" 1) µs" "$(show "$p50 / $off50" 2) ×" "≤ 1.1 × off" "$p50 <= 1.1 * $off50"
        row "  p99" "$(show "$(middle "llm-$state" p99_us)" 1)" µs "off $(show "$off99" 1) µs" \
            "$(show "$(middle "llm-$state" p99_us) / $off99" 2) ×" "" ""
    done
}

# stall SOCKET OPTION…: one connection, one question after the other.
stall() {
    local socket=$1
    shift
    "$load" stall --socket "$socket" --texts "$root/data/intents.csv" --json "$@"
}
# Exit code 6 is a version that the gate refused: trained and measured all the same.
retrain() { teach; "$bin/intentctl" retrain --wait --socket "$socket" "$@" || [ $? = 6 ]; }
# Something that nobody has said: the same data would make the same version, and no other one would serve.
teach() {
    "$bin/intentctl" feedback --socket "$socket" --text "the parcel is late, number $(date +%N)" --intent order_status --new-intent \
        >/dev/null
}

# The yardstick of the part retrain: a process that only echoes, beside the same training of the same rows.
echo_while_training() {
    local echo
    rm -rf "$root/echo-version"
    "$load" echo --socket "$root/echo.sock" --answer-bytes "$1" &
    echo=$!
    for _ in $(seq 100); do [ ! -S "$root/echo.sock" ] || break; sleep 0.05; done
    stall "$root/echo.sock" -- "$bin/intentd" train --nice 19 --progress none --data "$root/data/intents.csv" \
        --out "$root/echo-version"
    kill "$echo"
    wait "$echo" 2>/dev/null || true
    rm -f "$root/echo.sock"
}

part_retrain() {
    local busy quiet99 busy99 waits echo_waits
    fresh_daemon
    for name in quiet busy echo; do : >"$root/$name"; done
    for _ in 1 2 3; do
        stall "$socket" --seconds "$seconds" >>"$root/quiet"
        teach
        busy=$(stall "$socket" -- "$bin/intentctl" retrain --wait --socket "$socket")
        case $(member command_status <<<"$busy") in
        0 | 6) ;;
        *) echo "The retraining failed: $(cat "$root/daemon.log")" >&2; exit 1 ;;
        esac
        printf '%s\n' "$busy" >>"$root/busy"
        echo_while_training "$(member answer_bytes <<<"$busy")" >>"$root/echo"
    done
    quiet99=$(middle quiet p99_us); busy99=$(middle busy p99_us)
    row "predict while retraining ($(show "$(middle busy seconds)" 1) s): p99" "$(show "$busy99" 0)" µs \
        "quiet p99 $(show "$quiet99" 0) µs" "$(show "$busy99 / $quiet99" 2) ×" "≤ 3 × quiet" "$busy99 <= 3 * $quiet99"
    # One wait is one throw of the scheduler's dice: the middle of three is compared with the middle of three.
    waits=$(each busy max_us); echo_waits=$(each echo max_us)
    row "  longest wait, in each of three" "$(in_ms $waits)" ms "echo $(in_ms $echo_waits) ms" "" \
        "middle ≤ 5 ms or echo's + 2" "$(middle busy max_us) <= 5000 || $(middle busy max_us) <= $(middle echo max_us) + 2000"
    row "  waits over 5 ms, in each" "$(echo $(each busy over_5ms))" "" "echo $(echo $(each echo over_5ms))" "" "" ""
}
each() { while IFS= read -r report; do member "$2" <<<"$report"; done <"$root/$1"; }
in_ms() { printf '%s\n' "$@" | awk '{ printf("%s%.1f", (NR > 1 ? " " : ""), $1 / 1000) }'; }

# steady FILE: whether sizes in KiB, one a line, stay where they are: their band, and whether the last are above the first.
# Those before the sixth are left out of the comparison, because what is used for the first time comes with them.
steady() {
    local count band first last
    count=$(wc -l <"$1")
    [ "$count" -ge 25 ] || return 0
    band=$(sort -g "$1" | awk 'NR == 1 { least = $1 } END { print $1 - least }')
    row "  from the least to the most" "$(mib "$band")" MiB "" "" "≤ 8 MiB" "$band <= 8192"
    first=$(mean "$1" 6 15)
    last=$(mean "$1" $((count - 9)) "$count")
    row "  the last ten, mean" "$(mib "$last")" MiB "$(mib "$first") MiB the 6th to 15th" "" "+ 1 MiB" \
        "$last <= $first + 1024"
}
mean() { sed -n "$2,$3p" "$1" | awk '{ sum += $1 } END { print sum / NR }'; }

part_memory() {
    local size base once many round
    fresh_daemon
    size=$(stat -L -c %s "$root/models/aliases/champion/model.safetensors")
    base=$(resident)
    row "resident with the model" "$(mib "$base")" MiB "model file $(mib "$size / 1024") MiB" \
        "$(show "$base * 1024 / $size" 2) ×" "≤ 100 MiB" "$base <= 100 * 1024"
    : >"$root/sizes"
    for round in $(seq "$retrains"); do
        retrain >/dev/null 2>&1
        ask --requests 2000 >/dev/null
        resident >>"$root/sizes"
    done
    [ "$retrains" -gt 0 ] || return 0
    once=$(head -n 1 "$root/sizes"); many=$(tail -n 1 "$root/sizes")
    row "  after 1 retrain" "$(mib "$once")" MiB "$(mib "$base") MiB before" \
        "$(show "$once / $base" 2) ×" "≤ 100 MiB" "$once <= 100 * 1024"
    [ "$retrains" -eq 1 ] ||
        row "  after $retrains retrains" "$(mib "$many")" MiB "$(mib "$once") MiB after 1" "" "" ""
    steady "$root/sizes"
    # A new champion that is watched has the one before beside it.
    sed -i 's|^training: .*|training: { watch: 1000000 }|' "$root/deploy/intentd.yaml"
    "$bin/intentctl" reload --socket "$socket" >/dev/null
    retrain >/dev/null 2>&1
    ask --requests 2000 >/dev/null
    row "  while a new version is watched" "$(mib "$(resident)")" MiB "$(mib "$many") MiB before" \
        "$(show "$(resident) / $many" 2) ×" "" ""
    sed -i 's|^training: .*|training: { watch: 0 }|' "$root/deploy/intentd.yaml"
    "$bin/intentctl" reload --socket "$socket" >/dev/null
}

# One version after the other serves: promoted, and rolled back from.
part_swaps() {
    local champion candidate
    fresh_daemon
    champion=$("$bin/intentctl" status --json --socket "$socket" | member champion)
    candidate=$(retrain --json 2>/dev/null | member candidate)
    [ "$("$bin/intentctl" status --json --socket "$socket" | member champion)" = "$champion" ] || candidate=$champion
    : >"$root/sizes"
    for _ in $(seq $((swaps / 2))); do
        "$bin/intentctl" promote "$candidate" --force --socket "$socket" >/dev/null
        resident >>"$root/sizes"
        "$bin/intentctl" rollback --socket "$socket" >/dev/null
        resident >>"$root/sizes"
    done
    # What was rolled back from would keep later parts from promoting the same bytes.
    "$bin/intentctl" promote "$candidate" --force --socket "$socket" >/dev/null
    [ "$swaps" -gt 1 ] || return 0
    row "after $swaps swaps by promote and rollback" "$(mib "$(tail -n 1 "$root/sizes")")" MiB \
        "$(mib "$(head -n 1 "$root/sizes")") MiB after 1" "" "" ""
    steady "$root/sizes"
}

part_start() {
    local report yardstick p50 raw50
    stop_daemon
    report=$("$load" start --runs "$starts" --json --socket "$socket" --texts "$root/data/intents.csv" -- \
        "$bin/intentd" serve --root "$root")
    yardstick=$("$load" exec --runs 50 --json -- /bin/true)
    p50=$(member p50_us <<<"$report"); raw50=$(member p50_us <<<"$yardstick")
    row "start to the first answer, with a model" "$(show "$p50 / 1000" 0)" ms \
        "/bin/true $(show "$raw50 / 1000" 2) ms" "$(show "$p50 / $raw50" 0) ×" "≤ 150 ×" "$p50 <= 150 * $raw50"
    row "  SIGTERM to the end" "$(show "$(member stop_p50_us <<<"$report") / 1000" 0)" ms "" "" "" ""
    start_daemon
}

part_train() {
    local report yardstick took
    yardstick=$("$load" sweep --json | member sweep_us)
    report=$("$load" exec --runs 3 --json -- sh -c \
        'out=$(mktemp -d -p "$2") && exec "$1" train --data "$2/data/intents.csv" --out "$out"' sh "$bin/intentd" "$root")
    took=$(member p50_us <<<"$report")
    row "intentd train, the whole process" "$(show "$took / 1000000" 2)" s "sweep $(show "$yardstick / 1000" 2) ms" \
        "$(show "$took / $yardstick" 0) ×" "≤ 3 s (CLINC150)" "$took <= 3000000"
    row "  processor time" "$(member cpu_s <<<"$report")" s "" "" "" ""
    row "  memory at its largest" "$(mib "$(member peak_kb <<<"$report")")" MiB "" "" "" ""
}

part_classify() {
    local p50
    "$bin/intentd-bench" "$root/data/intents.csv" data/scripts/{arabic,bengali,cyrillic,devanagari,han,hebrew,thai}.csv \
        >"$root/inprocess"
    p50=$(sed -nE 's/.*classify one text +p50 ([0-9.]+).*/\1/p' "$root/inprocess")
    row "classify one text, in process: p50" "$p50" µs "" "" "≤ 10 µs" "$p50 <= 10"
}

# What is called proven holds, and what is called estimated is about right, on fresh texts of made-up populations.
part_claims() {
    local shape proven broken far median
    # Few rows of each intent of a set of one's own: one that has enough of them to measure on the others.
    if [ -n "$data" ]; then
        "$bin/intentd-bench" --claims "${SEEDS:-20}" "$data" >"$root/claims"
        sed 's/^/    /' "$root/claims" >&2
        while IFS= read -r shape; do
            shape=${shape%, * seeds*}
            far=$(grep -A2 -F "$shape" "$root/claims" | sed -nE 's/.* ([0-9]+) % of them below.*/\1/p')
            median=$(grep -A2 -F "$shape" "$root/claims" | sed -nE 's/.*p50 ([0-9.]+) %.*/\1/p')
            row "claims, $shape: estimated, true precision p50" "${median:--}" % "${far:--} % below 92 %" "" \
                "${median:+≥ 94 %, ≤ 25 %}" "${median:+$median >= 94 && $far <= 25}"
        done < <(grep seeds "$root/claims")
        return
    fi
    "$bin/intentd-bench" --claims "${SEEDS:-200}" >"$root/claims"
    sed 's/^/    /' "$root/claims" >&2
    while IFS=, read -r shape _; do
        proven=$(grep -A1 -F "$shape" "$root/claims" | sed -nE 's/.*proven +([0-9]+),.*/\1/p')
        broken=$(grep -A1 -F "$shape" "$root/claims" | sed -nE 's/.*broken ([0-9]+).*/\1/p')
        row "claims, $shape: proven" "$proven" runs "broken $broken" "" "broken ≤ 9 %" \
            "$broken <= 0.09 * ${SEEDS:-200}"
    done < <(grep seeds "$root/claims")
}

# Many different rows, within 3 GiB: trained on as a file, then brought into a daemon, retrained and exported.
part_million() {
    local count=${ROWS:-1000000} report peak began took
    scripts/many-rows.py "$count" >"$root/many.csv"
    report=$("$load" exec --runs 1 --json -- sh -c \
        'exec "$1" train --memory 3GiB --data "$2/many.csv" --out "$2/many" >"$2/many.txt" 2>&1' sh "$bin/intentd" "$root") ||
        { cat "$root/many.txt" >&2; return 1; }
    grep -A1 rare_features "$root/many.txt" >&2 || true
    peak=$(member peak_kb <<<"$report")
    row "intentd train of $count rows within 3 GiB" "$(show "$(member p50_us <<<"$report") / 1000000" 0)" s "" "" "" ""
    row "  processor time" "$(show "$(member cpu_s <<<"$report")" 0)" s "" "" "" ""
    row "  memory at its largest" "$(mib "$peak")" MiB "" "" "≤ 3 GiB" "$peak <= 3 * 1024 * 1024"
    sed -i 's|^training: .*|training: { watch: 0, memory: 3GiB, policy: hold }|' "$root/deploy/intentd.yaml"
    fresh_daemon
    timed() {
        began=$(date +%s.%N)
        "$bin/intentctl" "$@" --socket "$socket" >/dev/null || [ $? = 6 ] || return 1
        calc "$(date +%s.%N) - $began"
    }
    took=$(timed data import "$root/many.csv")
    row "intentctl data import of them" "$(show "$took" 1)" s "" "" "" ""
    took=$(timed export data --out "$root/many-again.csv")
    row "intentctl export data" "$(show "$took" 1)" s "" "" "" ""
    took=$(timed retrain --wait)
    row "intentctl retrain --wait, training.memory: 3GiB" "$(show "$took" 0)" s "" "" "" ""
    row "  memory of the daemon afterwards" "$(mib "$(resident)")" MiB "" "" "" ""
    stop_daemon
}

part_flood() {
    local report p99 quiet99 user=()
    # Another user's flood, where we may become one.
    if [ "$(id -u)" = 0 ]; then
        chmod 0755 "$root" "$root/run"
        chmod 0666 "$socket"
        user=(--uid 65534)
    fi
    report=$("$load" flood --socket "$socket" --texts "$root/data/intents.csv" --json --method chat --mode local \
        --connections 64 --in-flight 16 --seconds "$(calc "$seconds + 1")" "${user[@]}")
    p99=$(member p99_us <<<"$report"); quiet99=$(member quiet_p99_us <<<"$report")
    row "status under a flood of 64 connections: p99" "$(show "$p99 / 1000" 2)" ms \
        "quiet p99 $(show "$quiet99 / 1000" 2) ms" "$(show "$p99 / $quiet99" 0) ×" "≤ 5 ms" "$p99 <= 5000"
    row "  longest wait" "$(show "$(member max_us <<<"$report") / 1000" 1)" ms "" "" "≤ 50 ms" \
        "$(member max_us <<<"$report") <= 50000"
    row "  what the flood was answered" "$(sed 's/.*"flood"://' <<<"$report" | member rate)" /s "" "" "" ""
}

part_deaf() {
    local report growth
    fresh_daemon
    report=$("$load" deaf --socket "$socket" --texts "$root/data/intents.csv" --pid "$daemon" --json --seconds 15)
    growth=$(member rss_growth_kb <<<"$report")
    row "a client that never reads: memory" "+ $(mib "$growth")" MiB \
        "$(mib "$(member rss_before_kb <<<"$report")") MiB before" "" "+ 10 MiB" "$growth <= 10240"
    row "  closed after" "$(member closed_after_s <<<"$report")" s "" "" "" ""
}

part_idle() {
    local report growth p99 kind
    for kind in "" --ask; do
        fresh_daemon
        report=$("$load" idle --socket "$socket" --texts "$root/data/intents.csv" --pid "$daemon" --json $kind \
            --connections "$connections" </dev/null)
        growth=$(member rss_growth_kb <<<"$report"); p99=$(member probe_p99_us <<<"$report")
        row "$connections idle connections${kind:+, each after an answer}: memory" "+ $(mib "$growth")" MiB \
            "$(mib "$(member rss_before_kb <<<"$report")") MiB before" "" "+ 40 MiB" "$growth <= 40960"
        row "  predict meanwhile: p99" "$(show "$p99" 0)" µs "" "" "≤ 1 ms" "$p99 <= 1000"
    done
}

part_soak() {
    local total=${SOAK:-10000000} warm=1000000 base rest block
    fresh_daemon
    chat --connections 8 --in-flight 16 --requests "$warm" >/dev/null
    base=$(resident)
    rest=$total
    while [ "$rest" -gt 0 ]; do
        block=$((rest < 500000 ? rest : 500000))
        chat --connections 8 --in-flight 16 --requests "$block" >/dev/null
        rest=$((rest - block))
        # Old logs, which nobody reads here, would fill the disk.
        rm -f "$root"/logs/chat_metrics.log.*
    done
    row "$total chats after a million: memory" "+ $(mib "$(resident) - $base")" MiB "$(mib "$base") MiB before" "" \
        "+ 8 MiB" "$(resident) - $base <= 8192"
}

prepare_root
say "the first model"
start_daemon
: >"$root/table"
for part in $parts; do
    declare -F "part_$part" >/dev/null || { echo "There is no part $part." >&2; exit 2; }
    say "$part"
    "part_$part"
done

describe_run "the daemon and the load" "$root/data/intents.csv"
line what figure yardstick ratio goal met
cat "$root/table"
[ ! -f "$root/inprocess" ] || { printf '\nIn process:\n'; cat "$root/inprocess"; }
