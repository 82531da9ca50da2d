"""File transfer against requests written by hand."""

import stat
import struct
import threading

import pytest

from engine.virtual_phone.adb.sync_service import SyncService
from engine.virtual_phone.streams import stream_pair


@pytest.fixture
def sync(handset):
    ours, theirs = stream_pair()
    ours.settimeout(10)

    def serve() -> None:
        try:
            SyncService(handset, theirs).serve()
        except EOFError:
            pass
        finally:
            theirs.close()

    thread = threading.Thread(target=serve)
    thread.start()
    yield ours
    ours.close()
    thread.join(10)


def request(name, payload=b""):
    return name + struct.pack("<I", len(payload)) + payload


def test_a_file_arrives_with_its_mode_and_time(sync, handset):
    sync.write(request(b"SEND", b"/sdcard/a,b.txt,33188"))
    sync.write(request(b"DATA", b"hel") + request(b"DATA", b"lo"))
    sync.write(b"DONE" + struct.pack("<I", 1_500_000_000))
    assert sync.read_exactly(8) == b"OKAY" + bytes(4)
    node = handset.files.node("/sdcard/a,b.txt")
    assert node.content == b"hello"
    assert node.modified_s == 1_500_000_000
    assert stat.S_IMODE(node.mode) == 0o666  # the daemon gives all what the owner has

    sync.write(request(b"STAT", b"/sdcard/a,b.txt"))
    assert sync.read_exactly(16) == b"STAT" + struct.pack("<III", 0o100666, 5, 1_500_000_000)


def test_what_is_not_there_has_no_mode_and_cannot_be_fetched(sync):
    sync.write(request(b"STAT", b"/none") + request(b"STA2", b"/none") + request(b"RECV", b"/none"))
    assert sync.read_exactly(16) == b"STAT" + bytes(12)
    answer = sync.read_exactly(72)
    assert answer[:4] == b"STA2"
    assert struct.unpack("<I", answer[4:8]) == (2,)
    head = sync.read_exactly(8)
    assert head[:4] == b"FAIL"
    message = sync.read_exactly(int.from_bytes(head[4:], "little"))
    assert message == b"open failed: No such file or directory"


def test_a_refused_file_is_drained_and_the_next_one_arrives(sync, handset):
    sync.write(request(b"SEND", b"/system/x,33188"))
    sync.write(request(b"DATA", bytes(60_000)) + b"DONE" + bytes(4))
    sync.write(request(b"SEND", b"/sdcard/y,33188") + request(b"DATA", b"y") + b"DONE" + bytes(4))
    head = sync.read_exactly(8)
    assert head[:4] == b"FAIL"
    assert b"Permission denied" in sync.read_exactly(int.from_bytes(head[4:], "little"))
    assert sync.read_exactly(8) == b"OKAY" + bytes(4)
    assert handset.files.read("/sdcard/y") == b"y"
    assert not handset.files.exists("/system/x")


def test_a_transfer_that_breaks_off_leaves_no_file(sync, handset):
    sync.write(request(b"SEND", b"/sdcard/half,33188") + request(b"DATA", b"half"))
    sync.close()
    assert not handset.files.exists("/sdcard/half")


@pytest.mark.parametrize("name", [b"WHAT", b"\0\0\0\0"])
def test_an_unknown_request_ends_the_stream(sync, name):
    sync.write(request(name, b"/"))
    head = sync.read_exactly(8)
    assert head[:4] == b"FAIL"
    sync.read_exactly(int.from_bytes(head[4:], "little"))
    assert sync.read(1) == b""


def test_a_listing_ends_with_done_of_the_same_size(sync, handset):
    handset.files.write("/sdcard/Download/f", b"123")
    sync.write(request(b"LIST", b"/sdcard/Download"))
    head = sync.read_exactly(20)
    assert head[:4] == b"DENT"
    assert struct.unpack("<IIII", head[4:])[1::2] == (3, 1)
    assert sync.read_exactly(1) == b"f"
    assert sync.read_exactly(20) == b"DONE" + bytes(16)
