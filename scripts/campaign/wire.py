"""One connection to the daemon, with one request after the other."""
import json

from people import Person


class Refused(Exception):
    """The daemon's error: `reason` is the protocol's, str() its message."""

    def __init__(self, error):
        super().__init__(error["message"])
        self.reason = (error.get("data") or {}).get("reason", "none")


class Gone(Exception):
    """The connection ended, or the daemon said nothing for longer than `patience`."""


class Line:
    def __init__(self, path, person=None, patience=30):
        try:
            self.socket = (person or Person()).connect(path, patience)
        except OSError as error:
            raise Gone("connecting: %s" % error) from error
        self.lines = self.socket.makefile("rb")
        self.number = 0

    def call(self, method, **params):
        """The result; raises Refused or Gone."""
        self.number += 1
        request = {"jsonrpc": "2.0", "id": self.number, "method": method, "params": params}
        try:
            self.socket.sendall(json.dumps(request).encode() + b"\n")
            while True:
                answer = self.receive()
                if answer.get("id") == self.number:
                    break
                if "error" in answer and answer.get("id") is None:
                    raise Refused(answer["error"])
        except OSError as error:
            raise Gone("%s: %s" % (method, error)) from error
        if "error" in answer:
            raise Refused(answer["error"])
        return answer["result"]

    def receive(self):
        """The next value that the daemon sends, of whatever request."""
        try:
            line = self.lines.readline()
        except OSError as error:
            raise Gone(str(error)) from error
        if not line.endswith(b"\n"):
            raise Gone("the daemon closed the connection")
        return json.loads(line)

    def close(self):
        for thing in (self.lines, self.socket):
            try:
                thing.close()
            except OSError:
                pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
