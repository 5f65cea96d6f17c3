"""Part `simulated`: the tests in Swift that cut the power at every operation of a simulated disk, and the LLM's faults."""
import os
import re
import shutil
import subprocess

from daemon import CHECKOUT

TITLE = "Simulated disks and LLMs"
# What a suite tries, by the name of the suite.
SUITES = {
    "CrashTests": "power cuts and failing syncs at every operation of the registry's disk",
    "MemoryFileSystemTests": "that the simulated disk forgets what was not synced",
    "ZooTests": "LLM servers with faults, in both protocols",
    "DecoderTests": "answers in whatever shape, cut anywhere",
}


def run(campaign, report):
    if campaign.short:
        report.note("skipped: `make test` runs these suites by itself.")
        return
    if not shutil.which("swift") or not os.path.isdir(os.path.join(CHECKOUT, ".build", "debug")):
        report.note("skipped: there is no build; `swift build --build-tests` makes one.")
        return
    report.table("suite", "it tries", "tests", "failed")
    for suite, what in SUITES.items():
        done = subprocess.run(["swift", "test", "--skip-build", "--no-parallel", "--filter", "\\.%s/" % suite], cwd=CHECKOUT,
                              capture_output=True, text=True)
        text = done.stdout + done.stderr
        counts = [int(n) for n in re.findall(r"Test run with (\d+) tests?", text)]
        failed = 0 if done.returncode == 0 else len(set(re.findall(r"✘ Test (\S+)", text))) or 1
        report.row("`%s`" % suite, what, sum(counts), failed)
        report.expect(failed == 0 and sum(counts) > 0, "%s: %s" % (suite, text[-400:]))
