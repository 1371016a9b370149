"""Answers each POST before it has read the body, waits, then reads what comes and says which letters were in it."""
import json
import socket
import sys
import threading
import time

STATUS = int(sys.argv[1])
CHUNK = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "served"}
FRAMES = [
    {**CHUNK, "choices": [{"index": 0, "delta": {"content": "hello there"}, "finish_reason": "stop"}]},
    {**CHUNK, "choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}},
]
STREAM = "".join(f"data: {json.dumps(frame)}\n\n" for frame in FRAMES) + "data: [DONE]\n\n"
ERROR = json.dumps({"error": {"message": "no", "type": "x", "param": None, "code": STATUS}})
WAIT_S = 0.7
PRINTING = threading.Lock()


def answer():
    body, kind = (STREAM, "text/event-stream") if STATUS == 200 else (ERROR, "application/json")
    return f"HTTP/1.1 {STATUS} Early\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n\r\n{body}".encode()


def serve(connection):
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(1024)
        if not more:
            return
        data += more
    head, rest = data.split(b"\r\n\r\n", 1)
    if not head.startswith(b"POST"):
        reply = b"200 OK" if b" /health" in head else b"404 Not Found"
        connection.sendall(b"HTTP/1.1 " + reply + b"\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
        connection.close()
        return
    connection.sendall(answer())
    time.sleep(WAIT_S)
    letters = {}
    connection.settimeout(2)
    try:
        while rest:
            for letter in b"QZ":
                letters[chr(letter)] = letters.get(chr(letter), 0) + rest.count(letter)
            rest = connection.recv(65536)
    except OSError:
        pass
    with PRINTING:
        print(json.dumps({"status": STATUS, "letters": letters}), flush=True)
    connection.close()


server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
server.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
server.bind(("127.0.0.1", 0))
server.listen(64)
print(server.getsockname()[1], flush=True)
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
