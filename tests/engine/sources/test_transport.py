"""Whom the lab asks for files, how patiently, and how it lets go."""

import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from queue import SimpleQueue

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import Cancelled, LabError
from engine.jobs import CancelToken, Job, Outcome
from engine.sources.download import Expected, download
from engine.sources.transport import Network, OfflineError, PassingError
from tests.engine.sources.serving import (
    CONTENT,
    HALF,
    KNOWN,
    NETWORK,
    PATH,
    SHA256,
    cut_off,
    left,
    says,
)


def silent(server, sent=b""):
    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(CONTENT)))
        handler.end_headers()
        handler.wfile.write(sent)
        server.over.wait(30)

    return answer


IMPATIENT = Network((), loopback=True, silence_s=0.2, pauses_s=())


@pytest.mark.parametrize("sent", [b"", CONTENT[:HALF]])
def test_a_server_that_falls_silent_is_given_up(get, file_server, sent):
    file_server.answers.append(silent(file_server, sent))
    with pytest.raises(PassingError, match="fell silent"):
        get(network=IMPATIENT)


def test_a_server_that_never_answers_is_given_up(get, file_server):
    file_server.answers.append(lambda _: file_server.over.wait(30))
    with pytest.raises(PassingError, match="fell silent"):
        get(network=IMPATIENT)


def test_a_server_that_drips_is_given_up(get, file_server):
    def drip(handler):
        file_server.answer(handler, 200, {"Content-Length": "300000"}, length=False)
        while not file_server.over.wait(0.05):
            handler.wfile.write(b"x")

    file_server.answers.append(drip)
    with pytest.raises(PassingError, match="fell silent"):
        get(network=IMPATIENT)


def test_a_server_that_hangs_up_is_asked_again(get, file_server, target):
    file_server.answers.append(lambda handler: handler.connection.shutdown(socket.SHUT_RDWR))
    get()
    assert target.read_bytes() == CONTENT


def test_a_server_that_speaks_no_http_is_told(get, file_server):
    file_server.answers.extend([lambda handler: handler.wfile.write(b"SSH-2.0-x\r\n")] * 3)
    with pytest.raises(PassingError, match="broke off"):
        get()


def test_a_redirect_among_allowed_hosts_is_followed(get, file_server, target):
    file_server.files["/moved"] = CONTENT
    file_server.answers.append(says(file_server, 302, {"Location": "/moved"}))
    get()
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize(
    "place",
    [
        "http://example.com/file.tgz", "https://example.com/file.tgz", "//example.com/x",
        "http://user:word@127.0.0.1/x", "https://127.0.0.1.example.com/", "http://[::bad/x",
    ],
)  # fmt: skip
def test_a_redirect_elsewhere_is_refused(get, file_server, target, place):
    file_server.answers.append(says(file_server, 302, {"Location": place}))
    with pytest.raises(LabError, match=r"does not fetch models|address that is none"):
        get(network=IMPATIENT)
    assert len(file_server.asked) == 1
    assert left(target) == []


@pytest.mark.parametrize("place", ["file:///etc/passwd", "ftp://127.0.0.1/x", "data:,x"])
def test_a_redirect_to_what_is_no_web_address_is_refused(get, file_server, place):
    file_server.answers.append(says(file_server, 301, {"Location": place}))
    with pytest.raises(LabError, match=r"in circles|does not fetch"):
        get()
    assert len(file_server.asked) == 1


def test_a_redirect_in_circles_ends(get, file_server):
    file_server.answers.extend([says(file_server, 302, {"Location": PATH})] * 50)
    with pytest.raises(LabError, match="in circles"):
        get()
    assert len(file_server.asked) < 10


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/x", "http://storage.googleapis.com/x", "https://example.com/x",
        "https://storage.googleapis.com:8443/x", "https://me@storage.googleapis.com/x",
        "file:///etc/passwd", "https://storage.googleapis.com.example.com/x", "", "https://[x",
        "https://storage.googleapis.com:port/x",
    ],
)  # fmt: skip
def test_only_allowed_hosts_over_tls_are_asked(target, url):
    with pytest.raises(LabError, match="does not fetch models from"):
        download(url, target, network=Network(("storage.googleapis.com",)), expect=KNOWN)


def test_no_network_says_what_else_helps(target):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}/x"
        with pytest.raises(OfflineError, match=r"No network.*offline pack"):
            download(url, target, network=NETWORK, expect=KNOWN)


