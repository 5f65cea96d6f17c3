#!/bin/bash
# Runs the tests under ThreadSanitizer and under AddressSanitizer, or under the one that is named: thread or address.
# Reports of every process count, also of the daemons and children that tests start.
#
# Left out: SystemTests, which run a package with binaries of its own. The count of allocations leaves itself out.
set -eu
cd "$(dirname "$0")/.."
kinds=(thread address)
case ${1:-} in
thread | address)
    kinds=("$1")
    shift
    ;;
esac
# Its stack traces have no use for two of them.
export SWIFT_BACKTRACE=enable=no
failed=0
for kind in "${kinds[@]}"; do
    build=.build-${kind:0:1}san
    swift build --build-tests "--sanitize=$kind" --scratch-path "$build"
    reports=$PWD/$build/reports
    rm -rf "$reports"
    mkdir -p "$reports"
    clang -shared -fPIC -O1 -o "$build/preload.so" Tests/Sanitizers/preload.c
    # Suppressions are for what is not ours; a report does not end a process, so that a run finds all there are.
    export TSAN_OPTIONS="log_path='$reports/thread' suppressions='$PWD/scripts/sanitize-thread.txt' exitcode=0"
    # Swift keeps marks in pointers, so that the leak checker takes globals for leaks.
    export ASAN_OPTIONS="log_path='$reports/address' detect_leaks=0 detect_odr_violation=0"
    # The loader takes a blank for the end of a name.
    library=$(mktemp -d)/preload.so
    ln -s "$PWD/$build/preload.so" "$library"
    LD_PRELOAD=$library swift test --skip-build "--sanitize=$kind" --scratch-path "$build" --no-parallel --skip SystemTests "$@" || failed=1
    rm -r "$(dirname "$library")"
    count=$(find "$reports" -type f | wc -l)
    if [ "$count" -gt 0 ]; then
        cat "$reports"/*
        failed=1
    fi
    echo "sanitize: $kind: reports of $count processes"
done
exit "$failed"
