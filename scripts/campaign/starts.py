"""Part `starts`: folders that somebody or something has damaged. A start serves, or ends soon and says why."""
import os
import shutil
import socket
import subprocess
import time

import damage
from daemon import Daemon, copy, home
from wire import Gone, Line, Refused

TITLE = "Hostile starts"
# Seconds. A refusal reads no more than names; a start may have to train a first version, beside others' work.
REFUSAL, SERVICE = 5, 60


def run(campaign, report):
    count, chance = campaign.pick(300, 25), campaign.random("starts")
    base = home(campaign, "starts-base")
    fed(campaign, base)
    table = {name: [0, 0, 0, 0, 0.0] for name in damage.CASES}
    report.table("what is damaged", "starts", "served", "ended and said why", "hung, crashed or said nothing", "longest, s")
    order = list(damage.CASES)
    for number in range(count):
        # Each kind in turn, so that a short run has seen as many kinds as it can.
        name = order[(number * 7 + campaign.seed) % len(order)]
        root = os.path.join(campaign.folder, "start")
        copy(base, root)
        seed = chance.getrandbits(32)
        outcome, seconds, said = start(campaign, root, name, seed)
        row = table[name]
        row[0] += 1
        row[("served", "refused", "wrong").index(outcome) + 1] += 1
        row[4] = max(row[4], seconds)
        if outcome == "wrong":
            report.fail("%s (seed %d): %s" % (name, seed, said))
        subprocess.run(["chmod", "-R", "u+rwX", root], check=True)
        shutil.rmtree(root, ignore_errors=True)
        for rest in (root, root + ".log"):
            if os.path.exists(rest):
                os.remove(rest)
    for name, row in table.items():
        if row[0]:
            report.row(name, *row)
    report.row("**all**", *[sum(row[n] for row in table.values()) for n in range(4)], max(row[4] for row in table.values()))


def fed(campaign, root):
    """Some feedback and a second version, so that there is something to lose."""
    daemon = Daemon(campaign.binary, root)
    daemon.start()
    try:
        with Line(daemon.path, patience=300) as line:
            for n in range(20):
                line.call("feedback.submit", text="the courier called %s was rude" % ("abcdefghijklmnopqrst"[n] * 3), intent="order_status")
            line.call("retrain")
            while line.call("status")["job"]:
                time.sleep(0.05)
    finally:
        # Killed, so that the database's journal is there to be damaged.
        daemon.kill()
        daemon.stop()


def start(campaign, root, name, seed):
    """"served", "refused" or "wrong", the seconds that took, and what was wrong."""
    held = damage.apply(name, root, seed)
    daemon = Daemon(campaign.binary, root)
    begun = time.monotonic()
    took = lambda: time.monotonic() - begun
    daemon.launch()
    try:
        while took() < SERVICE:
            status = daemon.process.poll()
            if status is not None:
                if status < 0 or status > 2:
                    return "wrong", took(), "it crashed with status %d: %s" % (status, daemon.said()[-200:])
                if took() > damage.PATIENT.get(name, REFUSAL):
                    return "wrong", took(), "it ended only after %.1f s: %s" % (took(), daemon.said()[-200:])
                if len(daemon.said()) < 20:
                    return "wrong", took(), "it ended with status %d and did not say why" % status
                return "refused", took(), ""
            try:
                with Line(daemon.path, patience=10) as line:
                    answered = line.call("chat", message="where is my parcel", mode="local")["reply"]
                    told = [entry["feature"] for entry in line.call("status")["degraded"]]
                    told += ["model"] if line.call("verify")["models"]["broken"] else []
                seconds = took()
                stopped = daemon.stop(patience=20)
                if stopped != 0 or not answered:
                    return "wrong", took(), "it served, and SIGTERM ended it with %s: %s" % (stopped, daemon.said()[-200:])
                if name in damage.TOLD and damage.TOLD[name] not in told:
                    return "wrong", seconds, "it serves, and nobody is told of the %s" % damage.TOLD[name]
                return "served", seconds, ""
            except Refused as refused:
                if refused.reason == "no_model" and took() < SERVICE / 2:
                    time.sleep(0.05)
                    continue
                if refused.reason == "no_model":
                    # What can neither be loaded nor trained is said, and the daemon stays to be asked.
                    return "refused", took(), ""
                return "wrong", took(), "a chat is refused: %s" % refused
            except (Gone, socket.timeout):
                time.sleep(0.01)
        return "wrong", took(), "it neither serves nor ends within %d s: %s" % (SERVICE, daemon.said()[-200:])
    finally:
        daemon.stop(patience=5)
        if held:
            held.close()
