"""Threads that use a daemon as people do, until it dies under them; everything goes into the journal."""
import random
import threading
import time

from wire import Gone, Line, Refused


class Load:
    """`begin` starts a thread for a function of this class; all end when the connection does or `halt` is called."""

    def __init__(self, daemon, journal, seed):
        self.path, self.journal, self.seed = daemon.path, journal, seed
        self.halted, self.threads, self.errors = threading.Event(), [], []

    def begin(self, work, person, *arguments):
        chance = random.Random("%s %d" % (self.seed, len(self.threads)))

        def guarded():
            try:
                with Line(self.path, person, patience=60) as line:
                    work(line, chance, *arguments)
            except Gone as gone:
                if "connecting: [Errno 13]" in str(gone):
                    self.errors.append("%s: %s" % (work.__name__, gone))
            except Exception as error:  # A fault of the load is a finding too, never a silent end.
                self.errors.append("%s: %r" % (work.__name__, error))

        thread = threading.Thread(target=guarded, daemon=True)
        self.threads.append(thread)
        thread.start()

    def halt(self):
        self.halted.set()
        for thread in self.threads:
            thread.join(70)

    def submit(self, line, item):
        try:
            item.receipt = line.call("feedback.submit", **item.parameters())["feedback_id"]
        except Refused as refused:
            item.refused = refused.reason

    def write(self, line, chance, uid):
        while not self.halted.is_set():
            self.submit(line, self.journal.next(uid))
            time.sleep(chance.uniform(0.001, 0.012))

    def review(self, line, chance):
        while not self.halted.is_set():
            for item in line.call("feedback.list", state="pending", limit=20)["items"]:
                state = chance.choice(["accepted", "rejected"])
                self.journal.reviews[item["feedback_id"]] = (state, False)
                try:
                    line.call("feedback.review", feedback_id=item["feedback_id"], accept=state == "accepted")
                except Refused:
                    # The item may be gone with its author; nothing was decided.
                    del self.journal.reviews[item["feedback_id"]]
                    continue
                self.journal.reviews[item["feedback_id"]] = (state, True)
            time.sleep(chance.uniform(0.005, 0.03))

    def chat(self, line, chance):
        while not self.halted.is_set():
            line.call("chat", message="where is my parcel", mode="local", session="s%d" % chance.randrange(100))
            time.sleep(0.002)

    def export(self, line, chance):
        while not self.halted.is_set():
            for what in ("data", "feedback"):
                line.call("export", what=what, format=chance.choice(["csv", "jsonl"]))

    def retrain(self, line, _, wanted, reached):
        """Sets `reached` when the job comes to the step `wanted`, or ends."""
        try:
            line.call("retrain")
        except Refused:
            return
        while not self.halted.is_set():
            params = line.receive().get("params", {})
            if params.get("step") == wanted or params.get("fraction", 0) >= 1:
                reached.append(params["step"])
                return

    def move(self, line, chance, reached):
        while not self.halted.is_set():
            # Promoting the champion moves nothing.
            versions = [m["version"] for m in line.call("models.list")["models"] if "champion" not in m["aliases"]]
            if not versions:
                return reached.append("move")
            # Letters: a long number may look like a card's, which is not kept.
            move = ["move %s" % "".join(chance.choices("bcdfghklmnprst", k=12)), False]
            self.journal.moves.append(move)
            reached.append("move")
            try:
                line.call(chance.choice(["models.promote", "models.rollback"]), version=chance.choice(versions),
                          reason=move[0], force=True)
                move[1] = True
            except Refused:
                self.journal.moves.remove(move)
            time.sleep(0.01)

    def bring(self, line, chance, content, reached):
        """Imports the same rows with another row that names the import."""
        while not self.halted.is_set():
            marker = ["marker %s" % "".join(chance.choices("bcdfghklmnprst", k=12)), False]
            self.journal.imports.append(marker)
            reached.append("import")
            try:
                marker[1] = line.call("data.import", content=content + "%s,greeting,train\n" % marker[0], partial=True)["imported"]
            except Refused:
                self.journal.imports.remove(marker)
            time.sleep(0.02)

    def forget(self, line, chance, uid, reached):
        items = [self.journal.next(uid) for _ in range(chance.randrange(2, 8))]
        for item in items:
            self.submit(line, item)
        entry = [[item for item in items if item.receipt], False]
        self.journal.forgets.append(entry)
        reached.append("forget")
        line.call("forget")
        entry[1] = True
