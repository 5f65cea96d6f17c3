"""What the probe found outside and inside a sandbox: judge.py OUTSIDE INSIDE tcp|none"""
import json
import sys

outside, inside = (json.load(open(path)) for path in sys.argv[1:3])
works = {
    "connect to a Unix socket", "write to the state", "write to the log folder", "write to /tmp",
    "read the configuration", "start a program", "start a thread",
}
if sys.argv[3] == "tcp":
    works |= {"connect to this host", "resolve a name"}
wrong = []
for name, came in inside.items():
    if name in works:
        if came is not True:
            wrong.append("must work: %s: %s" % (name, came))
    elif came is True and not (name == "resolve a name" and sys.argv[3] == "none"):
        wrong.append("must be refused: " + name)
# A probe that can do nothing anywhere proves nothing.
refused = [name for name in inside if name not in works and inside[name] is not True]
proven = [name for name in refused if outside[name] is True]
print("%d refused, %d of them possible outside; %d work" % (len(refused), len(proven), len(works)))
if len(proven) < 20:
    wrong.append("outside only these were possible: %s; not: %s"
                 % (", ".join(proven), ", ".join("%s (%s)" % (n, outside[n]) for n in refused if n not in proven)))
print("\n".join(wrong), file=sys.stderr)
sys.exit(bool(wrong))
