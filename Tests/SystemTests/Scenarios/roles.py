"""Every method for five users, against a table that is written here and nowhere else."""
import grp
import os
import pwd
import sys

sys.path.insert(0, "/scenario")
from rpc import ask

USER = set("""
    chat predict explain feedback.submit feedback.list jobs.list jobs.get models.list models.show models.history
    models.diff intents.list verify metrics experiment.report status sessions.list sessions.show sessions.forget
    feedback.revise feedback.withdraw forget connection.restrict rpc.discover
""".split())
ADMIN = set("""
    feedback.review retrain jobs.cancel models.promote models.rollback models.reject reload data.check data.show data.diff
    data.import export intents.rename intents.merge intents.remove intents.undo
""".split())
ADMINS = {"root", "alice", "intentd"}
USERS = {"bob", "nobody"}


def be(name):
    user = pwd.getpwnam(name)
    os.setgroups([group.gr_gid for group in grp.getgrall() if name in group.gr_mem] + [user.pw_gid])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)


def request(method, number, params=None):
    # No method has such a parameter: where the right is there, that is what is refused, and nothing happens.
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": params or {"no_such_parameter": 1}}


def reasons(answers):
    return {a["id"]: a["error"]["data"]["reason"] if "error" in a else "ok" for a in answers}


def expect(what, found, wanted):
    assert found == wanted, "%s: %r, not %r" % (what, found, wanted)


def check(name):
    expect(name, ask([{"jsonrpc": "2.0", "id": 1, "method": "status"}])[0]["result"]["role"],
           "admin" if name in ADMINS else "user")
    document = ask([{"jsonrpc": "2.0", "id": 1, "method": "rpc.discover"}])[0]["result"]
    described = {m["name"] for m in document["methods"]} - {"request.cancel"}
    expect("what rpc.discover describes", sorted(described), sorted(USER | ADMIN))
    methods = sorted(described) + ["no.such.method"]
    allowed = USER | ADMIN if name in ADMINS else USER
    wanted = {
        number: "unknown_method" if method == "no.such.method"
        else "invalid_params" if method in allowed else "forbidden"
        for number, method in enumerate(methods)
    }
    calls = [request(method, number) for number, method in enumerate(methods)]
    expect(name + " alone", reasons(ask(calls)), wanted)
    expect(name + " in a batch", reasons(ask([calls])[0]), wanted)
    # With parameters that would be right, the answer of those who may not is the same.
    if name in USERS:
        right = {"models.promote": {"version": 1, "reason": "x"}, "models.rollback": {"reason": "x"},
                 "models.reject": {"reason": "x"},
                 "jobs.cancel": {"job": "x"}, "feedback.review": {"feedback_id": "x", "accept": True},
                 "data.diff": {"from": "now", "to": "now"}, "data.import": {"content": "x"}, "export": {"what": "data"}}
        calls = [{"jsonrpc": "2.0", "id": n, "method": m, "params": right.get(m, {})} for n, m in enumerate(sorted(ADMIN))]
        expect(name + " with right parameters", set(reasons(ask(calls)).values()), {"forbidden"})
        expect(name + " with right parameters in a batch", set(reasons(ask([calls])[0]).values()), {"forbidden"})
        for call in calls:
            del call["id"]
        expect(name + " by notifications", ask(calls + [calls]), [])
    else:
        expect(name + " by notification", ask([{"jsonrpc": "2.0", "method": "reload"}]), [])
    # Rights that were given up do not come back.
    restrict = {"jsonrpc": "2.0", "id": "r", "method": "connection.restrict", "params": {"role": "user"}}
    expect(name + " restricted", reasons(ask([restrict, request("reload", 1), request("status", 2)])),
           {"r": "ok", 1: "forbidden", 2: "invalid_params"})


for name in sorted(ADMINS | USERS):
    child = os.fork()
    if child == 0:
        be(name)
        try:
            check(name)
        except BaseException as error:
            print(error, file=sys.stderr)
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1] != 0:
        sys.exit(1)

# Other spellings of a name give nothing more: an escape is the same name, a second key is no request.
import json
import socket

child = os.fork()
if child == 0:
    be("bob")
    client = socket.socket(socket.AF_UNIX)
    client.connect("/run/intentd.sock")
    client.sendall(b'{"jsonrpc":"2.0","id":1,"method":"\\u0072eload"}\n'
                   b'{"jsonrpc":"2.0","id":2,"method":"status","method":"reload"}\n'
                   b'{"jsonrpc":"2.0","id":3,"method":"Reload"}\n')
    client.shutdown(socket.SHUT_WR)
    found = sorted(json.loads(line)["error"]["data"]["reason"] for line in client.makefile())
    os._exit(found != ["forbidden", "invalid_request", "unknown_method"])
sys.exit(os.waitpid(child, 0)[1] != 0)
