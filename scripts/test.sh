#!/bin/bash
# Everything that must hold: no warnings, declared imports only, the format, the documentation's commands,
# made-up input for what reads untrusted bytes, a little of the campaign, all tests. The
# system's tests install the package, or run what is in it, on a machine of their own (scripts/box.sh), where they may.
# It ends with how long all of it took and with the test runner's own closing line.
set -eu
# In a session of its own, which the kernel gives a share of the processors (sched(7), autogroup): trainings take only what
# nobody else in their session wants, and would starve beside a busy loop that was started in the same terminal.
if [ -z "${INTENTD_TEST_SESSION:-}" ]; then
    INTENTD_TEST_SESSION=own env --default-signal=INT,QUIT setsid --wait "$0" "$@" &
    session=$!
    trap 'kill -TERM -- "-$session" 2>/dev/null || true; exit 130' INT TERM HUP
    status=0
    wait "$session" || status=$?
    exit "$status"
fi
unset INTENTD_TEST_SESSION
# Read by Package.swift: warnings of our own targets are errors here, and not for who builds with a newer compiler.
export INTENTD_STRICT=1
swift build --build-tests --explicit-target-dependency-import-check error
echo "format: checking"
swift format lint --strict --recursive Sources Tests Benchmarks Fuzz Package.swift
scripts/docs-test.sh "$(swift build --show-bin-path)"
# Without the strictness, which would have all of it built again for whoever makes the package afterwards.
env -u INTENTD_STRICT scripts/release.sh
export INTENTD_DEB=$PWD/.build-release/intentd.deb INTENTD_TREE=$PWD/.build-release/tree
INTENTD_DEB_LEVEL=0 scripts/deb.sh .build-release/release "$INTENTD_DEB"
rm -rf "$INTENTD_TREE"
dpkg-deb --extract "$INTENTD_DEB" "$INTENTD_TREE"
env -u INTENTD_STRICT FUZZ_SECONDS=${FUZZ_SECONDS:-10} FUZZ_SEED=${FUZZ_SEED:-1} scripts/fuzz.sh
scripts/packages.sh python3
scripts/campaign/run.py --short --seed ${CAMPAIGN_SEED:-1}
[ "$(id -u)" != 0 ] || scripts/packages.sh dbus iproute2 strace systemd-container
# One after the other: many tests wait for processes and sockets, and there may be two threads only.
output=$(mktemp "${TMPDIR:-/tmp}/intentd-test.XXXXXX")
trap 'rm -f "$output"' EXIT
set -o pipefail
status=0
swift test --skip-build --no-parallel "$@" 2>&1 | tee "$output" || status=$?
printf 'make test took %d min %d s.\n' $((SECONDS / 60)) $((SECONDS % 60))
grep -E 'Test run with [0-9]+ tests?.* (passed|failed) after' "$output" | tail -n 1 || true
exit "$status"
