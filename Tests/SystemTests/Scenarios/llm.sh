#!/bin/bash
# box: --bind-ro {seed}:/seed
# The LLM of this machine, as the shipped units reach it: over loopback with the key from the credential store, and without a
# network through the relay.
. /scenario/common.bash
bring_model
asked() { intentctl chat --mode llm --json "please sing the national anthem of iceland"; }
asked_as() { [ "$(tail -n 1 /root/asked.log)" = "$1" ] || fail "it was asked as $(tail -n 1 /root/asked.log), not as $1"; }
says_rain() { asked | grep -q '"reply":"It is raining.".*"route":"llm"'; }

intentctl chat --mode llm --json "what is the capital of iceland" | grep -q llm_unreachable ||
    fail "an LLM that is not there is not said to be unreachable"
check "the local model answers without it" answers

python3 /scenario/ollama.py 127.0.0.1:11434 /root/asked.log &
server=$!
soon "it is found when it is there" says_rain
asked_as "localhost:11434 -"
is_ready() { intentctl status --json | grep -q '"llm":{"state":"ready"'; }
soon "status says that the LLM is ready" is_ready

install -D -m 0600 /dev/stdin /etc/credstore/intentd.llm_api_key <<<"s3cret"
systemctl restart intentd.service
soon "it is asked with a key" says_rain
asked_as "localhost:11434 Bearer s3cret"
! journalctl -u intentd.service | grep -q s3cret || fail "the key stands in the journal"

drop_in llm-proxy </usr/share/intentd/intentd.service.d/llm-proxy.conf
systemctl restart intentd.service
soon "it is asked without a network" says_rain
asked_as "localhost Bearer s3cret"
kill "$server"
