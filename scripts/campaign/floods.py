"""Part `floods`: what another user and an admin wait for while one hostile user asks without a pause."""
import math
import shutil
import time

import measure
from daemon import Daemon, configure, copy, home
from flooders import WHAT, Flood
from methods import ADMIN, SHORT_ADMIN, SHORT_USER, USER
from people import VICTIM
from report import number, percentile
from slowllm import SlowLLM
from wire import Line

# A daemon that takes more than this has failed already, and other work on this machine need not suffer.
MEMORY = 6144


TITLE = "One hostile user"


def run(campaign, report):
    if not campaign.root_user:
        report.note("skipped: only root can be several users.")
        return
    llm = SlowLLM()
    try:
        template = prepare(campaign, llm)
        quiet = Measured(campaign, template, None, {})
        late = [name for name, found in quiet.all() if found["late"] > measure.LATE]
        if late:
            report.note("The machine was too busy to measure even the quiet daemon: %s." % ", ".join(late))
        goals = {key: goal(key, found, campaign.short) for key, found in quiet.all()}
        table = {key: [key[0], "`%s`" % key[1], percentile(found["ms"], 0.5), percentile(found["ms"], 0.99), goals[key]]
                 for key, found in quiet.all()}
        for kind in campaign.floods:
            # A busy machine lets everybody wait, which is no fault of the daemon: it is measured and not judged.
            limits = {} if kind == "busy" else goals
            flooded = Measured(campaign, template, kind, limits)
            for key, found in flooded.all():
                table[key].append(judged(report, kind, key, found, limits.get(key)))
            if kind == "busy":
                goals[CHAT] = max(goals[CHAT], percentile(flooded.chat[CHAT[1]]["ms"], 0.99) or 0)
            stopping(report, kind, flooded)
    finally:
        llm.end()
    report.table("who", "method", "quiet p50", "quiet p99", "goal", *campaign.floods)
    for row in table.values():
        report.row(*row)
    report.note("\nMilliseconds; under each flood the p99 of %d samples, in bold where the goal is missed. > is no answer; a "
                "method is left as soon as its goal is missed for certain. Goals: %s" % (campaign.pick(200, 40), GOALS))


CHAT = ("user", "chat, 8 connections")
GOALS = ("another user's `feedback.submit` p99 at most 50; what answers an admin within 10 on the quiet daemon p99 at most 50, "
         "the rest 3 × quiet + 50; local chats over 8 connections p99 at most 3 × quiet, or "
         "what they take beside two processes that compute and ask nothing (`busy`). What reads all that is stored is compared with itself on the rows "
         "that the flood has stored.")


def prepare(campaign, llm):
    """A folder with two versions, a conversation and some feedback."""
    root = home(campaign, "floods", "bundled")
    configure(root, llm.settings())
    daemon = Daemon(campaign.binary, root)
    daemon.start()
    try:
        with Line(daemon.path, patience=300) as line:
            for n in range(50):
                line.call("feedback.submit", text="has the courier number %d run away" % n, intent="missing_parcel")
                line.call("chat", message="where is my parcel", mode="local", session="measured")
            line.call("retrain")
            while line.call("status")["job"]:
                time.sleep(0.1)
            if len(line.call("models.list")["models"]) < 2:
                raise RuntimeError("the second version was not made")
    finally:
        daemon.stop()
    return root


