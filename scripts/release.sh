#!/bin/bash
# Builds the binaries that are installed and packaged: with the Swift runtime inside, in a build folder of their own.
set -eu
cd "$(dirname "$0")/.."
# `sudo make install` installs what its caller has built: root may have no Swift, and would leave files of root's behind.
if [ -n "${SUDO_USER:-}" ] && [ -x .build-release/release/intentd ] && [ -x .build-release/release/intentctl ]; then
    exit 0
fi
for product in intentd intentctl; do
    # Libraries are the system's, bound before main() so that the table of them can be read-only.
    swift build -c release --static-swift-stdlib --disable-local-rpath -Xlinker -z -Xlinker now \
        --scratch-path .build-release --product "$product"
done
