#!/bin/bash
# Gives what reads untrusted bytes the inputs that libFuzzer makes up, under AddressSanitizer; docs/testing.md explains it.
#
#   scripts/fuzz.sh                    every target over its corpus and then for FUZZ_SECONDS (60), as many at a time as
#                                     there are processors
#   scripts/fuzz.sh TARGET             the one
#   scripts/fuzz.sh TARGET FILE...     these inputs, once: a finding is seen again
#   FUZZ_SEED=1 scripts/fuzz.sh        the same inputs at each run, as many as the time allows; the targets log and protocol
#                                     have threads, so that theirs are not quite the same
#   scripts/fuzz.sh --merge [TARGET]   moves what was new into Fuzz/Corpus, as few inputs as reach the same
set -eu
cd "$(dirname "$0")/.."
seconds=${FUZZ_SECONDS:-60}
# Without a seed, libFuzzer draws one. With one, nothing else may be drawn: no hash, no address (libFuzzer learns from what
# is compared, addresses included), and no input that an earlier run found.
seed=${FUZZ_SEED:-0}
fixed=()
[ "$seed" = 0 ] || ! setarch -R true 2>/dev/null || fixed=(setarch -R)
build=.build-fuzz
targets=(protocol model configuration data log answer)

runtime=$(swiftc -print-target-info | sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p')
library=$runtime/clang/lib/linux/libclang_rt.fuzzer_no_main-$(uname -m).a
[ -f "$library" ] || {
    echo "This Swift toolchain has no libFuzzer: $library is missing. Use a toolchain from swift.org." >&2
    exit 1
}
# A build folder of its own: the manifest declares the targets and their coverage for this variable alone.
INTENTD_FUZZ=1 swift build -c release --sanitize=address --scratch-path "$build" --product intentd-fuzz \
    -Xlinker "$library"

# The engine of the protocol's target has a database, whose syncs would be most of the time on a disk.
folder=${TMPDIR:-/tmp}
[ ! -w /dev/shm ] || folder=/dev/shm
TMPDIR=$(mktemp -d "$folder/intentd-fuzz.XXXXXX")
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
trap 'exit 130' INT TERM
[ "$seed" = 0 ] || export SWIFT_DETERMINISTIC_HASHING=1
# Swift keeps marks in pointers, so that the leak checker takes globals for leaks; growth is caught by the limit on memory.
export ASAN_OPTIONS=detect_leaks=0:detect_odr_violation=0 SWIFT_BACKTRACE=enable=no

# run TARGET ARGUMENT...
run() {
    local target=$1
    shift
    INTENTD_FUZZ_TARGET=$target "${fixed[@]}" "$build/release/intentd-fuzz" -timeout=60 -rss_limit_mb=2048 -malloc_limit_mb=512 \
        "-artifact_prefix=$build/findings/$target/" "-dict=Fuzz/Dictionaries/$target.dict" "$@"
}

# fuzz TARGET: one line of what was done, or all of it and the finding.
fuzz() {
    local target=$1 log=$build/$1.log new=$build/new/$1
    if [ "$seed" != 0 ]; then
        new=$TMPDIR/new-$target
        mkdir "$new"
    fi
    # First the corpus as it is, then what grows out of it.
    if run "$target" -runs=0 "Fuzz/Corpus/$target" >"$log" 2>&1 &&
        run "$target" "-seed=$seed" "-max_total_time=$seconds" -max_len=16384 -print_final_stats=1 "$new" \
            "Fuzz/Corpus/$target" >>"$log" 2>&1; then
        printf 'fuzz: %s: %s inputs, %s\n' "$target" \
            "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" \
            "$(sed -n 's/^#.*DONE *\(cov: [0-9]* ft: [0-9]*\).*/\1/p' "$log" | tail -n 1)"
        return
    fi
    grep -m 3 -F 'Fatal error' "$log" >&2 || true
    grep -vE '# Uses: [0-9]+$' "$log" | tail -n 60 >&2
    printf '\nfuzz: %s: broken; the input is in %s/findings/%s, see again by: scripts/fuzz.sh %s FILE\n' "$target" \
        "$build" "$target" "$target" >&2
    return 1
}

merge() {
    local target=$1 old=Fuzz/Corpus/$1 kept=$build/merged/$1
    rm -rf "$kept"
    mkdir -p "$kept"
    # Long inputs are hardly ever worth their place in the repository.
    run "$target" -set_cover_merge=1 -max_len=2048 "$kept" "$old" "$build/new/$target" >"$build/$target.log" 2>&1
    rm -rf "$old"
    mv "$kept" "$old"
    rm -rf "$build/new/$target"
    du -sb --apparent-size "$old"
}

for target in "${targets[@]}"; do mkdir -p "$build/findings/$target" "$build/new/$target"; done
what=fuzz
if [ "${1:-}" = --merge ]; then
    what=merge
    shift
fi
if [ $# -gt 0 ]; then
    targets=("$1")
    shift
fi
[ -d "Fuzz/Corpus/${targets[0]}" ] || {
    echo "There is no target ${targets[0]}; there are: $(cd Fuzz/Corpus && echo *)" >&2
    exit 2
}
if [ $# -gt 0 ]; then
    run "${targets[0]}" "$@"
    exit
fi
failed=0
running=0
for target in "${targets[@]}"; do
    if [ "$running" -ge "$(nproc)" ]; then
        wait -n || failed=1
        running=$((running - 1))
    fi
    "$what" "$target" &
    running=$((running + 1))
done
while [ "$running" -gt 0 ]; do
    wait -n || failed=1
    running=$((running - 1))
done
exit "$failed"