class Measured:
    """One daemon, quiet or under one flood: `user`, `admin` and `chat`, and what it took."""

    def __init__(self, campaign, template, kind, limits):
        root = template + "-" + (kind or "quiet")
        copy(template, root)
        self.daemon = Daemon(campaign.binary, root)
        self.daemon.start(open_to_all=True)
        samples, chats = campaign.pick(200, 40), campaign.pick(4000, 800)
        user, admin = (SHORT_USER, SHORT_ADMIN) if campaign.short else (USER, ADMIN)
        flood = self.flood = Flood(kind, self.daemon.path) if kind else None
        path = self.daemon.path
        self.peak = 0
        try:
            time.sleep(1 if kind else 0)
            self.user = self.part("user", user, samples, limits)
            self.chat = self.chats(path, chats, limits.get(CHAT))
            self.admin = self.part("admin", admin, samples, limits)
            self.peak = max(self.peak, self.daemon.memory())
            begun = time.monotonic()
            self.status = self.daemon.stop(patience=60)
            self.stopped = time.monotonic() - begun
        finally:
            if flood:
                flood.end()
            self.daemon.stop(patience=1)
            shutil.rmtree(root, ignore_errors=True)

    def part(self, who, cells, samples, limits):
        found = {}
        uid = VICTIM if who == "user" else None
        mine = {name: limit for (of, name), limit in limits.items() if of == who}
        for cell in cells:
            if self.daemon.process.poll() is not None or self.peak > MEMORY:
                found[cell.name] = {"ms": [], "refused": {}, "unanswered": 1, "late": 0, "rounds": 0}
                continue
            path = self.daemon.path
            found.update(measure.aside(lambda: measure.calls(path, uid, [cell], samples, mine)))
            if uid is None and missed(found[cell.name], mine.get(cell.name)):
                # What reads all that is stored reads what the flood has stored, too. So it is measured on that when it is quiet.
                self.flood.rest()
                time.sleep(1)
                again = measure.aside(lambda: measure.calls(path, uid, [cell], samples))[cell.name]
                self.flood.resume()
                found[cell.name]["after"] = math.inf if again["unanswered"] else percentile(again["ms"], 0.99)
            self.peak = max(self.peak, self.daemon.memory())
        return found

    def chats(self, path, count, limit):
        for attempt in range(1, 6):
            found = measure.aside(lambda: measure.chats(path, VICTIM, count))
            found["rounds"] = attempt
            if measure.on_time(found, limit):
                break
        return {CHAT[1]: found}

    def all(self):
        for who, part in (("user", self.user), ("user", self.chat), ("admin", self.admin)):
            for name, found in part.items():
                yield (who, name), found


def goal(key, quiet, short):
    """The most that the p99 may be, in ms; None where nothing is promised. A short run has few samples and runs where others
    work, too; it looks for users who are starved and not for the last millisecond."""
    exact = exactly(key, quiet)
    return exact if exact is None or not short else exact + (10 if key == CHAT else 50)


def exactly(key, quiet):
    who, name = key
    if not quiet["ms"]:
        return None
    p99 = percentile(quiet["ms"], 0.99)
    if key == CHAT:
        return 3 * p99
    if who == "user":
        return 50 if name == "feedback.submit" else None
    return 50 if percentile(quiet["ms"], 0.5) <= 10 else 3 * p99 + 50


def missed(found, limit):
    return limit is not None and (found["unanswered"] or found["ms"] and percentile(found["ms"], 0.99) > limit)


def judged(report, kind, key, found, limit):
    """The cell of the table: the p99 in ms, in bold where the goal is missed."""
    none = found["unanswered"] or not found["ms"]
    shown = "> %s" % number(1000 * measure.PATIENCE) if none else number(percentile(found["ms"], 0.99))
    if found["refused"]:
        shown += " (%s)" % ", ".join("%s %d times" % pair for pair in found["refused"].items())
    if limit is None:
        return shown
    if found.get("after") == math.inf:
        return shown + " (no sooner when it is quiet)"
    if found.get("after"):
        shown += " (quiet on the same rows %s)" % number(found["after"])
        limit = max(limit, 3 * found["after"] + 50)
    if none and limit > 1000 * measure.PATIENCE:
        return shown + " ?"
    if not (none or found["refused"] or percentile(found["ms"], 0.99) > limit):
        return shown
    if not measure.on_time(found, limit):
        report.note("- `%s`: `%s` of the %s is not judged: the measuring process was itself late five times (p99 %s ms)."
                    % (kind, key[1], key[0], number(found["late"])))
        return shown + " ?"
    report.fail("%s: %s of the %s has p99 %s ms, the goal is %s" % (kind, key[1], key[0], shown, number(limit)))
    return "**%s**" % shown


def stopping(report, kind, flooded):
    report.note("- `%s`: %s. Most memory seen %s MiB; SIGTERM in the middle of it ended the daemon %s." % (
        kind, WHAT[kind], number(flooded.peak),
        "after %.1f s" % flooded.stopped if flooded.status is not None else "not within 60 s"))
    report.expect(flooded.status == 0 and flooded.stopped <= 10, "%s: SIGTERM took %.1f s, status %s; the goal is 10 s and 0"
                  % (kind, flooded.stopped, flooded.status))
