#!/bin/bash
# box: --bind-ro {seed}:/seed
# Who may do what: five users, every method, alone, in a batch, and as a notification.
. /scenario/common.bash
bring_model
groupadd staff-intentd
useradd --no-create-home --groups staff-intentd alice
useradd --no-create-home bob
printf 'access:\n  admins: [root, "@staff-intentd"]\n' >/etc/intentd/intentd.yaml
check "it answers" answers
python3 /scenario/roles.py || fail "the rights"
check "a notification of an admin is done" test -n "$(journal -o cat INTENTD_EVENT=called INTENTD_METHOD=reload INTENTD_UID="$(id -u alice)")"
for user in bob nobody; do
    check "$user did nothing" test -z "$(journal -o cat INTENTD_EVENT=called INTENTD_UID="$(id -u $user)")"
    check "$user's refusals are told" test -n "$(journal -o cat INTENTD_EVENT=forbidden INTENTD_UID="$(id -u $user)")"
done
