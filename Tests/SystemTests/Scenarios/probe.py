"""Tries what a sandbox should refuse and what it must allow, and writes what came of it: probe.py OUT.

Where a thing is possible its value is true, else it says why not."""
import ctypes
import ctypes.util
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]


def call(number, *arguments):
    """A system call by its number on x86-64; glibc has no function for some of these."""
    ctypes.set_errno(0)
    if libc.syscall(ctypes.c_long(number), *arguments) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def connect(host, port):
    with socket.create_connection((host, port), timeout=1.5):
        pass


def write(path):
    with open(path, "w") as file:
        file.write("probe\n")
    os.unlink(path)


def map_writable_code():
    page = libc.mmap(None, 4096, 7, 0x22, -1, 0)
    if page in (None, ctypes.c_void_p(-1).value):
        raise OSError(ctypes.get_errno(), "mmap")


def make_code_of_data():
    page = libc.mmap(None, 4096, 3, 0x22, -1, 0)
    call(10, ctypes.c_void_p(page), ctypes.c_size_t(4096), 5)


def see_others():
    if not os.path.exists("/proc/1/stat"):
        raise OSError("process 1 is not to be seen")


def set_suid():
    with tempfile.NamedTemporaryFile() as file:
        os.chmod(file.name, 0o4755)


def in_child(what):
    """For what would change this very process."""
    child = os.fork()
    if child == 0:
        try:
            what()
        except OSError as error:
            os._exit(min(error.errno or 255, 255))
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status != 0:
        raise OSError(status, os.strerror(status) if status > 0 else "killed by %d" % -status)


def mount():
    call(165, b"tmpfs", b"/mnt", b"tmpfs", 0, 0)
    call(166, b"/mnt", 0)


def make_device():
    os.mknod("/tmp/probe-device", 0o20600, os.makedev(1, 3))
    os.unlink("/tmp/probe-device")


def thread():
    worker = threading.Thread(target=lambda: None)
    worker.start()
    worker.join()


tries = {
    # What must be refused.
    "connect to another host": lambda: connect("192.0.2.1", 8099),
    "write to /etc": lambda: write("/etc/probe"),
    "write to /usr": lambda: write("/usr/probe"),
    "write to other state": lambda: write("/var/lib/probe"),
    "write to /run": lambda: write("/run/probe"),
    "read /home": lambda: os.listdir("/home/somebody"),
    "read /root": lambda: os.listdir("/root"),
    "read /etc/shadow": lambda: open("/etc/shadow").read(),
    "see other processes": see_others,
    "signal process 1": lambda: os.kill(1, 0),
    "map writable code": map_writable_code,
    "make code of data": make_code_of_data,
    "be traced": lambda: in_child(lambda: call(101, 0, 0, 0, 0)),
    "mount": lambda: in_child(mount),
    "make namespaces": lambda: in_child(lambda: call(272, 0x10000000)),
    "make a mount namespace": lambda: in_child(lambda: call(272, 0x00020000)),
    "change the personality": lambda: in_child(lambda: call(135, 8)),
    "run in real time": lambda: in_child(lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))),
    "set the suid bit": set_suid,
    "become root": lambda: in_child(lambda: os.setuid(0)),
    # With nothing to change it only reads, which the kernel allows to everybody.
    "use the calls that set the clock": lambda: call(159, (ctypes.c_char * 256)()),
    "name the host": lambda: in_child(lambda: socket.sethostname("probe")),
    "open a device": lambda: os.close(os.open("/dev/kmsg", os.O_RDONLY)),
    "make a device": make_device,
    "use netlink": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).close(),
    "see packets": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0).close(),
    "use io_uring": lambda: call(425, 1, (ctypes.c_char * 120)()),
    "change the kernel's settings": lambda: open("/proc/sys/kernel/domainname", "w").write("probe"),
    "change control groups": lambda: (os.mkdir("/sys/fs/cgroup/probe"), os.rmdir("/sys/fs/cgroup/probe")),
    # What must work.
    "connect to this host": lambda: connect("127.0.0.1", 8099),
    "connect to a Unix socket": lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).connect("/run/systemd/notify"),
    "write to the state": lambda: write("/var/lib/intentd/probe-file"),
    "write to the log folder": lambda: write("/var/log/intentd/probe-file"),
    "write to /tmp": lambda: write("/tmp/probe-file"),
    "read the configuration": lambda: open("/etc/intentd/intentd.yaml").read(),
    "resolve a name": lambda: socket.getaddrinfo("localhost", 80),
    "start a program": lambda: subprocess.run(["/bin/true"], check=True),
    "start a thread": thread,
}

result = {}
for name, attempt in tries.items():
    try:
        attempt()
        result[name] = True
    except Exception as error:
        result[name] = repr(error)
with open(sys.argv[1], "w") as out:
    json.dump(result, out, indent=1)
