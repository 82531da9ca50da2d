"""Zips are read strictly, copied raw, aligned, and always the same."""

import io
import struct
import zipfile
import zlib
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.apk.archive import DEFLATED, STORED, ArchiveReader, native_abi, read_chunks
from engine.apk.growing_file import GrowingFile
from engine.apk.writer import ArchiveWriter, alignment_of
from engine.errors import Cancelled, LabError
from engine.files import replacing


def nothing(_count: int) -> None:
    """Ignore progress."""


def zip_of(path: Path, entries: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return path


@contextmanager
def writing(path: Path):
    """Give an ``ArchiveWriter`` and end its archive well."""
    with GrowingFile(path) as file:
        writer = ArchiveWriter(file, nothing)
        yield writer
        file.flush()
        directory, end = writer.directory()
        file.finish(directory + end)


def write_all(path: Path, entries: dict[str, bytes]) -> Path:
    with writing(path) as writer:
        for name, data in entries.items():
            writer.add(name, data)
    return path


def test_stored_entries_begin_where_android_maps_them(tmp_path):
    names = ["a", "lib/x86_64/liba.so", "m.tflite", "oddly long name", "lib/x86_64/libb.so"]
    path = write_all(tmp_path / "a.apk", {name: name.encode() * 5 for name in names})

    with ArchiveReader(path) as archive:
        for entry in archive.entries:
            wanted = 16384 if entry.name.endswith(".so") else 4
            assert entry.data_offset % wanted == 0, entry
        assert archive.entry("m.tflite").data_offset % 16 == 0
    assert zipfile.ZipFile(path).testzip() is None


def test_alignment_is_a_well_formed_extra_field(tmp_path):
    path = write_all(tmp_path / "a.apk", {"ab": b"1", "lib/x/l.so": b"2"})

    with ArchiveReader(path) as archive:
        header = archive.entry("lib/x/l.so").header_offset
    raw = path.read_bytes()[header:]
    name_len, extra_len = struct.unpack_from("<HH", raw, 26)
    kind, length, alignment = struct.unpack_from("<HHH", raw, 30 + name_len)
    assert (kind, alignment) == (0xD935, 16384)
    assert length + 4 == extra_len


def test_packed_entries_are_copied_as_they_are(tmp_path):
    text = b"to be or not to be " * 1000
    source = zip_of(tmp_path / "in.zip", {"a.txt": text}, zipfile.ZIP_DEFLATED)
    target = tmp_path / "out.zip"

    with ArchiveReader(source) as archive, writing(target) as writer:
        entry = archive.entry("a.txt")
        packed = archive.span(entry.data_offset, entry.data_end)
        writer.copy(archive, entry)

    with ArchiveReader(target) as copied:
        entry = copied.entry("a.txt")
        assert entry.method == DEFLATED
        assert copied.span(entry.data_offset, entry.data_end) == packed
        assert copied.read(entry) == text
    assert zipfile.ZipFile(target).read("a.txt") == text


def test_entries_with_a_data_descriptor_are_copied_without_it(tmp_path):
    class Pipe(io.RawIOBase):
        """Not seekable, so zipfile writes sizes behind the data."""

        def __init__(self) -> None:
            self.data = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, data) -> int:
            self.data += data
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w") as archive:
        archive.writestr("one", b"first")
        archive.writestr("two", b"second")
    source = tmp_path / "in.zip"
    source.write_bytes(pipe.data)
    assert b"PK\x07\x08" in pipe.data

    with ArchiveReader(source) as archive, writing(tmp_path / "out.zip") as writer:
        for entry in archive.entries:
            writer.copy(archive, entry)

    copied = zipfile.ZipFile(tmp_path / "out.zip")
    assert copied.testzip() is None
    assert [info.flag_bits for info in copied.infolist()] == [0, 0]
    assert copied.read("two") == b"second"


def test_nothing_of_the_machine_is_written(tmp_path):
    path = write_all(tmp_path / "a.apk", {"Straße.txt": b"1", "b": b"2"})

    for info in zipfile.ZipFile(path).infolist():
        assert info.date_time == (1980, 1, 1, 0, 0, 0)
        assert (info.external_attr, info.create_system, info.extra, info.comment) == (
            0,
            0,
            b"",
            b"",
        )
    assert zipfile.ZipFile(path).namelist() == ["Straße.txt", "b"]


