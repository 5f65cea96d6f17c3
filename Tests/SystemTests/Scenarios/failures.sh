#!/bin/bash
# box: --bind-ro {seed}:/seed
# Things that go wrong: starts that fail, a champion, a database and a log that are damaged. Clients are answered.
. /scenario/common.bash
bring_model

drop_in broken <<'UNIT'
[Service]
ExecStartPre=/bin/false
UNIT
intentctl --help >/dev/null
answers >/dev/null &
waiting=$!
failed_often() { [ "$(property NRestarts)" -ge 8 ]; }
soon "the starts fail one after the other" failed_often
check "the socket outlives them" is ActiveState active intentd.socket
drop_in broken </dev/null
check "who waited all the time is answered" wait "$waiting"
check "the next one too" answers
check "the service runs" is ActiveState active

intentctl feedback --text "has the courier run away with my stuff" --intent missing_parcel >/dev/null
intentctl retrain --wait >/dev/null
check "a second version serves" sh -c 'intentctl status --json | grep -q "\"champion\":2"'
systemctl stop intentd.service
printf 'x' | dd of=/var/lib/intentd/models/versions/000002/model.safetensors bs=1 seek=5000 conv=notrunc status=none
check "a damaged champion" answers
for event in model_damaged model_fell_back; do
    check "$event is told" test -n "$(journal -o cat INTENTD_EVENT=$event)"
done
soon "the status tells it" sh -c 'systemctl show -P StatusText intentd.service | grep -q "^Version 1 serves; degraded: model ("'

systemctl stop intentd.service
printf '{"schema":1,"ts":"20' >>/var/log/intentd/chat_metrics.log
check "a torn log" answers
check "it is told" test -n "$(journal -o cat INTENTD_EVENT=log_cut)"

systemctl stop intentd.service
rm -f /var/lib/intentd/data/intentd.sqlite-*
head -c 40000 /dev/zero | tr '\0' Z >/var/lib/intentd/data/intentd.sqlite
check "a corrupt database" answers
check "it is told" test -n "$(journal -o cat INTENTD_EVENT=database_quarantined)"
check "it is kept" test -n "$(ls /var/lib/intentd/data/quarantine)"
check "nothing failed to start" is NRestarts 0

systemctl stop intentd.service
rm -rf /var/lib/intentd/models /var/lib/intentd/data
mkdir -p /var/lib/intentd/data
printf 'text,intent\nhello,greeting\n' >/var/lib/intentd/data/intents.csv
chown -R intentd:intentd /var/lib/intentd/data
/scenario/rpc.py predict '{"text":"hello"}' >answer && fail "there is no model"
check "no model" grep -qF no_model answer
check "it is told" test -n "$(journal -o cat INTENTD_EVENT=first_training_failed)"
soon "and in the status" sh -c 'systemctl show -P StatusText intentd.service | grep -q "^No model serves"'
