"""The daemon against a peer made by hand: bytes as the protocol's description has them."""

import base64
import socket
import struct
import threading

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa, utils
from cryptography.hazmat.primitives.hashes import SHA1
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import LabError
from engine.virtual_phone.adb.auth import BadKey, parse_public_key
from engine.virtual_phone.adb.daemon import AdbDaemon
from engine.virtual_phone.adb.messages import BadMessage, make_header, parse_header
from engine.virtual_phone.handset import Handset

MIB = 1 << 20


class Peer:
    """A computer that speaks ADB byte by byte."""

    def __init__(self, daemon):
        self.socket = socket.create_connection(("127.0.0.1", daemon.port), timeout=10)

    def send(self, command, arg0, arg1, payload=b""):
        magic = int.from_bytes(command, "little") ^ 0xFFFFFFFF
        head = struct.pack("<4sIIIII", command, arg0, arg1, len(payload), sum(payload), magic)
        self.socket.sendall(head + payload)

    def receive(self):
        command, arg0, arg1, length, _, _ = struct.unpack("<4sIIIII", self._exactly(24))
        return command, arg0, arg1, self._exactly(length)

    def greet(self):
        self.send(b"CNXN", 0x01000001, MIB, b"host::")

    def open(self, service, local_id=7):
        self.send(b"OPEN", local_id, 0, service + b"\0")
        command, remote_id, mine, _ = self.receive()
        assert (command, mine) == (b"OKAY", local_id)
        return remote_id

    def ended(self):
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True

    def _exactly(self, size):
        data = b""
        while len(data) < size:
            part = self.socket.recv(size - len(data))
            if not part:
                raise EOFError
            data += part
        return data


@pytest.fixture
def handset():
    return Handset("Test phone")


@pytest.fixture
def daemon(handset):
    daemon = AdbDaemon(handset)
    yield daemon
    daemon.unplug()


@pytest.fixture
def connect():
    peers = []

    def connect_to(daemon):
        peers.append(Peer(daemon))
        return peers[-1]

    yield connect_to
    for peer in peers:
        peer.socket.close()


@pytest.fixture
def asking(handset):
    daemon = AdbDaemon(handset, ask=True)
    yield daemon
    daemon.unplug()


@pytest.fixture
def peer(daemon, connect):
    peer = connect(daemon)
    peer.greet()
    assert peer.receive()[0] == b"CNXN"
    return peer


def test_a_header_is_24_bytes_little_endian():
    expected = b"OKAY" + bytes([1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0])
    expected += bytes(byte ^ 0xFF for byte in b"OKAY")
    assert make_header(b"OKAY", 1, 2, b"abc") == expected


@given(st.binary(min_size=24, max_size=24))
def test_any_24_bytes_are_a_header_or_refused(data):
    try:
        header = parse_header(data)
    except BadMessage:
        return
    assert header.length <= MIB


def test_the_banner_names_the_phone_and_its_features(daemon, connect):
    peer = connect(daemon)
    peer.greet()
    command, version, max_payload, banner = peer.receive()
    assert (command, version, max_payload) == (b"CNXN", 0x01000001, MIB)
    assert banner.startswith(b"device::ro.product.name=virtual_phone;ro.product.model=Test phone;")
    assert b"delayed_ack" not in banner


def test_nothing_is_opened_before_the_handshake(daemon, connect):
    peer = connect(daemon)
    peer.send(b"OPEN", 1, 0, b"shell:id\0")
    assert peer.ended()


def test_a_service_that_the_phone_lacks_is_refused(peer):
    peer.send(b"OPEN", 7, 0, b"tcp:80\0")
    assert peer.receive() == (b"CLSE", 0, 7, b"")


def test_the_next_piece_waits_until_the_one_before_is_acknowledged(peer):
    remote_id = peer.open(b"shell:echo one; echo two")
    assert peer.receive() == (b"WRTE", remote_id, 7, b"one\n")
    peer.socket.settimeout(0.1)
    with pytest.raises(TimeoutError):
        peer.receive()
    peer.socket.settimeout(10)
    peer.send(b"OKAY", 7, remote_id)
    assert peer.receive() == (b"WRTE", remote_id, 7, b"two\n")
    peer.send(b"OKAY", 7, remote_id)
    assert peer.receive() == (b"CLSE", remote_id, 7, b"")


def test_a_reader_that_stops_holds_back_the_computer(handset, peer):
    listener = handset.sockets.listen("slow")
    remote_id = peer.open(b"localabstract:slow")
    stream = listener.accept(timeout_s=5)
    peer.send(b"WRTE", 7, remote_id, bytes(MIB))
    peer.socket.settimeout(0.1)
    with pytest.raises(TimeoutError):
        peer.receive()
    peer.socket.settimeout(10)
    assert stream.read_exactly(MIB) == bytes(MIB)
    assert peer.receive() == (b"OKAY", remote_id, 7, b"")


def test_a_computer_that_never_waits_is_thrown_out(handset, peer):
    listener = handset.sockets.listen("slow")
    remote_id = peer.open(b"localabstract:slow")
    stream = listener.accept(timeout_s=5)

    def flood():
        for _ in range(50):
            peer.send(b"WRTE", 7, remote_id, bytes(MIB))

    with pytest.raises(OSError, match=r"Broken pipe|reset"):
        flood()
    while stream.read(MIB):
        pass


def test_closing_one_stream_leaves_the_others(handset, peer):
    listener = handset.sockets.listen("lab")
    first, second = peer.open(b"localabstract:lab", 7), peer.open(b"localabstract:lab", 8)
    ours, others = listener.accept(5), listener.accept(5)
    peer.send(b"CLSE", 7, first)
    assert ours.read(1) == b""
    assert peer.receive()[:3] == (b"CLSE", first, 7)
    others.write(b"still here")
    assert peer.receive() == (b"WRTE", second, 8, b"still here")