def test_an_archive_over_2_gb_is_refused_before_it_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr("engine.apk.writer.MAX_BYTES", 1000)
    with GrowingFile(tmp_path / "a.apk") as file:
        writer = ArchiveWriter(file, nothing)
        writer.add("a", bytes(500))

        with pytest.raises(LabError, match="larger than 2 GB"):
            writer.add("b", bytes(500))
        assert file.position < 600


@pytest.mark.parametrize(
    ("name", "abi"),
    [
        ("lib/arm64-v8a/liba.so", "arm64-v8a"),
        ("lib/x86/wrap.sh", "x86"),
        ("lib/liba.so", None),
        ("lib/x86/deep/liba.so", None),
        ("assets/lib/x86/liba.so", None),
        ("lib//liba.so", None),
    ],
)
def test_native_libraries_are_known_by_their_folder(name, abi):
    assert native_abi(name) == abi


def test_packed_entries_need_no_alignment():
    assert alignment_of("lib/x86/liba.so", DEFLATED) == 1
    assert alignment_of("lib/x86/liba.so", STORED) == 16384


def end_record(entries=0, size=0, offset=0, comment=b"", disk=0) -> bytes:
    header = struct.pack(
        "<IHHHHIIH", 0x06054B50, disk, 0, entries, entries, size, offset, len(comment)
    )
    return header + comment


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "its directory is missing"),
        (b"PK\x03\x04 but that is all", "its directory is missing"),
        (b"<html>not found</html>" * 100, "its directory is missing"),
        (end_record(entries=1), "does not hold what it says"),
        (end_record(entries=0xFFFF), "zip64"),
        (end_record(offset=0xFFFFFFFF), "zip64"),
        (b"PK\x06\x07" + bytes(16) + end_record(offset=20), "zip64"),
        (end_record(disk=1), "split over several files"),
        (end_record(offset=5), "not where it should be"),
        (end_record() + b"trailing", "its directory is missing"),
        (bytes(10) + end_record(size=10, entries=1), "directory is cut off"),
        (bytes(46) + end_record(size=46, entries=1), "directory is damaged"),
    ],
)
def test_what_is_no_whole_zip_is_said_to_be_so(tmp_path, data, why):
    path = tmp_path / "bad.apk"
    path.write_bytes(data)

    with pytest.raises(LabError, match=why):
        ArchiveReader(path)


def test_a_file_cut_off_anywhere_is_refused(tmp_path):
    whole = zip_of(tmp_path / "a.zip", {"a": b"1" * 50, "b": b"2"}).read_bytes()
    path = tmp_path / "cut.zip"

    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(LabError):
            ArchiveReader(path)


def patched(tmp_path: Path, edit) -> Path:
    """Write a zip of two entries whose bytes ``edit(data, directory offset)`` changed."""
    path = zip_of(tmp_path / "a.zip", {"aa": b"first", "bb": b"second"})
    data = bytearray(path.read_bytes())
    edit(data, data.index(b"PK\x01\x02"))
    path.write_bytes(data)
    return path


def put(offset: int, value: bytes):
    def edit(data: bytearray, directory: int) -> None:
        data[directory + offset : directory + offset + len(value)] = value

    return edit


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (put(8, b"\x01"), "encrypted"),
        (put(10, b"\x63"), "packed in a way"),
        (put(20, b"\x04"), "packed in a way"),
        (put(42, b"\x01"), "disagree"),
        (put(42, b"\xff\xff\xff\x0f"), "outside of it"),
        (put(42, b"\xff\xff\xff\xff"), "zip64"),
        (put(46, b"\xff"), "disagree"),
        (put(20, b"\x80\0\0\0\x80\0\0\0"), "overlaps"),
        (put(20, b"\xff\xff\xff\x7f\xff\xff\xff\x7f"), "overlaps"),
        (put(34, b"\x01"), "damaged"),
    ],
)
def test_a_directory_that_lies_is_refused(tmp_path, edit, why):
    with pytest.raises(LabError, match=why):
        ArchiveReader(patched(tmp_path, edit))


def test_a_name_that_comes_twice_is_refused(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a", b"1")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a", b"2")

    with pytest.raises(LabError, match="comes twice"):
        ArchiveReader(path)


def test_content_that_does_not_match_its_checksum_is_refused(tmp_path):
    path = zip_of(tmp_path / "a.zip", {"a": b"content"})
    path.write_bytes(path.read_bytes().replace(b"content", b"kontent"))

    with ArchiveReader(path) as archive, pytest.raises(LabError, match="checksum"):
        archive.read(archive.entry("a"))


