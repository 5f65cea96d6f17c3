# The front door. `make demo` shows what it does, `make test` proves it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo run test test-llm test-sanitize fuzz campaign bench bench-peers format packages build release install uninstall deb

# Where `make install` goes, as usual: PREFIX is known to the units, DESTDIR is not. BIN is a folder with binaries built
# otherwise.
PREFIX ?= /usr/local
DESTDIR ?=
export PREFIX DESTDIR
RELEASE := .build-release/release
BIN ?= $(RELEASE)

help:
	@echo "make demo     watch the whole life of a model go by, on a daemon of its own"
	@echo "make run      run the daemon in the foreground, in this folder"
	@echo "make test     build with warnings as errors, lint, run all tests and the documentation's commands"
	@echo "make test-llm ask a real model of 135 million parameters, from PyPI, through llama.cpp"
	@echo "make test-sanitize   run the tests under ThreadSanitizer and AddressSanitizer"
	@echo "make fuzz     give what reads untrusted bytes made-up ones (SECONDS=60 for each target)"
	@echo "make campaign kill, flood, fill and damage daemons of its own (PARTS=kills, SEED=1); root for all of it"
	@echo "make bench    measure the daemon end to end (PARTS=quick for a look, DATA=FILE for rows of your own)"
	@echo "make bench-peers   the same beside scikit-learn, fastText and a FastAPI server"
	@echo "make format   format the sources"
	@echo "make install  install it with its systemd units: DESTDIR=, PREFIX=/usr/local; make uninstall takes it away"
	@echo "make deb      make a Debian package of it"

packages:
	@scripts/packages.sh

# One build serves the demo, playing and the tests; `swift build -c release` is the fast binary.
build: packages
	swift build

demo: build
	@scripts/demo.sh "$$(swift build --show-bin-path)"

run: build
	@scripts/run.sh "$$(swift build --show-bin-path)"

test: packages
	@scripts/test.sh

test-llm: packages
	@scripts/test-llm.sh

test-sanitize: packages
	@scripts/sanitize.sh

SECONDS ?= 60
fuzz: packages
	@FUZZ_SECONDS=$(SECONDS) scripts/fuzz.sh

# Some figures need a machine that has nothing else to do.
PARTS ?=
SEED ?=
campaign: packages release
	@scripts/campaign/run.py $(if $(SEED),--seed $(SEED)) $(if $(PARTS),--part $(PARTS))

bench: packages
	@scripts/bench.sh

bench-peers: packages
	@scripts/bench-peers.sh

format:
	swift format format --in-place --recursive Sources Tests Benchmarks Fuzz Package.swift

# The binaries to install: fast, and independent of a Swift toolchain.
release: packages
	@scripts/release.sh

install: $(if $(filter $(RELEASE),$(BIN)),release)
	@scripts/install.sh "$(BIN)"

uninstall:
	@scripts/install.sh "$(BIN)" --uninstall

deb: release
	@scripts/deb.sh "$(RELEASE)"
