#!/bin/bash
# The first connection starts the daemon, which trains its first model; the status, the journal's fields and its catalog.
. /scenario/common.bash
systemd-tmpfiles --create intentd.conf
check "the catalog is accepted" journalctl --update-catalog

check "the socket waits" is ActiveState active intentd.socket
check "the service does not run" is ActiveState inactive
intentctl chat "where is my parcel" >reply || fail "the first connection is answered"
check "with words" test -s reply
check "the service runs" is ActiveState active
check "the socket still belongs to its unit" is SubState running intentd.socket
check "its mode is everybody's" test "$(stat -c %a /run/intentd.sock)" = 666
soon "the status line" is StatusText "Version 1 serves"
systemctl --no-pager status intentd.service >status
check "the status line is shown" grep -qF 'Status: "Version 1 serves' status

runuser -u nobody -- intentctl reload && fail "nobody may not reload"
intentctl reload >/dev/null
journal -o json >entries
python3 - <<'PYTHON' || fail "the fields"
import json
entries = [json.loads(line) for line in open("entries")]
own = [e for e in entries if e.get("SYSLOG_IDENTIFIER") == "intentd" and "INTENTD_EVENT" in e]
def of(event):
    found = [e for e in own if e["INTENTD_EVENT"] == event]
    assert found, event + " is not in the journal"
    return found[-1]
started = of("started")
assert started["PRIORITY"] == "5" and started["INTENTD_MODEL_VERSION"] == "1", started
assert started["MESSAGE_ID"] == "5605f8fbc1dd46118c44c0981d8b0aa7", started
assert started["CODE_FILE"].endswith(".swift") and int(started["CODE_LINE"]) > 0 and started["CODE_FUNC"], started
assert started["_SYSTEMD_UNIT"] == "intentd.service" and started["_TRANSPORT"] == "journal", started
call = of("called")
assert call["INTENTD_METHOD"] == "reload" and call["INTENTD_UID"] == "0" and call["INTENTD_RESULT"] == "ok", call
assert call["INTENTD_REQUEST_ID"] == "1" and int(call["INTENTD_DURATION_USEC"]) > 0, call
refused = of("forbidden")
assert refused["PRIORITY"] == "4" and refused["INTENTD_UID"] == "65534", refused
first = of("first_model_trained")
assert first["INTENTD_MODEL_VERSION"] == "1" and len(first["INTENTD_JOB"]) == 36, first
assert all("MESSAGE_ID" in e for e in own)
assert not any("parcel" in json.dumps(e) for e in own), "people's words"
PYTHON
check "the catalog explains" sh -c 'journalctl --no-pager -x -u intentd.service | grep -qF "uid 0 called reload: ok"'
check "it says what to do" sh -c 'journalctl --no-pager -x -u intentd.service | grep -qF "intentctl models show 1"'
check "every id is explained" test "$(journalctl --dump-catalog 2>/dev/null | grep -c '^Defined-By: intentd')" = 33

# What a client chooses can neither forge a field nor begin a line of its own.
python3 - <<'PYTHON' || fail "a forged request"
import sys
sys.path.insert(0, "/scenario")
from rpc import ask
answers = ask([{"jsonrpc": "2.0", "id": "x\nMESSAGE=forged\nPRIORITY=0", "method": "reload"}])
assert "result" in answers[0], answers
PYTHON
check "nothing is forged" test -z "$(journal PRIORITY=0 -o cat)"
refuse "no line is forged" said forged
check "the id is kept as it was sent" sh -c 'journalctl -q -u intentd.service -o json INTENTD_METHOD=reload | grep -qF forged'

# Debugging shows answers, and still no words.
drop_in debug <<'UNIT'
[Service]
ExecStart=
ExecStart=/usr/bin/intentd serve --log-level debug
UNIT
systemctl restart intentd.service
intentctl chat "where is my zebra" >/dev/null
journalctl --sync
check "the answer is told" sh -c 'journalctl -q -u intentd.service -o json PRIORITY=7 INTENTD_METHOD=chat | grep -qF INTENTD_ROUTE'
refuse "but not its words" sh -c 'journalctl -q -u intentd.service -o json | grep -qF zebra'
