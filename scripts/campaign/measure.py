"""Times calls in a process of its own, which also knows whether it was itself late: then the figure says nothing."""
import json
import os
import selectors
import threading
import time

from people import Person
from report import percentile
from wire import Gone, Line, Refused

# A process that wakes later than this (ms, p99) measures the scheduler.
LATE = 20
# Seconds. No goal is near it, and whoever gets no answer for so long has been starved.
PATIENCE = 5


class Punctual(threading.Thread):
    """Sleeps 5 ms, again and again, and sees how late it wakes."""

    def __init__(self):
        super().__init__(daemon=True)
        self.waits, self.ended = [], threading.Event()

    def run(self):
        while not self.ended.is_set():
            begun = time.monotonic()
            time.sleep(0.005)
            self.waits.append(1e3 * (time.monotonic() - begun) - 5)

    def end(self):
        self.ended.set()
        self.join()
        return percentile(self.waits, 0.99) or 0.0


def aside(work):
    """What `work` gives back, done in a process of its own."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(read)
            # What is measured is the daemon, not how long this process waits for a processor.
            os.nice(-10)
            with os.fdopen(write, "w") as out:
                json.dump(work(), out)
            status = 0
        finally:
            os._exit(status)
    os.close(write)
    with os.fdopen(read) as result:
        text = result.read()
    if os.waitpid(child, 0)[1] != 0:
        raise RuntimeError("the measuring process failed; what it said stands above")
    return json.loads(text)


def on_time(found, limit):
    """Whether a round counts: the process woke when it wanted to, or its lateness did not make it miss anything."""
    met = limit is not None and found["ms"] and percentile(found["ms"], 0.99) <= limit
    return found["late"] <= LATE or found["unanswered"] or met


def calls(path, uid, cells, samples, limits=None, seconds=6):
    """For each cell its `ms`, what was `refused` and how `late` the process was. With `limits`, in ms by name, a cell
    ends as soon as more than a hundredth of its samples are over it: its p99 is then over it whatever comes."""
    person = Person(uid)
    result = {}
    try:
        for cell in cells:
            for attempt in range(1, 6):
                found = one(path, person, cell, samples, (limits or {}).get(cell.name), seconds)
                found["rounds"] = attempt
                result[cell.name] = found
                if on_time(found, (limits or {}).get(cell.name)):
                    break
    finally:
        person.leave()
    return result


def one(path, person, cell, samples, limit, seconds):
    times, refused, unanswered = [], {}, 0
    state = {"name": "%d-%d" % (person.uid, time.monotonic_ns())}
    clock = Punctual()
    clock.start()
    begun = time.monotonic()
    line = None
    while len(times) < samples and time.monotonic() - begun < seconds:
        try:
            line = line or Line(path, person, patience=PATIENCE)
            if cell.before:
                cell.before(line, len(times), state)
            params = cell.params(len(times), state)
            start = time.monotonic()
            state["result"] = line.call(cell.method, **params)
            times.append(1e3 * (time.monotonic() - start))
            if cell.after:
                cell.after(line, len(times), state)
        except Refused as error:
            refused[error.reason] = refused.get(error.reason, 0) + 1
            if sum(refused.values()) > 10:
                break
            time.sleep(0.05)
        except Gone:
            unanswered += 1
            line = None
            break
        over = sum(1 for wait in times if limit and wait > limit)
        if over > samples / 100 and time.monotonic() - begun > 3:
            break
    if line:
        line.close()
    return {"ms": times, "refused": refused, "unanswered": unanswered, "late": clock.end()}


def chats(path, uid, count, connections=8, seconds=30):
    """Local chats over so many connections with one in flight each: their `ms`, and how `late` the process was."""
    person = Person(uid)
    request = b'{"jsonrpc":"2.0","id":1,"method":"chat","params":{"message":"where is my parcel","mode":"local"}}\n'
    chosen = selectors.DefaultSelector()
    times, sent, refused = [], {}, 0
    clock = Punctual()
    clock.start()
    try:
        for _ in range(connections):
            client = person.connect(path, PATIENCE)
            chosen.register(client, selectors.EVENT_READ, bytearray())
            sent[client] = time.monotonic()
            client.sendall(request)
        end = time.monotonic() + seconds
        while len(times) < count and time.monotonic() < end:
            ready = chosen.select(PATIENCE)
            if not ready:
                break
            for key, _ in ready:
                data = key.fileobj.recv(65536)
                if not data:
                    return {"ms": times, "refused": {"closed": 1}, "unanswered": 1, "late": clock.end()}
                key.data.extend(data)
                if key.data.endswith(b"\n"):
                    times.append(1e3 * (time.monotonic() - sent[key.fileobj]))
                    refused += b'"error"' in key.data
                    key.data.clear()
                    sent[key.fileobj] = time.monotonic()
                    key.fileobj.sendall(request)
        return {"ms": times, "refused": {"error": refused} if refused else {}, "unanswered": 0, "late": clock.end()}
    except OSError as error:
        return {"ms": times, "refused": {str(error): 1}, "unanswered": 1, "late": clock.end()}
    finally:
        person.leave()
