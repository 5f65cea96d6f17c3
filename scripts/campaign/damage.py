"""Ways to damage a daemon's folder. Each takes the folder and a source of chance; what it returns is held open."""
import os
import random
import shutil
import socket
import sqlite3
import threading

DATABASE, WAL = "data/intentd.sqlite", "data/intentd.sqlite-wal"


def champion(root):
    """The folder of the version that answers."""
    return os.path.join(root, "models", "versions", os.path.basename(os.readlink(os.path.join(root, "models/aliases/champion"))))


def any_of(root, chance, *names):
    return os.path.join(root, chance.choice([name for name in names if os.path.lexists(os.path.join(root, name))]))


def cut(path, chance):
    os.truncate(path, chance.randrange(os.path.getsize(path)))


def flip(path, chance, count=8):
    with open(path, "r+b") as file:
        for _ in range(count):
            at = chance.randrange(os.path.getsize(path))
            file.seek(at)
            byte = file.read(1)[0]
            file.seek(at)
            file.write(bytes([byte ^ (1 << chance.randrange(8))]))


def scribble(path, chance, size=None):
    with open(path, "wb") as file:
        file.write(chance.randbytes(size or chance.randrange(1, 200_000)))


def instead(path, make):
    """Removes what is there and makes something else of that name."""
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.remove(path)
    make(path)


def sparse(path):
    with open(path, "wb") as file:
        file.truncate(1 << 40)