def test_a_small_entry_that_unpacks_to_very_much_is_refused(tmp_path):
    path = zip_of(tmp_path / "a.zip", {"a": bytes(1 << 20)}, zipfile.ZIP_DEFLATED)

    with ArchiveReader(path) as archive, pytest.raises(LabError, match="unreasonably large"):
        archive.read(archive.entry("a"), limit_bytes=1000)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(LabError, match=r"gone\.apk is not there"):
        ArchiveReader(tmp_path / "gone.apk")


def test_a_folder_is_no_apk(tmp_path):
    with pytest.raises(LabError, match="cannot be read"):
        ArchiveReader(tmp_path)


@given(data=st.binary(max_size=400), tail=st.binary(max_size=60))
@settings(max_examples=200, deadline=None)
def test_garbage_is_refused_and_never_crashes_the_reader(tmp_path_factory, data, tail):
    path = tmp_path_factory.mktemp("garbage") / "garbage.apk"
    size = len(data)
    path.write_bytes(data + end_record(entries=1, size=size) + tail)

    with pytest.raises(LabError):
        ArchiveReader(path)


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_a_zip_with_changed_bytes_is_read_or_refused(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("changed")
    path = zip_of(folder / "a.zip", {"a": b"x" * 40, "lib/x/l.so": b"y"}, zipfile.ZIP_DEFLATED)
    whole = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(whole)

    try:
        with ArchiveReader(path) as archive:
            contents = {entry.name: archive.read(entry) for entry in archive.entries}
    except LabError:
        return
    assert {zlib.crc32(content) for content in contents.values()} <= {
        zlib.crc32(b"x" * 40),
        zlib.crc32(b"y"),
        *(entry.crc for entry in archive.entries),
    }


@given(
    st.dictionaries(
        st.text("abß/.so", min_size=1, max_size=12), st.binary(max_size=200), max_size=6
    )
)
@settings(max_examples=100, deadline=None)
def test_what_is_written_is_read_back(tmp_path_factory, entries):
    path = write_all(tmp_path_factory.mktemp("written") / "a.apk", entries)

    with ArchiveReader(path) as archive:
        assert {entry.name: archive.read(entry) for entry in archive.entries} == entries


def test_chunks_are_a_mebibyte_and_the_last_is_shorter():
    file = io.BytesIO(bytes(2_500_000))

    assert [len(chunk) for chunk in read_chunks(file, 2_500_000)] == [1 << 20, 1 << 20, 402_848]


def test_a_file_that_shrinks_while_it_is_read_is_noticed(tmp_path):
    path = zip_of(tmp_path / "a.zip", {"a": b"content" * 100})

    with ArchiveReader(path) as archive:
        with path.open("r+b") as file:
            file.truncate(60)
        with pytest.raises(LabError, match="ends too early"):
            archive.read(archive.entry("a"))


class TestReplacing:
    """A file is there whole or not at all."""

    def test_the_old_file_stays_until_the_new_one_is_whole(self, tmp_path):
        path = tmp_path / "a.apk"
        path.write_bytes(b"old")
        with replacing(path) as part:
            part.write_bytes(b"new")
            assert path.read_bytes() == b"old"
        assert path.read_bytes() == b"new"
        assert list(tmp_path.iterdir()) == [path]

    @pytest.mark.parametrize("error", [Cancelled, LabError("no"), ValueError])
    def test_an_error_leaves_everything_as_it_was(self, tmp_path, error):
        path = tmp_path / "a.apk"
        path.write_bytes(b"old")

        def fail() -> None:
            with replacing(path) as part:
                part.write_bytes(b"half")
                raise error

        with pytest.raises((Cancelled, LabError, ValueError)):
            fail()
        assert path.read_bytes() == b"old"
        assert list(tmp_path.iterdir()) == [path]

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
    def test_a_full_disk_is_named(self, tmp_path):
        def fill() -> None:
            with replacing(tmp_path / "a.apk"), GrowingFile(Path("/dev/full")) as full:
                full.write(bytes(100_000))
                full.flush()

        with pytest.raises(LabError, match=r"There is no room left to write a\.apk"):
            fill()
        assert list(tmp_path.iterdir()) == []

    def test_a_missing_folder_is_named(self, tmp_path):
        with pytest.raises(LabError, match="There is no folder"), replacing(tmp_path / "x" / "a"):
            pass

    def test_a_folder_is_not_replaced(self, tmp_path):
        with pytest.raises(LabError, match="is a folder"), replacing(tmp_path):
            pass
