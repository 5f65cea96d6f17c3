"""Every method with parameters that are right and do no harm, for an admin and for a user."""
from people import FORGETFUL
from wire import Refused

TEXT = "where is my parcel, it should have come on Monday"
IMPORT = "text,intent\n" + "".join("row number %d of a small file,%s\n" % (n, "ab"[n % 2] * 3) for n in range(200))


class Cell:
    """One method: `params` of the n-th call, and what has to be done before or after it, which is not timed."""

    def __init__(self, method, params=None, before=None, after=None, name=None):
        self.method, self.name = method, name or method
        self.params = params or (lambda n, state: {})
        self.before, self.after = before, after


def fixed(method, **params):
    return Cell(method, lambda n, state: params)


def submit(line, n, state):
    state["count"] = state.get("count", 0) + 1
    state["item"] = line.call("feedback.submit", text="measured by %s %d" % (state["name"], state["count"]),
                              intent="greeting")["feedback_id"]


def submitted(n, state):
    state["count"] = state.get("count", 0) + 1
    return {"text": "measured for %s %d" % (state["name"], state["count"]), "intent": "greeting"}


def quietly(method, **params):
    def work(line, n, state):
        try:
            line.call(method, **params)
        except Refused:
            pass
    return work


def remember(key, member):
    def keep(line, n, state):
        state[key] = state["result"][member]
    return keep


def undo(line, n, state):
    line.call("intents.undo", move=state["result"]["move"], reason="measured")


def rename(line, n, state):
    state["move"] = line.call("intents.rename", intent="who_are_you", to="who_is_there", reason="measured")["move"]


def cancel(line, n, state):
    try:
        line.call("jobs.cancel", job=state["result"]["job"])
    except Refused:
        pass


def retrain(line, n, state):
    while True:
        try:
            state["job"] = line.call("retrain", dry_run=True)["job"]
            return
        except Refused as refused:
            if refused.reason != "conflict":
                raise


READS = [
    fixed("status"), fixed("metrics"), fixed("verify"), fixed("models.list"), fixed("models.show", version=1, wrong=True),
    fixed("models.diff", **{"from": 1, "to": 2}), fixed("models.history"), fixed("jobs.list"),
    fixed("intents.list"), fixed("sessions.list"), fixed("experiment.report"), fixed("feedback.list", limit=100),
]
ADMIN = READS + [
    Cell("feedback.review", lambda n, state: {"feedback_id": state["item"], "accept": n % 2 == 0}, before=submit),
    Cell("models.rollback", lambda n, state: {"version": 1, "reason": "measured", "force": True},
         before=quietly("models.promote", version=2, reason="measured", force=True)),
    Cell("models.promote", lambda n, state: {"version": 2, "reason": "measured", "force": True},
         before=quietly("models.rollback", version=1, reason="measured", force=True)),
    fixed("reload"), fixed("data.check", limit=100), fixed("data.show", limit=100),
    fixed("data.diff", **{"from": "v1", "to": "now"}), fixed("data.import", content=IMPORT, check_only=True),
    Cell("export", lambda n, state: {"what": "data"}, name="export data"),
    Cell("export", lambda n, state: {"what": "feedback", "format": "jsonl"}, name="export feedback"),
    fixed("forget", uid=FORGETFUL),
    Cell("intents.rename", lambda n, state: {"intent": "who_are_you", "to": "who_is_there", "reason": "measured"}, after=undo),
    Cell("intents.undo", lambda n, state: {"move": state["move"], "reason": "measured"}, before=rename),
    Cell("intents.merge", lambda n, state: {"intents": ["goodbye", "thanks"], "to": "thanks", "reason": "measured"}, after=undo),
    Cell("intents.remove", lambda n, state: {"intent": "goodbye", "reason": "measured"}, after=undo),
    Cell("retrain", lambda n, state: {"dry_run": True}, after=cancel),
    Cell("jobs.cancel", lambda n, state: {"job": state["job"]}, before=retrain),
]
USER = READS + [
    Cell("feedback.submit", submitted), fixed("predict", text=TEXT), fixed("explain", text=TEXT),
    Cell("chat", lambda n, state: {"message": TEXT, "mode": "local", "session": "measured"}, name="chat, one after the other"),
    Cell("feedback.revise", lambda n, state: {"feedback_id": state["item"], "comment": "no %d" % n}, before=submit),
    Cell("feedback.withdraw", lambda n, state: {"feedback_id": state["item"]}, before=submit),
    fixed("sessions.show", session="measured"), fixed("sessions.forget", session="not-there"), fixed("rpc.discover"),
]
# What `make test` has time for: two of a user, two of an admin.
SHORT_USER = [cell for cell in USER if cell.name in ("feedback.submit", "explain")]
SHORT_ADMIN = [cell for cell in ADMIN if cell.name in ("models.rollback", "verify")]
