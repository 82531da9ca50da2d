"""A server on this computer, for what fetches files."""

import contextlib
import hashlib
import threading
from base64 import b64encode
from collections import deque
from http.server import BaseHTTPRequestHandler


class FileServer:
    """A server on this computer that serves ``files``, or what it is told to answer instead.

    Attributes:
        files: Content by path; their hash and ETag go along as Google Cloud Storage sends them.
        answers: Taken one per request, before ``files`` is looked at: functions of the handler.
        asked: The path and headers of each request so far.
        over: Set when the test ends; what blocks in an answer waits for it.
    """

    def __init__(self):
        self.files, self.asked = {}, []
        self.answers = deque()
        self.over = threading.Event()
        self.port = 0

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def serve(self, handler, content, *, etag=None, hashed=True):
        md5 = hashlib.md5(content, usedforsecurity=False).digest()
        etag = etag or f'"{md5.hex()}"'
        headers = {"Content-Type": "application/octet-stream", "ETag": etag}
        if hashed:
            headers["x-goog-hash"] = f"crc32c=AAAAAA==,md5={b64encode(md5).decode()}"
        asked, start = handler.headers.get("Range"), 0
        if asked and handler.headers.get("If-Range", etag) == etag:
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        self.answer(handler, 206 if start else 200, headers, content[start:])

    def answer(self, handler, status, headers, body=b"", *, length=True):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        if length:
            handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


def handler_of(server):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            server.asked.append((self.path, dict(self.headers)))
            with contextlib.suppress(ConnectionError):  # the lab may hang up at any time
                if server.answers:
                    server.answers.popleft()(self)
                elif self.path in server.files:
                    server.serve(self, server.files[self.path])
                else:
                    server.answer(self, 404, {})

        def log_message(self, *_):
            pass

    return Handler
