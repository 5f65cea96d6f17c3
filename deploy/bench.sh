#!/bin/bash
# In-process figures, on the bundled data or on the files that are named.
set -eu
swift build -c release --product intentd-bench
swift build -c release --product intentd
bin=$(swift build -c release --show-bin-path)
if [ $# -gt 0 ]; then exec "$bin/intentd-bench" "$@"; fi
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir "$root/data"
cp data/intents.yaml "$root/data/"
"$bin/intentd" prepare --root "$root" >/dev/null
"$bin/intentd-bench" "$root/data/intents.csv"