def test_a_reverse_tunnel_opens_on_the_computer_and_ends_with_it(handset, peer):
    remote_id = peer.open(b"reverse:forward:localabstract:back;tcp:9000")
    assert peer.receive() == (b"WRTE", remote_id, 7, b"OKAY")
    peer.send(b"OKAY", 7, remote_id)
    assert peer.receive()[0] == b"CLSE"

    streams = []
    thread = threading.Thread(target=lambda: streams.append(handset.connect_out("back")))
    thread.start()
    command, phone_id, _, payload = peer.receive()
    assert (command, payload) == (b"OPEN", b"tcp:9000\0")
    peer.send(b"OKAY", 77, phone_id)
    thread.join(10)
    peer.send(b"WRTE", 77, phone_id, b"hello")
    assert streams[0].read(99) == b"hello"

    peer.socket.close()
    assert streams[0].read(1) == b""
    with pytest.raises(ConnectionRefusedError):
        handset.connect_out("back")


def test_a_refused_reverse_tunnel_is_refused_inside_the_phone(handset, peer):
    remote_id = peer.open(b"reverse:forward:localabstract:back;tcp:1")
    peer.receive()
    peer.send(b"OKAY", 7, remote_id)
    peer.receive()

    refused = threading.Event()

    def connect():
        try:
            handset.connect_out("back")
        except ConnectionRefusedError:
            refused.set()

    thread = threading.Thread(target=connect)
    thread.start()
    phone_id = peer.receive()[1]
    peer.send(b"CLSE", 0, phone_id)
    thread.join(10)
    assert refused.is_set()


def android_key(key):
    """Encode a public key as adb's ``adbkey.pub`` does."""
    numbers = key.public_key().public_numbers()
    n0inv = -pow(numbers.n, -1, 1 << 32) % (1 << 32)
    rr = pow(2, 4096, numbers.n)
    raw = struct.pack("<II", 64, n0inv) + numbers.n.to_bytes(256, "little")
    raw += rr.to_bytes(256, "little") + struct.pack("<I", numbers.e)
    return base64.b64encode(raw) + b" someone@somewhere\0"


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def sign(key, token):
    return key.sign(token, padding.PKCS1v15(), utils.Prehashed(SHA1()))


def test_a_key_is_remembered_once_it_was_allowed(asking, connect, key):
    peer = connect(asking)
    peer.greet()
    command, kind, _, token = peer.receive()
    assert (command, kind, len(token)) == (b"AUTH", 1, 20)
    peer.send(b"AUTH", 2, 0, sign(key, token))
    assert peer.receive()[:2] == (b"AUTH", 1)  # not known yet
    peer.send(b"AUTH", 3, 0, android_key(key))
    peer.socket.settimeout(0.1)
    with pytest.raises(TimeoutError):
        peer.receive()
    peer.socket.settimeout(10)
    assert asking.keys.allow() == 1
    assert peer.receive()[0] == b"CNXN"

    again = connect(asking)
    again.greet()
    token = again.receive()[3]
    again.send(b"AUTH", 2, 0, sign(key, token[::-1]))  # a signature of something else
    token = again.receive()[3]
    again.send(b"AUTH", 2, 0, sign(key, token))
    assert again.receive()[0] == b"CNXN"


def test_a_computer_with_a_broken_key_is_thrown_out(asking, connect):
    peer = connect(asking)
    peer.greet()
    peer.receive()
    peer.send(b"AUTH", 3, 0, b"no key at all")
    assert peer.ended()
    assert asking.keys.allow() == 0


def test_a_key_that_contradicts_itself_is_refused(key):
    assert parse_public_key(android_key(key)).public_numbers() == key.public_key().public_numbers()
    raw = bytearray(base64.b64decode(android_key(key).split()[0]))
    raw[4] ^= 1
    for bad in (base64.b64encode(raw), b"", b"AAAA", b"\xff\xfe"):
        with pytest.raises(BadKey):
            parse_public_key(bad)


def test_a_taken_port_is_a_sentence(daemon):
    with pytest.raises(LabError, match=f"Port {daemon.port} is in use"):
        AdbDaemon(Handset(), port=daemon.port)


def test_adbs_emulator_ports_are_refused():
    with pytest.raises(LabError, match="emulators"):
        AdbDaemon(Handset(), port=5555)
    with pytest.raises(LabError, match="70000 is no port"):
        AdbDaemon(Handset(), port=70000)


def test_a_garbled_service_says_noise_of_the_same_length_once(daemon, peer):
    daemon.garbage = b"exec:echo"
    answers = []
    for service in (b"exec:id -u", b"exec:echo hello", b"exec:echo hello"):
        remote_id = peer.open(service)
        command, _, _, payload = peer.receive()
        assert command == b"WRTE"
        peer.send(b"OKAY", 7, remote_id)
        assert peer.receive()[0] == b"CLSE"
        answers.append(payload)
    assert answers[0] == b"2000\n"
    assert answers[1] != b"hello\n"
    assert len(answers[1]) == 6
    assert answers[2] == b"hello\n"


def test_a_silent_phone_takes_connections_and_answers_nothing(daemon, peer, connect):
    daemon.go_silent(True)
    assert peer.ended()
    waiting = connect(daemon)
    waiting.greet()
    waiting.socket.settimeout(0.2)
    with pytest.raises(TimeoutError):
        waiting.socket.recv(1)
    daemon.go_silent(False)
    assert waiting.ended()
    well = connect(daemon)
    well.greet()
    assert well.receive()[0] == b"CNXN"
