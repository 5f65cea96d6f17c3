#!/bin/bash
# Everything that must hold: no warnings, declared imports only, the format, the documentation's commands,
# made-up input for what reads untrusted bytes, all tests. The
# system's tests install the package, or run what is in it, on a machine of their own (deploy/box.sh), where they may.
set -eu
# Read by Package.swift: warnings of our own targets are errors here, and not for who builds with a newer compiler.
export INTENTD_STRICT=1
swift build --build-tests --explicit-target-dependency-import-check error
echo "format: checking"
swift format lint --strict --recursive Sources Tests Benchmarks Fuzz Package.swift
deploy/docs-test.sh "$(swift build --show-bin-path)"
# Without the strictness, which would have all of it built again for whoever makes the package afterwards.
env -u INTENTD_STRICT deploy/release.sh
export INTENTD_DEB=$PWD/.build-release/intentd.deb INTENTD_TREE=$PWD/.build-release/tree
INTENTD_DEB_LEVEL=0 deploy/deb.sh .build-release/release "$INTENTD_DEB"
rm -rf "$INTENTD_TREE"
dpkg-deb --extract "$INTENTD_DEB" "$INTENTD_TREE"
env -u INTENTD_STRICT FUZZ_SECONDS=${FUZZ_SECONDS:-10} deploy/fuzz.sh
[ "$(id -u)" != 0 ] || deploy/packages.sh dbus iproute2 python3 strace systemd-container
# One after the other: many tests wait for processes and sockets, and there may be two threads only.
exec swift test --skip-build --no-parallel "$@"
