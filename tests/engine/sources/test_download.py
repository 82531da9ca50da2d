"""Fetching a file from a server that fails in every way a server can."""

import gzip
import hashlib
import json
import random
import socket
import ssl
import threading
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from queue import SimpleQueue

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import Cancelled, LabError
from engine.jobs import CancelToken, Job, Outcome
from engine.sources.download import Expected, download
from engine.sources.transport import Network, OfflineError, PassingError

CONTENT = random.Random(7).randbytes(300_000)
HALF = len(CONTENT) // 2
SHA256 = hashlib.sha256(CONTENT).hexdigest()
KNOWN = Expected(len(CONTENT), SHA256)
NETWORK = Network((), loopback=True, silence_s=10, pauses_s=(0, 0))
PATH = "/models/file.tgz"


def md5_header(content):
    md5 = hashlib.md5(content, usedforsecurity=False).digest()
    return f"crc32c=AAAAAA==,md5={b64encode(md5).decode()}"


@pytest.fixture
def target(tmp_path):
    return tmp_path / "file.tgz"


@pytest.fixture
def get(file_server, target):
    file_server.files[PATH] = CONTENT

    def get(expect=KNOWN, network=NETWORK, **options):
        return download(file_server.url(PATH), target, network=network, expect=expect, **options)

    return get


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


def test_a_file_comes_whole_and_nothing_else_stays(get, target):
    came = get()
    assert target.read_bytes() == CONTENT
    assert (came.path, came.size_bytes, came.sha256) == (target, len(CONTENT), SHA256)
    assert came.verified == "sha256"
    assert left(target) == ["file.tgz"]


def test_progress_says_how_much_and_how_fast(get):
    seen = []
    get(report=seen.append)
    assert {progress.step for progress in seen} == {"download"}
    fractions = [progress.fraction for progress in seen]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert any("of 0.3 MB" in each.detail and "MB/s" in each.detail for each in seen)


def test_without_a_known_hash_the_publishers_counts(get, target):
    assert get(Expected()).verified == "md5 given by the publisher's server"
    assert target.read_bytes() == CONTENT


def test_an_md5_that_the_publisher_printed_counts(get):
    md5 = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()
    assert get(Expected(md5=md5.upper())).verified == "md5 printed by the publisher"
    with pytest.raises(LabError, match="no longer the one that the lab knows"):
        get(Expected(md5="0" * 32))


@pytest.mark.parametrize("header", [None, "crc32c=AAAAAA==", "md5=!", "md5=AAAA", "md5", ",,"])
def test_a_file_that_nothing_vouches_for_is_not_fetched(get, file_server, target, header):
    headers = {"x-goog-hash": header} if header else {}
    file_server.answers.append(says(file_server, 200, headers, CONTENT))
    with pytest.raises(LabError, match="Nobody says what the file's hash should be"):
        get(Expected())
    assert left(target) == []


def test_wrong_bytes_are_thrown_away(get, file_server, target):
    file_server.answers.append(says(file_server, 200, {}, b"x" * len(CONTENT)))
    with pytest.raises(LabError, match="hash is wrong"):
        get()
    assert left(target) == []
    assert len(file_server.asked) == 1


def test_wrong_bytes_do_not_replace_an_older_file(get, file_server, target):
    target.write_bytes(b"older")
    file_server.answers.append(says(file_server, 200, {}, b"x" * len(CONTENT)))
    with pytest.raises(LabError):
        get()
    assert target.read_bytes() == b"older"


def test_a_file_that_the_publisher_changed_is_told_apart_from_a_broken_one(get, file_server):
    file_server.answers.append(serves(file_server, CONTENT[::-1]))
    with pytest.raises(LabError, match="no longer the one that the lab knows"):
        get()


def test_bytes_that_do_not_fit_the_servers_own_hash_are_refused(get, file_server):
    headers = {"x-goog-hash": md5_header(b"other")}
    file_server.answers.append(says(file_server, 200, headers, CONTENT))
    with pytest.raises(LabError, match="hash is wrong"):
        get(Expected())


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (404, "no longer has the file"), (410, "no longer has the file"),
        (403, "refuses to give"), (401, "refuses to give"), (400, "refuses to give"),
        (407, "proxy asks for a name"), (204, "odd answer"), (304, "in circles"),
    ],
)  # fmt: skip
def test_a_refusal_is_told_at_once(get, file_server, target, status, said):
    file_server.answers.append(says(file_server, status))
    with pytest.raises(LabError, match=said) as caught:
        get()
    assert str(status) in str(caught.value)
    assert len(file_server.asked) == 1
    assert left(target) == []


