"""A file that grows is on the disk as it was written, and digested as it is."""

import io
import os

import pytest

from engine.apk.growing_file import DIGEST, GrowingFile
from engine.apk.signature_block import DIGEST_CHUNK_BYTES as CHUNK
from engine.apk.signature_block import chunk_digests


def nothing(_count: int) -> None:
    """Ignore progress."""


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 9 * CHUNK + 12_345])
def test_what_is_put_in_is_there_and_digested(tmp_path, size):
    data, told = os.urandom(size), []

    with GrowingFile(tmp_path / "a") as file:
        source = io.BytesIO(data[size // 3 :])
        file.write(data[: size // 3])
        while file.position < size:
            before = file.position
            piece = file.take(source, size - before)
            assert piece == data[before : file.position]
        digests = file.chunk_digests(told.append)
        file.finish(b"the end")

    assert (tmp_path / "a").read_bytes() == data + b"the end"
    assert digests == chunk_digests(DIGEST, data)
    assert sum(told) == size


@pytest.mark.parametrize("before", [0, 10, CHUNK - 60, CHUNK - 50, CHUNK - 49, CHUNK - 1, CHUNK])
@pytest.mark.parametrize("after", [0, 3, 60, 5 * CHUNK + 7])
def test_what_is_changed_later_is_as_if_it_had_been_so(tmp_path, before, after):
    start, end = os.urandom(before), os.urandom(after)

    with GrowingFile(tmp_path / "a") as file:
        file.write(start)
        at = file.write_changeable(b"?" * 50)
        file.write(end)
        file.change(at, b"!" * 50)
        file.write(b"more")
        digests = file.chunk_digests(nothing)
        file.finish(b"")

    data = start + b"!" * 50 + end + b"more"
    assert (tmp_path / "a").read_bytes() == data
    assert digests == chunk_digests(DIGEST, data)


def test_what_was_flushed_can_be_read_before_the_end(tmp_path):
    with GrowingFile(tmp_path / "a") as file:
        file.write(b"first")
        file.flush()
        assert (tmp_path / "a").read_bytes() == b"first"
        file.write(b", second")
        file.flush()
        assert (tmp_path / "a").read_bytes() == b"first, second"


def test_a_change_after_a_flush_is_flushed_too(tmp_path):
    with GrowingFile(tmp_path / "a") as file:
        at = file.write_changeable(b"old")
        file.flush()
        file.change(at, b"new")
        file.flush()
        assert (tmp_path / "a").read_bytes() == b"new"


def test_room_that_was_asked_for_in_vain_is_given_back(tmp_path):
    with GrowingFile(tmp_path / "a", 10 * CHUNK) as file:
        file.write(b"little")
        file.chunk_digests(nothing)
        file.finish(b"")

    assert (tmp_path / "a").read_bytes() == b"little"


def test_a_source_that_ends_too_early_is_noticed(tmp_path):
    with GrowingFile(tmp_path / "a") as file, pytest.raises(EOFError):
        file.take(io.BytesIO(b"abc"), 4)


def test_leaving_it_early_ends_its_threads(tmp_path):
    def fail() -> None:
        with GrowingFile(tmp_path / "a") as file:
            file.write(os.urandom(8 * CHUNK))
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    (tmp_path / "a").unlink()  # which Windows refuses while it is open
