"""Other users of this host: who connects is what the kernel says, so a process of that uid does the connecting."""
import os
import socket
import time

# Numbers without an account, so that nobody's rights or files come with them.
VICTIM, HOSTILE, WRITER, FORGETFUL = 61001, 61002, 61003, 61004


class Person:
    """Opens connections as `uid` and hands them over. Connections of the campaign's own user need no such process."""

    # The ends that a later process must not keep open: this one ends when its socket does.
    ends = []

    def __init__(self, uid=None):
        self.uid = os.getuid() if uid is None else uid
        self.ours = None
        if self.uid == os.getuid():
            return
        self.ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.child = os.fork()
        if self.child == 0:
            for end in Person.ends + [self.ours]:
                end.close()
            try:
                become(self.uid)
                serve(theirs)
            finally:
                os._exit(0)
        theirs.close()
        Person.ends.append(self.ours)

    def connect(self, path, patience=30):
        """A connected socket, or OSError as connect(2) gives it."""
        if self.ours is None:
            return connected(path, patience)
        self.ours.send(path.encode())
        message, descriptors, _, _ = socket.recv_fds(self.ours, 64, 1)
        if not descriptors:
            raise OSError(int(message or b"5"), "as uid %d" % self.uid)
        client = socket.socket(fileno=descriptors[0])
        client.settimeout(patience)
        return client

    def leave(self):
        if self.ours is not None:
            Person.ends.remove(self.ours)
            self.ours.close()
            os.waitpid(self.child, 0)
            self.ours = None


def become(uid):
    os.setgroups([])
    os.setgid(uid)
    os.setuid(uid)


def connected(path, patience):
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(patience)
    end = time.monotonic() + min(patience, 5)
    while True:
        try:
            client.connect(path)
            return client
        except BlockingIOError:
            # The queue is full for a moment. Without a timeout connect(2) would wait itself.
            if time.monotonic() > end:
                client.close()
                raise
            time.sleep(0.001)
        except OSError:
            client.close()
            raise


def serve(requests):
    while True:
        path = requests.recv(4096)
        if not path:
            return
        try:
            client = connected(path.decode(), 30)
        except OSError as error:
            requests.send(b"%d" % (error.errno or 5))
            continue
        socket.send_fds(requests, [b"0"], [client.fileno()])
        client.close()
