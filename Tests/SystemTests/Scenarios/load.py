"""Clients that ask while the daemon is told to stop. Ends with 1 where one of them got less than it was owed."""
import json
import socket
import sys
import threading

texts = ["where is my parcel and my money " * 20] * 1000
failures = []
answered = [0]


def connect():
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(120)
    client.connect("/run/intentd.sock")
    return client


def slow(ready):
    """Requests that take a while; all were accepted once something after them is answered."""
    client = connect()
    lines = client.makefile("rw")
    for number in range(4):
        lines.write(json.dumps({"jsonrpc": "2.0", "id": number, "method": "predict", "params": {"texts": texts}}) + "\n")
    lines.write('{"jsonrpc":"2.0","id":"last","method":"predict","params":{"text":"hello"}}\n')
    lines.flush()
    seen = set()
    for line in lines:
        answer = json.loads(line)
        if "result" not in answer:
            failures.append(line)
        seen.add(answer["id"])
        if answer["id"] == "last":
            ready.release()
    if seen != {0, 1, 2, 3, "last"}:
        failures.append("answered: %r" % seen)


def quick():
    """One request after the other, until the daemon closes: no half answers."""
    client = connect()
    lines = client.makefile("rw")
    try:
        while True:
            lines.write('{"jsonrpc":"2.0","id":1,"method":"chat","params":{"message":"where is my parcel"}}\n')
            lines.flush()
            line = lines.readline()
            if not line:
                return
            if "result" not in json.loads(line):
                failures.append(line)
            answered[0] += 1
    except (BrokenPipeError, ConnectionResetError):
        return


ready = threading.Semaphore(0)
threads = [threading.Thread(target=slow, args=(ready,)) for _ in range(2)]
threads += [threading.Thread(target=quick) for _ in range(4)]
for thread in threads:
    thread.start()
for _ in range(2):
    ready.acquire()
print("ready", flush=True)
for thread in threads:
    thread.join()
print("answered", answered[0], "failures", failures)
sys.exit(bool(failures) or answered[0] == 0)
