#!/bin/bash
# box: --bind-ro {seed}:/seed --test-net
# The sandbox by its effect: a probe in the daemon's own unit, and the same one outside, where it must get further.
. /scenario/common.bash
bring_model
mkdir -p /home/somebody
python3 -m http.server --bind 0.0.0.0 8099 >/dev/null 2>&1 &
server=$!
served() { python3 -c 'import socket; socket.create_connection(("192.0.2.1", 8099), 1)'; }
soon "there is a host to connect to" served

drop_in probe <<'UNIT'
[Service]
ExecStartPre=/usr/bin/python3 /scenario/probe.py /var/lib/intentd/probe.json
UNIT
python3 /scenario/probe.py /root/outside.json
check "it answers in its sandbox" answers
cp /var/lib/intentd/probe.json inside.json
python3 /scenario/judge.py outside.json inside.json tcp || fail "the sandbox"

drop_in llm-proxy </usr/share/intentd/intentd.service.d/llm-proxy.conf
systemctl restart intentd.service
check "it answers without a network" answers
cp /var/lib/intentd/probe.json inside.json
python3 /scenario/judge.py outside.json inside.json none || fail "the sandbox without a network"
kill "$server"

# Peers are who they are: with PrivateUsers= everybody would be nobody.
check "root is root in there" sh -c 'intentctl status --json | grep -q "\"uid\":0,\"role\":\"admin\""'
check "training works in there" intentctl retrain --wait
