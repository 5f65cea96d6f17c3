#!/bin/bash
# Everything that must hold: no warnings, the declared imports only, the format, all tests.
set -eu
swift build --build-tests --explicit-target-dependency-import-check error -Xswiftc -warnings-as-errors
swift format lint --strict --recursive Sources Tests Benchmarks Package.swift
exec swift test --skip-build "$@"
