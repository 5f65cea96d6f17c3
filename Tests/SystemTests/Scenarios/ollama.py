"""Speaks as Ollama does on port 11434 and writes down how it was asked."""
import http.server
import json
import sys

ADDRESS, LOG = sys.argv[1], sys.argv[2]


class Ollama(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def send(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/api/version":
            self.send({"version": "0.9.0"})
        else:
            self.send({"models": [{"name": "llama3.2:latest", "context_length": 4096}]})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path != "/api/chat":
            return self.send({"capabilities": ["completion"]})
        with open(LOG, "a") as log:
            print(self.headers["Host"], self.headers.get("Authorization", "-"), file=log)
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for word in ["It ", "is ", "raining."]:
            self.chunk({"message": {"role": "assistant", "content": word}, "done": False})
        self.chunk({"message": {"content": ""}, "done": True, "done_reason": "stop", "eval_count": 3})
        self.wfile.write(b"0\r\n\r\n")

    def chunk(self, value):
        line = json.dumps(value).encode() + b"\n"
        self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
        self.wfile.flush()


host, port = ADDRESS.rsplit(":", 1)
http.server.ThreadingHTTPServer((host, int(port)), Ollama).serve_forever()