def listening(path):
    """A socket that accepts and never answers."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen(8)
    return server


def locked(root):
    """Another process that holds the database's lock, and lets it go after a while: the start waits for it."""
    other = sqlite3.connect(os.path.join(root, DATABASE), isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    threading.Timer(3, other.close).start()
    return other


def garbage(path, chance):
    lines = [b"{", b'{"schema":2}', b'{"schema":99,"seq":-1}', b"\xff\xfe\x00", b"[" * 5000, b'{"seq":1e400}', b"", b"x" * 100_000,
             b'{"schema":2,"seq":"1","ts":"never"}']
    with open(path, "ab") as file:
        for _ in range(chance.randrange(1, 40)):
            file.write(chance.choice(lines) + chance.choice([b"\n", b"\r\n", b"", b"\0"]))


SOURCES = ("data/intents.csv", "data/intents.csv.prepared", "data/golden.csv", "data/behaviour.yaml", "data/intents.yaml", "data/responses.yaml")
MODEL = ("model.safetensors", "metadata.json", "evaluation.json")


def source(root, chance):
    """A data file, which is made where there is none."""
    return os.path.join(root, chance.choice(SOURCES))


def part(root, chance):
    return os.path.join(champion(root), chance.choice(MODEL))


def alias(root):
    return os.path.join(root, "models/aliases/champion")


CASES = {
    "the database has no bytes": lambda r, c: os.truncate(os.path.join(r, DATABASE), 0),
    "the database is missing": lambda r, c: os.remove(os.path.join(r, DATABASE)),
    "the database is cut off": lambda r, c: cut(os.path.join(r, DATABASE), c),
    "bits of the database are flipped": lambda r, c: flip(os.path.join(r, DATABASE), c, c.choice([1, 8, 200])),
    "the database is random bytes": lambda r, c: scribble(os.path.join(r, DATABASE), c),
    "the database's journal is missing": lambda r, c: os.remove(os.path.join(r, WAL)),
    "the database's journal is cut off": lambda r, c: cut(os.path.join(r, WAL), c),
    "bits of the database's journal are flipped": lambda r, c: flip(os.path.join(r, WAL), c),
    "another process holds the database's lock for 3 s": lambda r, c: locked(r),
    "a file of the champion is cut off": lambda r, c: cut(part(r, c), c),
    "bits of a file of the champion are flipped": lambda r, c: flip(part(r, c), c),
    "a file of the champion is missing": lambda r, c: os.remove(part(r, c)),
    "a file of the champion is random bytes": lambda r, c: scribble(part(r, c), c),
    "all versions are missing": lambda r, c: shutil.rmtree(os.path.join(r, "models/versions")),
    "the champion's alias is missing": lambda r, c: os.remove(alias(r)),
    "the champion's alias leads outside": lambda r, c: instead(alias(r), lambda p: os.symlink(c.choice(["/etc", "/dev/zero", "../../../../etc/passwd"]), p)),
    "the champion's alias leads to itself": lambda r, c: instead(alias(r), lambda p: os.symlink("champion", p)),
    "the champion's alias is a folder": lambda r, c: instead(alias(r), os.mkdir),
    "a version is a link that leads outside": lambda r, c: instead(champion(r), lambda p: os.symlink("/etc", p)),
    "the log has garbage lines": lambda r, c: garbage(os.path.join(r, "logs/chat_metrics.log"), c),
    "the log is random bytes": lambda r, c: scribble(os.path.join(r, "logs/chat_metrics.log"), c),
    "the log is a folder": lambda r, c: instead(os.path.join(r, "logs/chat_metrics.log"), os.mkdir),
    "a data file is a FIFO": lambda r, c: instead(source(r, c), os.mkfifo),
    "a data file is random bytes": lambda r, c: scribble(source(r, c), c),
    "a data file has a terabyte of nothing": lambda r, c: instead(source(r, c), sparse),
    "a data file is a link to /dev/zero": lambda r, c: instead(source(r, c), lambda p: os.symlink("/dev/zero", p)),
    "the configuration is a FIFO": lambda r, c: instead(os.path.join(r, "deploy/intentd.yaml"), os.mkfifo),
    "the configuration is random bytes": lambda r, c: scribble(os.path.join(r, "deploy/intentd.yaml"), c),
    "the configuration has a terabyte of nothing": lambda r, c: instead(os.path.join(r, "deploy/intentd.yaml"), sparse),
    "a file of the state is a FIFO": lambda r, c: instead(any_of(r, c, DATABASE, "data/intentd.lock", "logs/chat_metrics.log"), os.mkfifo),
    "a file of the champion is a FIFO": lambda r, c: instead(part(r, c), os.mkfifo),
    "a file stands where the socket belongs": lambda r, c: instead(os.path.join(r, "run/intentd.sock"), lambda p: scribble(p, c, 10)),
    "a folder stands where the socket belongs": lambda r, c: instead(os.path.join(r, "run/intentd.sock"), os.mkdir),
    "somebody else's socket listens there and is silent": lambda r, c: (os.path.lexists(os.path.join(r, "run/intentd.sock")) and os.remove(os.path.join(r, "run/intentd.sock"))) or listening(os.path.join(r, "run/intentd.sock")),
    "a folder is everybody's (mode 0777)": lambda r, c: os.chmod(any_of(r, c, "data", "models", "logs", "run", "models/versions"), 0o777),
    "a folder is a file": lambda r, c: instead(any_of(r, c, "data", "models", "logs", "run", "models/versions", "models/aliases", "data/snapshots"), lambda p: scribble(p, c, 10)),
    "a folder is missing": lambda r, c: shutil.rmtree(any_of(r, c, "data", "models", "logs", "run", "data/snapshots", "models/aliases")),
    "the staging folder has a stranger's files": lambda r, c: (os.makedirs(os.path.join(r, "models/staging/x/y"), exist_ok=True), os.mkfifo(os.path.join(r, "models/staging/x/fifo")))[0],
    "snapshots are damaged": lambda r, c: [flip(os.path.join(r, "data/snapshots", n), c, 3) for n in os.listdir(os.path.join(r, "data/snapshots"))] and None,
}

# What has to be told where it serves: a loss that nobody is told of is a fault as well. `degraded` names the database;
# of a version the daemon may have got over it by another one, so that `verify` names it as well.
TOLD = {"the database has no bytes": "database", "the database is missing": "database", "the database is random bytes": "database"}
TOLD.update({name: "model" for name in CASES if "file of the champion" in name or name == "all versions are missing"})
# Who is silent may be a daemon that is busy, and is given 10 s.
PATIENT = {"somebody else's socket listens there and is silent": 15}


def apply(name, root, seed):
    held = CASES[name](root, random.Random(seed))
    return held if hasattr(held, "close") else None
