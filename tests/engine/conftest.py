"""What tests of several rooms need: trained models, a tiny one, and a server for files."""

import hashlib
import threading
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.engine.file_server import FileServer, handler_of
from tests.engine.tiny_model import make_tiny_model

SHARED = Path(__file__).parents[2] / ".." / "shared"


@pytest.fixture(scope="session")
def shared():
    if not SHARED.exists():
        pytest.skip("needs ../shared")
    return SHARED


@pytest.fixture(scope="session")
def tiny_model():
    return make_tiny_model


@pytest.fixture(scope="session")
def sha256_of():
    return lambda path: hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def file_server(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    server = FileServer()
    with ThreadingHTTPServer(("127.0.0.1", 0), handler_of(server)) as listening:
        listening.daemon_threads = False
        server.port = listening.server_address[1]
        serving = threading.Thread(target=listening.serve_forever, args=(0.02,))
        serving.start()
        yield server
        server.over.set()
        listening.shutdown()
        serving.join()