@pytest.mark.parametrize("status", [500, 502, 503, 504, 429, 408])
def test_trouble_that_may_pass_is_tried_again(get, file_server, target, status):
    file_server.answers.append(says(file_server, status))
    seen = []
    get(report=seen.append)
    assert target.read_bytes() == CONTENT
    assert any("Trying again" in progress.detail for progress in seen)


def test_trouble_that_stays_is_told_after_the_last_try(get, file_server):
    file_server.answers.extend([says(file_server, 503)] * 3)
    with pytest.raises(PassingError, match="in trouble"):
        get()
    assert len(file_server.asked) == 1 + len(NETWORK.pauses_s)


def test_a_file_that_was_cut_off_is_continued(get, file_server, target):
    etag = f'"{hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()}"'
    file_server.answers.append(cut_off(file_server, etag=etag))
    get()
    assert target.read_bytes() == CONTENT
    _, headers = file_server.asked[1]
    assert (headers["Range"], headers["If-Range"]) == (f"bytes={HALF}-", etag)


def test_what_came_is_kept_for_the_next_time(get, file_server, target):
    file_server.answers.append(cut_off(file_server))
    with pytest.raises(PassingError, match=r"cut off after 0\.1 of 0\.3 MB"):
        get(network=Network((), loopback=True, pauses_s=()))
    assert left(target) == ["file.tgz.part", "file.tgz.part.json"]
    file_server.answers.append(serves(file_server, etag='"one"'))
    get()
    assert file_server.asked[1][1]["Range"] == f"bytes={HALF}-"
    assert left(target) == ["file.tgz"]


def test_a_continuation_shows_how_much_there_was(get, file_server):
    file_server.answers.extend([cut_off(file_server), serves(file_server, etag='"one"')])
    seen = []
    get(report=seen.append)
    after = [each.fraction for each in seen[1:] if each.fraction is not None]
    assert min(after) > 0.4


def test_a_file_that_changed_meanwhile_comes_anew(get, file_server, target):
    file_server.answers.extend([cut_off(file_server), serves(file_server, etag='"two"')])
    get()
    assert target.read_bytes() == CONTENT


def continues(server, start, etag='"one"'):
    total = len(CONTENT)
    headers = {"ETag": etag, "Content-Range": f"bytes {start}-{total - 1}/{total}"}
    return says(server, 206, headers, CONTENT[start:])


@pytest.mark.parametrize(("start", "etag"), [(HALF, '"two"'), (HALF - 1, '"one"'), (0, '"one"')])
def test_a_continuation_of_something_else_is_not_glued_on(get, file_server, target, start, etag):
    file_server.answers.extend([cut_off(file_server), continues(file_server, start, etag)])
    get()
    assert target.read_bytes() == CONTENT
    assert "Range" not in file_server.asked[2][1]


def test_a_part_nobody_asked_for_is_not_taken_for_the_file(get, file_server, target):
    file_server.answers.append(continues(file_server, HALF))
    get()
    assert target.read_bytes() == CONTENT


def test_a_continuation_with_wrong_bytes_comes_anew(get, file_server, target):
    wrong = says(
        file_server,
        206,
        {"ETag": '"one"', "Content-Range": f"bytes {HALF}-{len(CONTENT) - 1}/{len(CONTENT)}"},
        b"x" * HALF,
    )
    file_server.answers.extend([cut_off(file_server), wrong])
    get()
    assert target.read_bytes() == CONTENT


def test_a_server_with_nothing_to_follow_is_asked_for_everything(get, file_server, target):
    file_server.answers.extend([cut_off(file_server), says(file_server, 416)])
    get()
    assert target.read_bytes() == CONTENT
    assert "Range" not in file_server.asked[2][1]


@pytest.mark.parametrize("etag", ['W/"weak"', ""])
def test_without_a_sure_mark_a_file_is_not_continued(get, file_server, target, etag):
    file_server.answers.append(cut_off(file_server, etag=etag))
    get()
    assert target.read_bytes() == CONTENT
    assert "Range" not in file_server.asked[1][1]


@pytest.mark.parametrize("note", [b"", b"[]", b"{}", b"\xff", b'{"url": "other"}', b"[" * 99_999])
def test_a_damaged_note_of_a_part_means_beginning_anew(get, target, note):
    target.with_name("file.tgz.part").write_bytes(b"something")
    target.with_name("file.tgz.part.json").write_bytes(note)
    get()
    assert target.read_bytes() == CONTENT


def test_the_part_of_another_address_is_not_continued(get, file_server, target):
    target.with_name("file.tgz.part").write_bytes(CONTENT[:HALF])
    note = {"url": "http://elsewhere/file.tgz", "validator": '"one"'}
    target.with_name("file.tgz.part.json").write_text(json.dumps(note))
    get()
    assert "Range" not in file_server.asked[0][1]


