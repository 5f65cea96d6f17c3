#!/bin/bash
# Everything that must hold: no warnings, declared imports only, the format, the documentation's commands, all tests.
set -eu
# Read by Package.swift: warnings of our own targets are errors here, and not for who builds with a newer compiler.
export INTENTD_STRICT=1
swift build --build-tests --explicit-target-dependency-import-check error
echo "format: checking"
swift format lint --strict --recursive Sources Tests Benchmarks Package.swift
deploy/docs-test.sh "$(swift build --show-bin-path)"
# One after the other: many tests wait for processes and sockets, and there may be two threads only.
exec swift test --skip-build --no-parallel "$@"
