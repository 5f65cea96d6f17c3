#!/bin/bash
# box: --bind-ro {seed}:/seed
# The watchdog: whatever hangs, an event loop or the database, the daemon is killed and answers again; and nothing else
# gets it killed.
. /scenario/common.bash
type -P strace >/dev/null || { echo "skipped: strace is missing; apt-get install strace" && exit 77; }
bring_model
# Two event loops, however many processors there are.
drop_in watchdog <<'UNIT'
[Service]
WatchdogSec=5s
CPUAffinity=0 1
UNIT
check "it answers" answers

pid=$(property MainPID)
# Longer than it may be silent; it says something every two and a half seconds.
sleep 6
kill -STOP "$pid"
sleep 0.8
kill -CONT "$pid"
sleep 1
check "idling and a short stop are no faults" is MainPID "$pid"
check "they restart nothing" is NRestarts 0

# threads PID: its event loops.
threads() {
    local comm
    for comm in /proc/"$1"/task/*/comm; do
        case $(cat "$comm") in NIO-ELT-*) basename "$(dirname "$comm")" ;; esac
    done
}

# survives WHAT STRACE-OPTION...: with the calls held, the watchdog bites, and the daemon comes back.
survives() {
    local what=$1 restarts pid tracer
    shift
    restarts=$(property NRestarts)
    strace -o /dev/null "$@" &
    tracer=$!
    soon "the watchdog bites: $what" told $((restarts + 1)) "Watchdog timeout"
    # A thread that is held can end only when its tracer lets it go.
    kill -KILL "$tracer"
    wait "$tracer" 2>/dev/null || true
    soon "it is started again: $what" is NRestarts $((restarts + 1))
    soon "it runs again: $what" is ActiveState active
    check "it answers again: $what" answers
    check "it was the watchdog: $what" told $((restarts + 1)) "Failed with result 'watchdog'"
}
# told TIMES WHAT
told() { [ "$(journal -o cat --grep "$2" | wc -l)" -eq "$1" ]; }

loops=$(threads "$(property MainPID)" | wc -l)
check "there are event loops" test "$loops" -ge 1
for number in $(seq "$loops"); do
    thread=$(threads "$(property MainPID)" | sed -n "${number}p")
    survives "event loop $number" -p "$thread" -e trace=epoll_wait,epoll_pwait \
        -e inject=epoll_wait,epoll_pwait:delay_enter=60000000
done
check "each was named" test "$(journal -o json INTENTD_EVENT=watchdog_trouble | grep -o 'no answer from event loop [0-9]' | sort -u | wc -l)" -eq "$loops"
survives "the database" -f -p "$(property MainPID)" -e trace=fcntl -e inject=fcntl:delay_enter=60000000
check "it was named" said "The watchdog is not pinged: no answer from database."