def test_the_environments_proxy_is_used(get, file_server, target, monkeypatch):
    monkeypatch.setenv("http_proxy", file_server.url(""))
    file_server.files["http://127.0.0.1:9/x"] = CONTENT
    download("http://127.0.0.1:9/x", target, network=NETWORK, expect=KNOWN)
    assert target.read_bytes() == CONTENT


@pytest.fixture
def self_made_certificate(tmp_path):
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "certificate.pem"
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    pem = serialization.Encoding.PEM
    path.write_bytes(made.public_bytes(pem) + key.private_bytes(pem, form, plain))
    return path


def test_a_server_that_cannot_prove_who_it_is_is_not_believed(target, self_made_certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_made_certificate)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def greet():
            peer, _ = listening.accept()
            with peer, pytest.raises(ssl.SSLError):
                context.wrap_socket(peer, server_side=True)

        greeting = threading.Thread(target=greet)
        greeting.start()
        url = f"https://localhost:{listening.getsockname()[1]}/x"
        with pytest.raises(LabError, match="could not prove who it is"):
            download(url, target, network=NETWORK, expect=KNOWN)
        greeting.join()


def cancelled_when(server, target, answer, happened):
    """Start a download, cancel it when something happened, and return how it ended."""
    server.answers.append(answer)
    events = SimpleQueue()
    job = Job(
        "download",
        lambda report, cancel: download(
            server.url(PATH), target, network=NETWORK, expect=KNOWN, report=report, cancel=cancel
        ),
        events,
    )
    job.start()
    happened()
    job.cancel()
    job.join(8)  # the server stays silent for 30 s
    assert not job.running
    while not events.empty():
        ended = events.get()
    return ended.outcome


def test_cancel_ends_a_download_that_waits_for_bytes(file_server, target):
    sent = threading.Event()

    def answer(handler):
        cut_off(file_server)(handler)
        sent.set()
        file_server.over.wait(30)

    outcome = cancelled_when(file_server, target, answer, lambda: sent.wait(10))
    assert outcome is Outcome.CANCELLED
    assert not target.exists()


def test_cancel_ends_a_download_that_waits_for_an_answer(file_server, target):
    asked = threading.Event()

    def answer(_):
        asked.set()
        file_server.over.wait(30)

    outcome = cancelled_when(file_server, target, answer, lambda: asked.wait(10))
    assert outcome is Outcome.CANCELLED
    assert left(target) == []


def test_cancel_ends_the_pause_before_the_next_try(get, file_server):
    file_server.answers.append(says(file_server, 503))
    cancel = CancelToken()
    patient = Network((), loopback=True, pauses_s=(60,))
    with pytest.raises(Cancelled):
        get(network=patient, cancel=cancel, report=lambda _: cancel.cancel())


def test_what_came_before_a_cancel_is_kept(get, file_server, target):
    cancel = CancelToken()

    def answer(handler):
        cut_off(file_server)(handler)
        file_server.over.wait(30)

    file_server.answers.append(answer)
    cancelling = threading.Thread(target=lambda: (grown(target).wait(10), cancel.cancel()))
    cancelling.start()
    with pytest.raises(Cancelled):
        get(cancel=cancel)
    cancelling.join()
    assert 0 < target.with_name("file.tgz.part").stat().st_size <= HALF


def grown(target):
    """Set once some of the file lies on the disk."""
    there, part = threading.Event(), target.with_name("file.tgz.part")

    def watch():
        while not (part.exists() and part.stat().st_size):
            there.wait(0.01)
        there.set()

    threading.Thread(target=watch, daemon=True).start()
    return there


def test_a_cancelled_token_asks_nobody(get, file_server):
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        get(cancel=cancel)
    assert file_server.asked == []


def test_a_place_that_cannot_be_written_is_named(file_server, tmp_path):
    file_server.files[PATH] = CONTENT
    with pytest.raises(LabError, match="cannot be kept"):
        download(
            file_server.url(PATH), tmp_path / "file.tgz.part" / "x" / "y", network=NETWORK,
            expect=Expected(sha256=SHA256),
        )  # fmt: skip


@given(st.binary(max_size=200), st.booleans())
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_a_server_says_ends_in_a_sentence(get, file_server, said, http):
    start = b"HTTP/1.1 200 OK\r\n" if http else b""
    file_server.answers.append(lambda handler: handler.wfile.write(start + said))
    with pytest.raises(LabError):
        get(network=Network((), loopback=True, silence_s=5, pauses_s=()))
