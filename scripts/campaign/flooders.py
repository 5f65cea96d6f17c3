"""Hostile processes: one user asks as much as the protocol lets through, without a pause."""
import itertools
import json
import os
import selectors
import signal
import socket
import time

from people import HOSTILE, become

LONG = ("what about the parcel that I sent back on Monday and the money for it " * 240)[:16384]
# Each of these characters becomes 18 by NFKC.
SWELLING = "\ufdfa" * 16384


def request(number, method, **params):
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}).encode() + b"\n"


def predicts(number):
    batch = [{"jsonrpc": "2.0", "id": n, "method": "predict", "params": {"text": "%d %s" % (number, LONG[:200])}} for n in range(64)]
    return json.dumps(batch).encode() + b"\n"


def explains(number):
    return SWELL if number % 4 == 0 else PLAIN


def submissions(number):
    return request(number, "feedback.submit", text="a flood of item %d %d" % (os.getpid(), number), intent="greeting",
                   key="flood-%d-%d" % (os.getpid(), number))


def llm_chats(number):
    return request(number, "chat", message="tell me a story of %d words" % number, mode="llm")


def reads(number):
    return READ[number % len(READ)]


SWELL, PLAIN = request(1, "explain", text=SWELLING), request(1, "explain", text=LONG)
READ = [request(1, method, **params) for method, params in [
    ("feedback.list", {"limit": 1000}), ("jobs.list", {"limit": 1000}), ("models.list", {}), ("metrics", {}),
    ("models.show", {"version": 1, "wrong": True}), ("models.history", {"limit": 1000}), ("intents.list", {}),
    ("models.diff", {"from": 1, "to": 2}), ("verify", {}), ("sessions.list", {"limit": 1000}), ("experiment.report", {}),
    ("export", {"what": "data"}), ("rpc.discover", {}),
]]
# By name: what is asked, over how many connections, with how many lines unanswered on each.
FLOODS = {
    "busy": (None, 0, 0),
    "predict": (predicts, 8, 2), "explain": (explains, 2, 128), "submit": (submissions, 32, 64),
    "llm": (llm_chats, 8, 16), "reads": (reads, 16, 16), "storms": (None, 0, 0),
}
WHAT = {
    "busy": "two processes that compute and ask nothing: what no daemon can prevent",
    "predict": "8 connections, 2 batches of 64 `predict` in flight on each",
    "explain": "2 connections, 128 `explain` of 16,384 characters in flight on each, a quarter of which NFKC would make 18 times as long",
    "submit": "32 connections, 64 `feedback.submit` in flight on each",
    "llm": "8 connections, 16 `chat` in mode `llm` in flight on each, to an LLM that takes a second for each",
    "reads": "16 connections, 16 in flight on each: " + "`feedback.list`, `jobs.list`, `models.*`, `metrics`, `verify` and the like",
    "storms": "two processes that connect, ask for `status` and go without reading",
}


class Flood:
    """Two processes of the flood `kind`; they give way to whoever measures."""

    def __init__(self, kind, path):
        self.children = []
        for half in range(2):
            child = os.fork()
            if child == 0:
                try:
                    signal.signal(signal.SIGTERM, signal.SIG_DFL)
                    os.nice(10)
                    become(HOSTILE)
                    if kind == "busy":
                        compute()
                    elif kind == "storms":
                        storm(path)
                    else:
                        pour(path, half, *FLOODS[kind])
                finally:
                    os._exit(0)
            self.children.append(child)

    def rest(self):
        for child in self.children:
            os.kill(child, signal.SIGSTOP)

    def resume(self):
        for child in self.children:
            os.kill(child, signal.SIGCONT)

    def end(self):
        for child in self.children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def compute():
    while True:
        sum(range(10_000))


def storm(path):
    line = request(1, "status")
    while True:
        client = socket.socket(socket.AF_UNIX)
        try:
            client.connect(path)
            client.send(line)
        except OSError:
            time.sleep(0.001)
        client.close()


def pour(path, half, make, connections, depth):
    """Keeps `depth` lines unanswered on half of the connections."""
    numbers = itertools.count(1)
    chosen = selectors.DefaultSelector()
    for _ in range(max(1, connections // 2)):
        join(chosen, path)
    while True:
        for key, events in chosen.select(1):
            state = key.data
            try:
                if events & selectors.EVENT_READ:
                    data = key.fileobj.recv(1 << 18)
                    if not data:
                        raise ConnectionResetError
                    # Notifications are no answers, but nobody here asks for any.
                    state["open"] -= data.count(b"\n")
                while not state["rest"] and state["open"] < depth:
                    state["rest"] = make(next(numbers) * 2 + half)
                    state["open"] += 1
                if state["rest"]:
                    state["rest"] = state["rest"][key.fileobj.send(state["rest"]):]
            except BlockingIOError:
                pass
            except OSError:
                chosen.unregister(key.fileobj)
                key.fileobj.close()
                time.sleep(0.01)
                join(chosen, path)
                continue
            writing = state["rest"] or state["open"] < depth
            chosen.modify(key.fileobj, selectors.EVENT_READ | (selectors.EVENT_WRITE if writing else 0), state)


def join(chosen, path):
    client = socket.socket(socket.AF_UNIX)
    while True:
        try:
            client.connect(path)
            break
        except OSError:
            time.sleep(0.05)
    client.setblocking(False)
    chosen.register(client, selectors.EVENT_READ | selectors.EVENT_WRITE, {"rest": b"", "open": 0})
