"""A daemon of the campaign's own, in a folder of its own, and folders to begin with."""
import csv
import os
import shutil
import signal
import subprocess
import time

from wire import Gone, Line, Refused

CHECKOUT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
INTENTS = ["order_status", "cancel_order", "return_item", "warranty", "invoice", "greeting", "oos"]
# What of the environment would have the daemon look elsewhere than below its root.
ELSEWHERE = ("INTENTD_", "OLLAMA_", "NOTIFY_", "LISTEN_", "WATCHDOG_", "STATE_DIR", "LOGS_DIR", "CONFIGURATION_DIR", "RUNTIME_DIR")


class Daemon:
    def __init__(self, binary, root, log=None):
        self.binary, self.root, self.log = binary, root, log or root + ".log"
        self.path = os.path.join(root, "run", "intentd.sock")
        self.process = None

    def start(self, patience=120, open_to_all=False):
        """Starts it and gives back the seconds until it answered a chat. `status` is the exit's, if it ended."""
        begun = time.monotonic()
        self.launch()
        while time.monotonic() - begun < patience:
            if self.process.poll() is not None:
                raise Ended(self.process.returncode, self.said())
            try:
                with Line(self.path, patience=max(1, begun + patience - time.monotonic())) as line:
                    line.call("chat", message="where is my parcel", mode="local")
            except (Gone, Refused):
                time.sleep(0.003)
                continue
            if open_to_all:
                # A daemon of a checkout answers its own user alone.
                os.chmod(os.path.dirname(self.path), 0o755)
                os.chmod(self.path, 0o666)
            return time.monotonic() - begun
        raise Hung("no answer within %d s: %s" % (patience, self.said()))

    def launch(self):
        environment = {k: v for k, v in os.environ.items() if not k.startswith(ELSEWHERE)}
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [self.binary, "serve", "--root", self.root], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=environment, start_new_session=True)

    def said(self):
        """The last lines that the daemon logged."""
        try:
            with open(self.log, "rb") as log:
                return log.read()[-600:].decode(errors="replace").strip()
        except OSError:
            return ""

    def kill(self):
        """kill -9 of the daemon alone; its training is left to notice by itself."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, patience=30):
        """SIGTERM; gives back the exit status, or None where it had to be killed."""
        if self.process is None:
            return 0
        status = self.process.poll()
        if status is None:
            self.process.terminate()
            try:
                status = self.process.wait(patience)
            except subprocess.TimeoutExpired:
                self.kill()
        try:
            # Its session is its own: what is left of it is a training.
            os.killpg(self.process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
        return status

    def memory(self):
        """Resident memory in MiB."""
        with open("/proc/%d/status" % self.process.pid) as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmRSS:")) / 1024


def names(*path):
    """What is in a folder; nothing where there is none yet."""
    try:
        return os.listdir(os.path.join(*path))
    except FileNotFoundError:
        return []


class Ended(Exception):
    def __init__(self, status, said):
        super().__init__("it ended with status %s: %s" % (status, said))
        self.status, self.said = status, said


class Hung(Exception):
    pass


def configure(root, llm="llm:\n  backend: \"off\"\n", more=""):
    os.makedirs(os.path.join(root, "deploy"), exist_ok=True)
    with open(os.path.join(root, "deploy", "intentd.yaml"), "w") as file:
        file.write(llm + more)


def sources(root):
    """The bundled data, as a checkout has it."""
    data = os.path.join(root, "data")
    os.makedirs(data)
    os.chmod(root, 0o755)
    for name in ("intents.yaml", "golden.csv", "behaviour.yaml"):
        shutil.copy(os.path.join(CHECKOUT, "data", name), data)
    configure(root)


def small(binary, root):
    """Six intents of 60 rows each, which are trained in half a second where nobody else works."""
    sources(root)
    data = os.path.join(root, "data")
    run(binary, "prepare", "--root", root)
    with open(os.path.join(data, "intents.csv"), newline="") as file:
        rows = list(csv.DictReader(file))
    with open(os.path.join(root, "small.csv"), "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["text", "intent", "split"])
        for intent in INTENTS:
            of = [row for row in rows if row["intent"] == intent]
            for row in of[::max(1, len(of) // 60)]:
                table.writerow([row["text"], row["intent"], row["split"]])
    for name in ("golden.csv", "behaviour.yaml", "intents.yaml"):
        os.remove(os.path.join(data, name))
    run(binary, "prepare", "--root", root, "--from", os.path.join(root, "small.csv"), "--force", "--partial")
    for name in names(data):
        if ".replaced-" in name:
            os.remove(os.path.join(data, name))


def run(binary, *arguments):
    done = subprocess.run([binary, *arguments], capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        raise RuntimeError("intentd %s: %s%s" % (" ".join(arguments), done.stdout[-800:], done.stderr[-800:]))


def home(campaign, name, kind="small"):
    """A folder `name` in which a first version is trained; the training is done once for each kind."""
    template = os.path.join(campaign.folder, "template-" + kind)
    if not os.path.exists(template):
        (small(campaign.binary, template) if kind == "small" else sources(template))
        first = Daemon(campaign.binary, template)
        try:
            first.start(patience=600)
        finally:
            first.stop()
    root = os.path.join(campaign.folder, name)
    shutil.rmtree(root, ignore_errors=True)
    copy(template, root)
    return root


def copy(source, root):
    """Without the socket, which only a daemon makes."""
    shutil.copytree(source, root, symlinks=True, ignore=shutil.ignore_patterns("*.sock"))
