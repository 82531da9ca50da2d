import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.virtual_phone.streams import stream_pair


@given(st.lists(st.binary(min_size=1, max_size=50), max_size=20), st.integers(1, 70))
def test_bytes_arrive_once_and_in_order_however_they_are_cut(pieces, size):
    ours, theirs = stream_pair()
    for piece in pieces:
        ours.write(piece)
    ours.close()
    arrived = b"".join(iter(lambda: theirs.read(size), b""))
    assert arrived == b"".join(pieces)


def test_both_directions_flow_at_once():
    ours, theirs = stream_pair()
    ours.write(b"there")
    theirs.write(b"back")
    assert theirs.read(99) == b"there"
    assert ours.read(99) == b"back"


def test_a_writer_waits_when_the_reader_stops():
    ours, theirs = stream_pair(capacity=100)
    ours.settimeout(0.01)
    with pytest.raises(TimeoutError):
        ours.write(bytes(101))
    assert theirs.read_exactly(100) == bytes(100)
    ours.write(b"room again")


def test_a_waiting_writer_goes_on_as_the_reader_reads():
    ours, theirs = stream_pair(capacity=10)
    writer = threading.Thread(target=ours.write, args=(bytes(range(200)),))
    writer.start()
    assert theirs.read_exactly(200) == bytes(range(200))
    writer.join()


def test_reading_waits_no_longer_than_the_timeout():
    ours, _theirs = stream_pair()
    ours.settimeout(0.01)
    with pytest.raises(TimeoutError):
        ours.read(1)


def test_after_the_peer_closed_what_it_wrote_is_read_and_writing_fails():
    ours, theirs = stream_pair()
    theirs.write(b"last words")
    theirs.close()
    with pytest.raises(BrokenPipeError):
        ours.write(b"x")
    assert ours.read(99) == b"last words"
    assert ours.read(99) == b""


def test_an_early_end_is_an_error_when_an_exact_count_is_wanted():
    ours, theirs = stream_pair()
    theirs.write(b"abc")
    theirs.close()
    with pytest.raises(EOFError, match="1 bytes early"):
        ours.read_exactly(4)


def test_closing_wakes_a_reader_on_another_thread():
    ours, _theirs = stream_pair()
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(ours.read(1)))
    reader.start()
    ours.close()
    reader.join(10)
    assert read == [b""]
