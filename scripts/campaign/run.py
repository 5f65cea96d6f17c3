#!/usr/bin/python3
"""Attacks daemons of its own for as long as it was told, and says what was lost: docs/trust.md has the figures.

Ends with status 1 where something was lost or a goal was missed. The seed makes the same choices again; what the kernel
and the processors do in between it cannot repeat.
"""
import argparse
import importlib
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback

from flooders import FLOODS
from report import Report

PARTS = ["floods", "kills", "memory", "disk", "starts", "simulated"]


class Campaign:
    """What every part is given: the binary, a temporary folder, the seed, and whether only a little is wanted."""

    def __init__(self, binary, folder, seed, short, floods=None):
        self.binary, self.folder, self.seed, self.short = binary, folder, seed, short
        self.floods = floods or self.pick(list(FLOODS), ["busy", "explain", "submit"])
        self.root_user = os.getuid() == 0

    def random(self, name):
        """Choices of their own for each part, so that a part alone makes the same ones."""
        return random.Random("%s %s" % (self.seed, name))

    def pick(self, full, short):
        return short if self.short else full


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--short", action="store_true", help="a little of everything, within 3 minutes")
    parser.add_argument("--seed", type=int, default=None, help="make the choices of a former run")
    parser.add_argument("--part", nargs="+", choices=PARTS, default=PARTS, metavar="NAME", help=", ".join(PARTS))
    parser.add_argument("--flood", nargs="+", choices=list(FLOODS), metavar="NAME", help="of the part floods: " + ", ".join(FLOODS))
    parser.add_argument("--binary", default=".build-release/release/intentd", help="the daemon to attack")
    parser.add_argument("--json", help="write the findings to this file as well")
    return parser.parse_args()


def stopped(*_):
    raise KeyboardInterrupt


def attempt(name, campaign):
    """A part that cannot go on is a finding, and the others still have their turn."""
    part = importlib.import_module(name)
    report = Report(name, part.TITLE)
    try:
        part.run(campaign, report)
    except Exception:
        report.fail("it could not go on: " + traceback.format_exc())
    return report


def main():
    options = arguments()
    binary = os.path.abspath(options.binary)
    if not os.access(binary, os.X_OK):
        sys.exit("There is no %s; `make release` builds it." % options.binary)
    seed = int.from_bytes(os.urandom(4), "big") if options.seed is None else options.seed
    print("campaign: seed %d, %s" % (seed, "short" if options.short else "full"), flush=True)
    signal.signal(signal.SIGTERM, stopped)
    folder = tempfile.mkdtemp(prefix="intentd-campaign.")
    # Other users have to come through to the socket.
    os.chmod(folder, 0o755)
    campaign = Campaign(binary, folder, seed, options.short, options.flood)
    reports = []
    try:
        for name in [part for part in PARTS if part in options.part]:
            begun = time.monotonic()
            report = attempt(name, campaign)
            reports.append(report)
            print(report.markdown(), flush=True)
            print("\n%s: %d s" % (name, time.monotonic() - begun), flush=True)
            if options.json:
                with open(options.json, "w") as file:
                    json.dump({"seed": seed, "short": options.short, "parts": [r.value() for r in reports]}, file, indent=1)
    except KeyboardInterrupt:
        print("campaign: stopped", file=sys.stderr)
        return 130
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    failures = [(report.part, text) for report in reports for text in report.failures]
    if failures:
        print("\nThe campaign found %d faults; see them again by --seed %d:" % (len(failures), seed))
        for part, text in failures:
            print("  %s: %s" % (part, text))
        return 1
    print("\nThe campaign found no fault.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
