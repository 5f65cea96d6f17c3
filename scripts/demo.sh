#!/bin/bash
# The whole life of a model, on a daemon of its own in a folder of its own: prepare, train, serve, chat, correct,
# retrain, a better answer, roll back; a version that waits, one that the gate refuses, and one that the watch takes back.
# Every step is checked; the first that does not hold ends the demo with status 1.
set -eu
bin=$1
root=$(mktemp -d "${TMPDIR:-/tmp}/intentd-demo.XXXXXX")
daemon=
cleanup() {
    if [ -n "$daemon" ]; then
        kill "$daemon" 2>/dev/null || true
        wait "$daemon" 2>/dev/null || true
    fi
    rm -rf "$root"
}
trap cleanup EXIT
export INTENTD_SOCKET=$root/run/intentd.sock

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
[ -t 1 ] && [ -z "${NO_COLOR:-}" ] || say() { printf '\n%s\n' "$*"; }
# Shows the command as a person would type it, and runs it.
ctl() {
    local word line='$ intentctl'
    for word in "$@"; do
        case $word in *[!A-Za-z0-9_./:=-]*) line+=" \"$word\"" ;; *) line+=" $word" ;; esac
    done
    printf '%s\n' "$line"
    "$bin/intentctl" "$@"
}
# The value of a member of a JSON object: the first one of that name.
member() { grep -oE "\"$1\":(\"[^\"]*\"|[^,}]*)" | head -n 1 | sed -E 's/^"[^"]*"://; s/^"//; s/"$//'; }
expect() {
    if [ "$2" != "$3" ]; then
        echo "The demo expected $1 to be $3, and it is $2." >&2
        exit 1
    fi
}

question="the box was empty"
right=missing_parcel

say "1. Sentence templates become training data; no template is on two sides of the split."
mkdir -p "$root/data"
cp data/intents.yaml data/golden.csv data/behaviour.yaml "$root/data/"
"$bin/intentd" prepare --root "$root" | tail -n 3

# An LLM that was named is asked; else one is played, and says so.
if [ -z "${OLLAMA_API_URL:-}" ]; then
    mkdir -p "$root/deploy"
    echo "llm: { backend: standin }" >"$root/deploy/intentd.yaml"
fi

say "2. The daemon starts. No model is there yet, so it trains one first, in a child process."
"$bin/intentd" serve --root "$root" 2>"$root/daemon.log" &
daemon=$!
while [ ! -S "$INTENTD_SOCKET" ]; do
    kill -0 "$daemon" 2>/dev/null || break
    sleep 0.1
done
cat "$root/daemon.log"
[ -S "$INTENTD_SOCKET" ] || { echo "The daemon does not answer." >&2; exit 1; }
ctl models

say "3. A question that the local model is sure of: answered in microseconds, with the reason."
ctl chat "where is my parcel"
answer=$("$bin/intentctl" chat "where is my parcel" --json)
expect "the route" "$(member route <<<"$answer")" local
printf 'route %s, reason %s, intent %s, confidence %s, %s µs\n' "$(member route <<<"$answer")" \
    "$(member reason <<<"$answer")" "$(member intent <<<"$answer")" "$(member confidence <<<"$answer")" \
    "$(member total <<<"$answer")"

say "4. A question about something else: the local model knows that it does not know, and an LLM is asked."
ctl chat "what is the weather tomorrow" --session demo
other=$("$bin/intentctl" chat "and what about the day after" --mode llm --session demo --json)
printf 'route %s, reason %s, backend %s, %s ms to the first word\n' "$(member route <<<"$other")" \
    "$(member reason <<<"$other")" "$(member backend <<<"$other")" "$(member first_token_ms <<<"$other")"
if [ -z "${OLLAMA_API_URL:-}" ]; then
    expect "the route" "$(member route <<<"$other")" llm
    echo "That was the stand-in. With Ollama and its model llama3.2 on this machine: OLLAMA_API_URL=http://127.0.0.1:11434 make demo"
fi
ctl session show demo

say "5. Why? The parts of the text that led to the answer, and the training rows nearest to it."
ctl explain "where is my parcel" | sed -n '1,9p; /^…/,$p'

say "6. A wrong answer, and its correction."
ctl chat "$question"
wrong=$("$bin/intentctl" chat "$question" --json)
[ "$(member intent <<<"$wrong")" != "$right" ] || { echo "The model knew it already." >&2; exit 1; }
printf 'it took that for %s; what was meant is %s\n' "$(member intent <<<"$wrong")" "$right"
ctl feedback --id "$(member id <<<"$wrong")" --down --intent "$right"

say "7. Retraining: a snapshot, a child process, locked test rows, the gate; meanwhile the daemon answers on."
ctl retrain --wait
ctl chat "$question"
better=$("$bin/intentctl" chat "$question" --json)
expect "the intent" "$(member intent <<<"$better")" "$right"
expect "the version" "$(member model <<<"$better")" 2
printf 'version %s says %s\n' "$(member model <<<"$better")" "$(member intent <<<"$better")"

say "8. What was measured."
ctl metrics

say "9. And back, at once: the version before answers again."
ctl rollback --reason "to show it"
again=$("$bin/intentctl" chat "$question" --json)
expect "the version" "$(member model <<<"$again")" 1
ctl history

# The messages that follow, each asked as one conversation; what is said does not matter here.
converse() { "$bin/intentctl" chat --mode local >/dev/null; }
champion() { "$bin/intentctl" status --json | member champion; }

say "10. A version that waits for an admin: it scores along without answering, and its verdict can be read."
ctl feedback --text "there was nothing in the box" --intent "$right"
ctl retrain --wait --promote hold >"$root/hold"
sed -n '1p' "$root/hold"
for _ in $(seq 100); do echo "where is my parcel"; done | converse
ctl models show 3 | sed -n '/^Verdict/,/^recall, /p; /^Beside/,$p'
ctl promote --reason "the verdict is good"
expect "the champion" "$(champion)" 3

say "11. Somebody teaches it nonsense, and the gate refuses what comes of it."
for text in "where is my parcel now" "track my parcel" "where is the parcel" "has my parcel been sent" "where is my order" \
    "track my order please" "when will my order come" "what is the status of my order" "is my parcel on its way" \
    "did you send my parcel" "my parcel status" "order status please" "where did my parcel go" "can you track my parcel" \
    "show me where my parcel is" "tell me where my order is" "parcel tracking" "where is my delivery"; do
    "$bin/intentctl" feedback --text "$text" --intent warranty >/dev/null
done
status=0
ctl retrain --wait >"$root/refused" 2>/dev/null || status=$?
sed -n '1,6p; /^golden /p; /^fail/p' "$root/refused"
expect "the exit status of a refused version" "$status" 6

say "12. By force it serves all the same. People correct it, and the watch brings back the version before."
for _ in $(seq 100); do echo "how long is the warranty"; done | converse
ctl promote 4 --force --reason "I know better"
for _ in $(seq 60); do printf 'where is my parcel\n/label order_status\n'; done | converse
end=$((SECONDS + 120))
while [ "$(champion)" != 3 ] && [ $SECONDS -lt $end ]; do sleep 0.1; done
expect "the champion" "$(champion)" 3
ctl history --limit 4
ctl verify

say "The daemon is stopped and its folder removed. Try it yourself: make run"
