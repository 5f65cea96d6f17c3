"""Part `disk`: a disk of some MiB that fills and empties under load; starts on a full and on a read-only one."""
import os
import shutil
import subprocess
import time

import oracle
from daemon import Daemon, Ended, Hung, copy, home
from journal import Journal
from load import Load
from people import Person
from wire import Gone, Line, Refused


TITLE = "A small disk"
# KiB. The database's journal alone takes 4 MiB before it is carried over; what each fill leaves needs room of its own.
SPARE, EACH = 16384, 2048


def run(campaign, report):
    if not campaign.root_user:
        report.note("skipped: only root can mount a small disk.")
        return
    report.table("what", "times", "acknowledged while full", "chats while full", "refused as full", "lost", "recovered within")
    times = campaign.pick(40, 3)
    with Disk(campaign, "disk-full", SPARE + times * EACH) as disk:
        fills(campaign, report, disk, times)
    for what in ("full", "read-only"):
        with Disk(campaign, "disk-start", SPARE) as disk:
            starts(campaign, report, disk, what)


class Disk:
    """A tmpfs with so many KiB to spare, and a daemon's folder on it."""

    def __init__(self, campaign, name, spare):
        self.spare = spare
        self.campaign, self.point = campaign, os.path.join(campaign.folder, name)

    def __enter__(self):
        template = home(self.campaign, "disk-template")
        size = int(subprocess.check_output(["du", "-sk", template], text=True).split()[0]) + self.spare
        os.makedirs(self.point)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%dk" % size, "intentd-campaign", self.point], check=True)
        self.root = os.path.join(self.point, "root")
        copy(template, self.root)
        # Where the system runs it, sockets are on a disk of their own.
        aside = self.point + "-run"
        shutil.rmtree(aside, ignore_errors=True)
        os.makedirs(aside)
        shutil.rmtree(os.path.join(self.root, "run"), ignore_errors=True)
        os.symlink(aside, os.path.join(self.root, "run"))
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", "--lazy", self.point], check=True)
        os.rmdir(self.point)

    def fill(self):
        """Takes what is free, to the last page."""
        with open(os.path.join(self.point, "filler"), "ab", buffering=0) as file:
            for size in (65536, 4096, 512):
                try:
                    while True:
                        file.write(b"x" * size)
                except OSError:
                    pass

    def empty(self):
        os.remove(os.path.join(self.point, "filler"))

    def remount(self, how):
        subprocess.run(["mount", "-o", "remount," + how, self.point], check=True)


def fills(campaign, report, disk, times):
    chance, journal, mine = campaign.random("disk"), Journal(), Person()
    daemon = Daemon(campaign.binary, disk.root, log=disk.point + ".log")
    daemon.start()
    known, lost, chats, taken, refused, slowest = set(), 0, 0, 0, 0, 0.0
    try:
        for number in range(times):
            load = Load(daemon, journal, "%s %d" % (campaign.seed, number))
            for work in (load.write, load.write):
                load.begin(work, mine, os.getuid())
            load.begin(load.export, mine)
            if number % 3 == 0:
                load.begin(load.retrain, mine, "none", [])
            time.sleep(chance.uniform(0.05, 0.5))
            disk.fill()
            before = sum(1 for item in journal.items.values() if item.receipt)
            end = time.monotonic() + chance.uniform(0.3, 1.5)
            while time.monotonic() < end:
                # While it is full, what a training leaves may make room again.
                disk.fill()
                with Line(daemon.path, patience=10) as line:
                    line.call("chat", message="where is my parcel", mode="local")
                    chats += 1
                time.sleep(0.02)
            load.halt()
            taken += sum(1 for item in journal.items.values() if item.receipt) - before
            for error in load.errors:
                report.fail("fill %d: %s" % (number, error))
            disk.empty()
            slowest = max(slowest, recovered(daemon, journal))
            for item in journal.items.values():
                # A refusal promised that nothing was taken; it is sent once more now.
                if item.refused in ("storage_full", "storage_failed"):
                    refused += 1
                    item.refused = None
            wrong = oracle.examine(daemon, journal, {mine.uid: mine}, known)
            lost += len(wrong)
            for text in wrong[:5]:
                report.fail("fill %d: %s" % (number, text))
    except (Gone, Refused) as error:
        report.fail("while the disk was full: %s" % error)
    finally:
        report.expect(daemon.process.poll() is None, "the daemon ended: %s" % daemon.said())
        daemon.stop()
    report.row("fills under feedback, retraining and export", times, taken, chats, refused, lost, "%.2f s" % slowest)
    report.expect(slowest <= 2, "it took %.2f s until feedback was taken again; the goal is 2 s" % slowest)


def recovered(daemon, journal):
    """Seconds until feedback is taken after there is room again; 10 where it is not."""
    begun = time.monotonic()
    with Line(daemon.path, patience=10) as line:
        while time.monotonic() - begun < 10:
            item = journal.next(os.getuid())
            try:
                item.receipt = line.call("feedback.submit", **item.parameters())["feedback_id"]
                break
            except Refused:
                del journal.items[item.text]
                time.sleep(0.02)
    return time.monotonic() - begun


def starts(campaign, report, disk, what):
    daemon = Daemon(campaign.binary, disk.root, log=disk.point + ".log")
    name = "start on a %s disk" % what
    if what == "full":
        disk.fill()
    else:
        disk.remount("ro")
    try:
        daemon.start(patience=30)
        with Line(daemon.path) as line:
            degraded = [entry["feature"] for entry in line.call("status")["degraded"]]
            report.expect("disk" in degraded, "%s: degraded says %r and not disk" % (name, degraded))
            try:
                line.call("feedback.submit", text="nobody can keep this", intent="greeting")
                answer = "taken"
            except Refused as refused:
                answer = refused.reason
        report.expect(answer in ("storage_full", "storage_failed"), "%s: feedback is %s" % (name, answer))
        if what == "full":
            disk.empty()
        else:
            disk.remount("rw")
        # It says that it wants to be started again.
        daemon.stop()
        daemon.start(patience=30)
        slow = recovered(daemon, Journal())
        report.expect(slow <= 2, "%s: feedback is taken %.2f s after a start with room" % (name, slow))
        report.row(name, 1, 0, 1, answer, 0, "%.2f s" % slow)
    except (Ended, Hung, Gone, Refused) as error:
        report.fail("%s: %s" % (name, str(error)[-300:]))
        report.row(name, 1, "-", "it does not serve", "-", "-", "-")
    finally:
        daemon.stop()
