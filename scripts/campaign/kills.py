"""Part `kills`: kill -9 at random moments under load, and after each the comparison with what was acknowledged."""
import os
import random
import shutil
import subprocess
import time

import oracle
from daemon import Daemon, Ended, Hung, home, names
from journal import Journal
from load import Load
from people import FORGETFUL, WRITER, Person
from report import percentile
from wire import Gone, Refused

# What goes on beside the writing when the kill comes, and how often of 20.
MOMENTS = (["writing"] * 5 + ["staging", "folder"] * 2 + ["features", "folds", "gate", "register", "promote", "swap"]
           + ["forget", "import", "move"] * 1 + ["export", "forget"])
# So many kills a folder sees before a new one begins: retraining on its feedback gets slower.
PER_FOLDER = 50


TITLE = "Kills under load"


def run(campaign, report):
    kills = campaign.pick(1000, 20)
    chance = campaign.random("kills")
    people = {os.getuid(): Person()}
    if campaign.root_user:
        people.update({uid: Person(uid) for uid in (WRITER, FORGETFUL)})
    else:
        report.note("Not root: nobody else wrote, and nobody was forgotten.")
    tally, ready, done, sent = {}, [], 0, 0
    try:
        while done < kills and len(report.failures) < 20:
            round_ = Round(campaign, people, chance, report, tally, ready)
            done += round_.run(min(PER_FOLDER, kills - done), done)
            sent += sum(1 for item in round_.journal.items.values() if item.receipt)
    finally:
        for person in people.values():
            person.leave()
    report.table("killed during", "kills")
    for moment in sorted(tally):
        report.row(moment, tally[moment])
    report.row("**all**", done)
    report.note("%s items of feedback were acknowledged; lost, doubled or never sent: %s. From exec to the first answer "
                "after a kill: p50 %.0f ms, p99 %.0f ms, longest %.0f ms."
                % (format(sent, ","), len(report.failures) or "none", 1e3 * percentile(ready, 0.5),
                   1e3 * percentile(ready, 0.99), 1e3 * max(ready)) if ready else "Nothing was killed.")


class Round:
    """One folder and its kills."""

    def __init__(self, campaign, people, chance, report, tally, ready):
        self.campaign, self.people, self.chance, self.report = campaign, people, chance, report
        self.tally, self.ready, self.journal, self.known = tally, ready, Journal(), set()
        self.daemon = Daemon(campaign.binary, home(campaign, "kills"))
        with open(os.path.join(campaign.folder, "template-small", "small.csv")) as file:
            self.content = file.read()

    def run(self, kills, before):
        done = 0
        try:
            self.daemon.start(open_to_all=True)
            while done < kills:
                if not self.once(before + done):
                    return done
                done += 1
            self.close()
        except (Ended, Hung, Gone) as error:
            self.report.fail("kill %d: %s" % (before + done, error))
        finally:
            self.daemon.stop()
            shutil.rmtree(self.daemon.root, ignore_errors=True)
        return done

    def once(self, number):
        moment = self.chance.choice(MOMENTS)
        if moment == "forget" and FORGETFUL not in self.people:
            moment = "writing"
        load = Load(self.daemon, self.journal, "%s %d" % (self.campaign.seed, number))
        reached = self.begin(load, moment)
        self.daemon.kill()
        load.halt()
        for error in load.errors:
            self.report.fail("kill %d (%s): %s" % (number, moment, error))
        if not reached:
            moment += " (not reached)"
        self.tally[moment] = self.tally.get(moment, 0) + 1
        self.ready.append(self.daemon.start(open_to_all=True))
        try:
            wrong = oracle.examine(self.daemon, self.journal, self.people, self.known)
        except Refused as refused:
            wrong = ["after the start: %s" % refused]
        for text in wrong[:5]:
            self.report.fail("kill %d (%s): %s" % (number, moment, text))
        return not wrong

    def begin(self, load, moment):
        """Starts the load and returns at the moment to kill; false where the moment did not come within 10 s."""
        mine = self.people[os.getuid()]
        # A training takes only what nobody else wants, so there are fewer writers beside one.
        training = moment in ("staging", "folder", "features", "folds", "gate", "register", "promote", "swap")
        for _ in range(1 if training else 3):
            load.begin(load.write, mine, os.getuid())
        if WRITER in self.people:
            load.begin(load.write, self.people[WRITER], WRITER)
            load.begin(load.review, mine)
        load.begin(load.chat, mine)
        reached = []
        if training:
            load.begin(load.retrain, mine, moment, reached)
        elif moment == "forget":
            load.begin(load.forget, self.people[FORGETFUL], FORGETFUL, reached)
        elif moment == "import":
            load.begin(load.bring, mine, self.content, reached)
        elif moment == "move":
            load.begin(load.move, mine, reached)
        else:
            reached.append(moment)
            if moment == "export":
                load.begin(load.export, mine)
            time.sleep(self.chance.uniform(0.005, 0.5))
            return True
        came = self.wait(moment, reached)
        time.sleep(random.Random(self.chance.random()).uniform(0, 0.02 if training else 0.15))
        return came

    def wait(self, moment, reached):
        folder = os.path.join(self.daemon.root, "models", {"staging": "staging", "folder": "versions"}.get(moment, "aliases"))
        before = set(names(folder))
        end = time.monotonic() + 10
        while time.monotonic() < end:
            if moment in ("staging", "folder"):
                if set(names(folder)) - before:
                    return True
            elif reached:
                return reached[-1] in (moment, "import", "forget", "move")
            time.sleep(0.0005)
        return False

    def close(self):
        """All of the folder once more, from the first item on, and the tool's own opinion."""
        for text in oracle.examine(self.daemon, self.journal, self.people, set()):
            self.report.fail("at the end: %s" % text)
        tool = os.path.join(os.path.dirname(self.campaign.binary), "intentctl")
        done = subprocess.run([tool, "verify", "--socket", self.daemon.path], capture_output=True, text=True)
        self.report.expect(done.returncode == 0, "intentctl verify: %s" % (done.stdout + done.stderr)[-400:])
        self.report.expect(self.daemon.stop() == 0, "SIGTERM did not end it with status 0")
