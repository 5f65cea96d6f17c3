#!/usr/bin/python3
"""One request to intentd: rpc.py METHOD [PARAMS-AS-JSON]. Prints the answer; ends with 1 where it is an error."""
import json
import socket
import sys


def ask(lines, path="/run/intentd.sock", patience=120):
    """Sends requests on one connection and gives back all that was answered, one value a line."""
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(patience)
    client.connect(path)
    client.sendall("".join(json.dumps(line) + "\n" for line in lines).encode())
    client.shutdown(socket.SHUT_WR)
    with client, client.makefile() as answers:
        return [json.loads(line) for line in answers]


if __name__ == "__main__":
    request = {"jsonrpc": "2.0", "id": 1, "method": sys.argv[1]}
    if len(sys.argv) > 2:
        request["params"] = json.loads(sys.argv[2])
    answer = ask([request])[0]
    print(json.dumps(answer))
    sys.exit("error" in answer)
