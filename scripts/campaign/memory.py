"""Part `memory`: what a daemon holds after many chats, many sessions and many retrainings."""
import selectors
import time

from daemon import Daemon, home
from people import Person
from report import percentile
from wire import Line

# MiB that a daemon may grow after the first tenth; so much is the allocator's.
GOAL = 8


TITLE = "Memory"


def run(campaign, report):
    report.table("what", "how many", "after a tenth, MiB", "at the end", "most", "growth", "goal", "met")
    chats(campaign, report, "local chats", campaign.pick(2_000_000, 20_000), lambda n: b"")
    chats(campaign, report, "session names", campaign.pick(1_000_000, 10_000), lambda n: b',"session":"s%d"' % n)
    retrainings(campaign, report, campaign.pick(60, 3))
    report.note("Resident memory of the daemon; growth is the median of the last tenth above that of the second.")


def judge(report, what, count, sizes):
    """`sizes` are in MiB, in the order of time. The first tenth is warming up."""
    tenth = max(1, len(sizes) // 10)
    begin, end = percentile(sizes[tenth:2 * tenth] or sizes, 0.5), percentile(sizes[-tenth:], 0.5)
    grown = end - begin
    met = grown <= GOAL
    report.row(what, count, begin, end, max(sizes), grown, GOAL, met)
    report.expect(met, "%s %s had it grow by %.1f MiB; the goal is %d" % (format(count, ","), what, grown, GOAL))


def chats(campaign, report, what, count, more):
    daemon = Daemon(campaign.binary, home(campaign, "memory", "bundled"))
    daemon.start()
    try:
        sizes = []
        step = max(1, count // 50)
        begun = time.monotonic()
        for first in range(0, count, step):
            pour(daemon.path, range(first, min(count, first + step)), more)
            sizes.append(daemon.memory())
        # What was asked last may still be on its way to the disk.
        time.sleep(2)
        sizes.append(daemon.memory())
        judge(report, what, count, sizes)
        report.note("- %s: %.0f a second." % (what, count / (time.monotonic() - begun)))
    finally:
        daemon.stop()


def pour(path, numbers, more):
    """Asks once for each number, over 8 connections with up to 32 unanswered on each, and waits for all answers."""
    person, chosen = Person(), selectors.DefaultSelector()
    left = iter(numbers)
    open_, answered = 8, 0
    for _ in range(8):
        chosen.register(person.connect(path, 60), selectors.EVENT_READ, {"due": 0, "ended": False})
    for key in list(chosen.get_map().values()):
        send(key, left, 32, more)
        open_ -= done(key, chosen)
    while open_:
        ready = chosen.select(60)
        if not ready:
            raise RuntimeError("no answer to a chat within 60 s")
        for key, _ in ready:
            data = key.fileobj.recv(1 << 18)
            if not data:
                raise RuntimeError("the daemon closed a connection")
            lines = data.count(b"\n")
            key.data["due"] -= lines
            answered += lines
            if key.data["due"] <= 16 and not key.data["ended"]:
                send(key, left, 32 - key.data["due"], more)
            open_ -= done(key, chosen)
    if answered != len(numbers):
        raise RuntimeError("%d chats had %d answers" % (len(numbers), answered))


def done(key, chosen):
    if not key.data["ended"] or key.data["due"]:
        return False
    chosen.unregister(key.fileobj)
    key.fileobj.close()
    return True


def send(key, left, count, more):
    lines = []
    for number in left:
        lines.append(b'{"jsonrpc":"2.0","id":1,"method":"chat","params":{"message":"where is my parcel","mode":"local"%s}}\n'
                     % more(number))
        if len(lines) == count:
            break
    key.data["ended"] = len(lines) < count
    key.data["due"] += len(lines)
    key.fileobj.sendall(b"".join(lines))


def retrainings(campaign, report, count):
    daemon = Daemon(campaign.binary, home(campaign, "memory", "bundled"))
    daemon.start()
    try:
        sizes = []
        with Line(daemon.path, patience=300) as line:
            for number in range(count):
                # Without anything new the version would be the one that is there.
                line.call("feedback.submit", text="has courier number %d run away with it" % number, intent="missing_parcel")
                line.call("retrain")
                while line.call("status")["job"]:
                    time.sleep(0.05)
                sizes.append(daemon.memory())
            made = len([v for v in line.call("jobs.list", limit=count)["jobs"] if v["state"] == "done"])
        report.expect(made == count, "%d of %d retrainings came to an end" % (made, count))
        judge(report, "retrainings", count, sizes)
    finally:
        daemon.stop()
