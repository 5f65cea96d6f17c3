"""Speaks as Ollama does, with a second before each answer."""
import http.server
import json
import os
import signal
import threading
import time


class Slow(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def give(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/api/version":
            self.give({"version": "0.9.0"})
        else:
            self.give({"models": [{"name": "llama3.2:latest", "context_length": 4096}]})

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.path != "/api/chat":
            return self.give({"capabilities": ["completion"]})
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        time.sleep(1)
        for word in ["Once ", "upon ", "a time."]:
            self.piece({"message": {"role": "assistant", "content": word}, "done": False})
        self.piece({"message": {"content": ""}, "done": True, "done_reason": "stop", "eval_count": 3})
        self.wfile.write(b"0\r\n\r\n")

    def piece(self, value):
        line = json.dumps(value).encode() + b"\n"
        self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
        self.wfile.flush()


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        """Clients that go away are what this is for."""


class SlowLLM:
    """The server in a process of its own, on a free port of the loopback interface."""

    def __init__(self):
        server = Server(("127.0.0.1", 0), Slow)
        self.port = server.server_address[1]
        self.child = os.fork()
        if self.child == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            # The campaign that started it may be killed.
            while os.getppid() != 1:
                time.sleep(0.5)
            os._exit(0)
        server.server_close()

    def settings(self):
        return 'llm:\n  backend: ollama\n  url: "http://127.0.0.1:%d"\n' % self.port

    def end(self):
        os.kill(self.child, signal.SIGKILL)
        os.waitpid(self.child, 0)