def test_a_length_that_is_too_long_is_a_cut_off_file(get, file_server):
    headers = {"Content-Length": str(len(CONTENT) + 5)}
    file_server.answers.extend([says(file_server, 200, headers, CONTENT, length=False)] * 3)
    with pytest.raises(PassingError, match="cut off"):
        get(Expected(sha256=SHA256))


def test_a_length_that_is_too_short_is_a_wrong_file(get, file_server, target):
    headers = {"Content-Length": str(HALF)}
    file_server.answers.append(says(file_server, 200, headers, CONTENT, length=False))
    with pytest.raises(LabError, match="hash is wrong"):
        get(Expected(sha256=SHA256))
    assert left(target) == []


def test_a_length_that_is_not_the_expected_one_is_refused_before_a_byte_comes(get, file_server):
    file_server.answers.append(serves(file_server, CONTENT + b"more"))
    with pytest.raises(LabError, match="300004 bytes instead of 300000"):
        get()


@pytest.mark.parametrize("length", ["-5", "many", "", "1e5"])
def test_a_length_that_is_no_number_is_as_none(get, file_server, target, length):
    headers = {"Content-Length": length}
    file_server.answers.append(says(file_server, 200, headers, CONTENT, length=False))
    get()
    assert target.read_bytes() == CONTENT


def chunked(server, *, finish):
    def answer(handler):
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for at in range(0, HALF * 2, HALF // 3):
            block = CONTENT[at : at + HALF // 3]
            handler.wfile.write(f"{len(block):x}\r\n".encode() + block + b"\r\n")
        if finish:
            handler.wfile.write(b"0\r\n\r\n")

    return answer


def test_a_file_in_chunks_comes_whole(get, file_server, target):
    file_server.answers.append(chunked(file_server, finish=True))
    get()
    assert target.read_bytes() == CONTENT


def test_chunks_that_break_off_are_tried_again(get, file_server, target):
    file_server.answers.append(chunked(file_server, finish=False))
    get()
    assert target.read_bytes() == CONTENT
    assert len(file_server.asked) == 2


def test_a_file_of_unsaid_length_comes_whole(get, file_server, target):
    file_server.answers.append(says(file_server, 200, {}, CONTENT, length=False))
    seen = []
    get(report=seen.append)
    assert target.read_bytes() == CONTENT


def test_a_file_of_unsaid_length_that_broke_off_is_tried_again(get, file_server, target):
    file_server.answers.append(says(file_server, 200, {}, CONTENT[:HALF], length=False))
    get()
    assert target.read_bytes() == CONTENT


def test_a_file_far_too_big_is_refused(get, file_server, target):
    small = Network((), loopback=True, max_bytes=HALF)
    with pytest.raises(LabError, match="cannot be meant"):
        get(Expected(sha256=SHA256), network=small)
    file_server.answers.append(says(file_server, 200, {}, CONTENT, length=False))
    with pytest.raises(LabError, match="cannot be meant"):
        get(Expected(sha256=SHA256), network=small)
    assert left(target) == []


def test_a_file_for_which_there_is_no_room_is_not_begun(get, file_server, target):
    endless = Network((), loopback=True, max_bytes=1 << 62)
    headers = {"Content-Length": str(1 << 60)}
    file_server.answers.append(says(file_server, 200, headers, b"x", length=False))
    with pytest.raises(LabError, match=r"needs 1152921504607 MB; \d+ MB are free"):
        get(Expected(sha256=SHA256), network=endless)
    assert left(target) == []


def test_a_packed_answer_is_taken_as_the_publisher_stored_it(get, file_server, target):
    headers = {"Content-Encoding": "gzip"}  # some servers say so of each .tgz
    file_server.answers.append(says(file_server, 200, headers, CONTENT))
    get()
    assert target.read_bytes() == CONTENT
    assert file_server.asked[0][1]["Accept-Encoding"] == "identity"


def test_somebody_who_packs_the_file_on_the_way_is_told(get, file_server):
    headers = {"Content-Encoding": "gzip"}
    file_server.answers.append(says(file_server, 200, headers, gzip.compress(CONTENT)))
    with pytest.raises(LabError, match="repacks files on the way"):
        get(Expected(sha256=SHA256))


def test_a_web_page_is_not_taken_for_the_file(get, file_server, target):
    headers = {"Content-Type": "text/html; charset=utf-8"}
    file_server.answers.append(says(file_server, 200, headers, b"<html>Please log in"))
    with pytest.raises(LabError, match="web page instead of the file"):
        get()
    assert left(target) == []


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
