"""Compares what a daemon has after a start with the journal of what it acknowledged."""
import os

from daemon import names
from wire import Line, Refused

FILES = {"model.safetensors", "metadata.json", "evaluation.json"}


def examine(daemon, journal, people, known):
    """Sentences, one for each thing that is not as it was acknowledged. `known` are items that a former look found."""
    with Line(daemon.path, patience=120) as line:
        wrong = forgotten(line, daemon, journal)
        wrong += again(daemon, journal, people)
        wrong += feedback(line, journal, known)
        wrong += versions(line, daemon, journal)
        found = line.call("verify")
        if not found["ok"]:
            wrong.append("verify finds %r" % {k: v for k, v in found.items() if k != "ok"})
    return wrong


def again(daemon, journal, people):
    """Sends what nobody acknowledged once more, with the same key."""
    wrong = []
    lines = {}
    for item in journal.open():
        if item.uid not in lines:
            lines[item.uid] = Line(daemon.path, people[item.uid], patience=60)
        try:
            item.receipt = lines[item.uid].call("feedback.submit", **item.parameters())["feedback_id"]
        except Refused as refused:
            item.refused = refused.reason
            if refused.reason not in ("overloaded", "rate_limited", "storage_busy"):
                wrong.append("sending %s again is refused: %s" % (item.key, refused))
    for line in lines.values():
        line.close()
    return wrong


def stored(line, known):
    """Items from the newest back to a page of known ones."""
    items, before = [], None
    while True:
        page = line.call("feedback.list", limit=1000, **({"before": before} if before else {}))["items"]
        items += page
        if not page or all(item["feedback_id"] in known for item in page):
            return items
        before = page[-1]["feedback_id"]


def feedback(line, journal, known):
    wrong, by_text = [], {}
    for item in stored(line, known):
        by_text.setdefault(item["text"], []).append(item)
    for text, found in by_text.items():
        sent = journal.items.get(text)
        if sent is None:
            wrong.append("%r is stored and was never sent" % text)
        elif len(found) > 1:
            wrong.append("%r is stored %d times" % (text, len(found)))
        elif sent.refused:
            wrong.append("%r is stored and was refused (%s)" % (text, sent.refused))
        elif sent.receipt and sent.receipt != found[0]["feedback_id"]:
            wrong.append("%r has another feedback_id than was acknowledged" % text)
        asked = journal.reviews.get(found[0]["feedback_id"])
        allowed = {"accepted": ("accepted", "evaluation_only", "duplicate"), "rejected": ("rejected",)}
        if asked and asked[1] and found[0]["state"] not in allowed[asked[0]]:
            wrong.append("%r was %s, and is %s" % (text, asked[0], found[0]["state"]))
    for item in journal.items.values():
        if item.receipt and not item.forgotten and item.receipt not in known and item.text not in by_text:
            wrong.append("%r was acknowledged and is lost" % item.text)
    known.update(item["feedback_id"] for found in by_text.values() for item in found)
    return wrong


def forgotten(line, daemon, journal):
    wrong = []
    if not journal.forgets:
        return wrong
    there = {item["text"] for item in stored(line, set())}
    for items, acknowledged in journal.forgets:
        left = [item for item in items if item.text in there]
        if acknowledged and left:
            wrong.append("%d items are stored after their author was forgotten" % len(left))
        elif left and len(left) < len(items):
            wrong.append("a forgetting was done by halves: %d of %d items are left" % (len(left), len(items)))
        if left:
            continue
        for item in items:
            item.forgotten = True
        # The words are in no file of the database either; only an acknowledgement promises that it is done already.
        if acknowledged:
            wrong += ["a word of who was forgotten is in %s" % name for name in holding(daemon, items)]
    # Who was not acknowledged may have sent more than the journal knows as received.
    mine = {item.uid for items, _ in journal.forgets for item in items}
    for item in journal.items.values():
        if item.uid in mine and item.text not in there:
            item.forgotten = True
    journal.forgets.clear()
    return wrong


def holding(daemon, items):
    for name in ("intentd.sqlite", "intentd.sqlite-wal"):
        try:
            with open(os.path.join(daemon.root, "data", name), "rb") as file:
                content = file.read()
        except FileNotFoundError:
            continue
        if any(item.word.encode() in content for item in items):
            yield name


def versions(line, daemon, journal):
    wrong = []
    models = line.call("models.list")["models"]
    champions = [model["version"] for model in models if "champion" in model["aliases"]]
    answer = line.call("chat", message="where is my parcel", mode="local")
    if champions != [answer["model"]]:
        wrong.append("the champions are %r, and version %s answers" % (champions, answer["model"]))
    link = os.path.join(daemon.root, "models", "aliases", "champion")
    if int(os.path.basename(os.readlink(link))) != answer["model"]:
        wrong.append("the link of the champion leads to %s" % os.readlink(link))
    folder = os.path.join(daemon.root, "models", "versions")
    there = {int(name): set(os.listdir(os.path.join(folder, name))) for name in os.listdir(folder) if name.isdigit()}
    if line.call("status")["job"] is None:
        # Between its folder and its entry a version is whole and unknown; the next training takes its number and place.
        newest = max(model["version"] for model in models)
        unknown = set(there) - {model["version"] for model in models} - {newest + 1}
        if unknown:
            wrong.append("folders of versions that nobody knows: %r" % sorted(unknown))
        wrong += ["the folder of version %d has %r" % (n, sorted(files)) for n, files in there.items() if not FILES <= files]
        staging = names(daemon.root, "models", "staging")
        if staging and line.call("status")["job"] is None:
            wrong.append("a training left %r behind" % staging)
    moves = [move["reason"] for move in line.call("models.history", limit=1000)["moves"] if move["alias"] == "champion"]
    for reason, acknowledged in journal.moves:
        if acknowledged and moves.count(reason) != 1:
            wrong.append("the acknowledged %s stands %d times in the history" % (reason, moves.count(reason)))
    journal.moves.clear()
    wrong += imported(line, journal)
    return wrong


def imported(line, journal):
    """The rows are those of the last acknowledged import, or of one that was sent after it."""
    last = max((n for n, (_, done) in enumerate(journal.imports) if done), default=None)
    if last is None:
        return []
    page = line.call("export", what="data", format="csv")
    content = page["content"]
    while page["next"]:
        page = line.call("export", what="data", format="csv", offset=page["next"])
        content += page["content"]
    there = [n for n, (marker, _) in enumerate(journal.imports) if marker in content]
    if len(there) != 1 or there[0] < last:
        return ["after %d imports the rows are those of %r, not of number %d" % (len(journal.imports), there, last)]
    del journal.imports[:there[0]]
    journal.imports[0][1] = True
    return []
