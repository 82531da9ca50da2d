"""A file on the tests' server, and the ways in which it may be answered."""

import hashlib
import random
from base64 import b64encode

from engine.sources.download import Expected
from engine.sources.transport import Network

CONTENT = random.Random(7).randbytes(300_000)
HALF = len(CONTENT) // 2
SHA256 = hashlib.sha256(CONTENT).hexdigest()
KNOWN = Expected(len(CONTENT), SHA256)
NETWORK = Network((), loopback=True, silence_s=10, pauses_s=(0, 0))
PATH = "/models/file.tgz"


def md5_header(content):
    md5 = hashlib.md5(content, usedforsecurity=False).digest()
    return f"crc32c=AAAAAA==,md5={b64encode(md5).decode()}"


def cut_off(server, at=HALF, etag='"one"'):
    """Promise everything and hang up in the middle."""

    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(CONTENT)))
        handler.send_header("ETag", etag)
        handler.end_headers()
        handler.wfile.write(CONTENT[:at])

    return answer


def says(server, status, headers=None, body=b"", **options):
    return lambda handler: server.answer(handler, status, headers or {}, body, **options)


def serves(server, content=CONTENT, **options):
    return lambda handler: server.serve(handler, content, **options)


def left(target):
    return sorted(path.name for path in target.parent.iterdir())
