"""ADB's file transfer: ``push``, ``pull``, ``ls`` and what they ask before."""

import stat
import struct

from engine.virtual_phone.handset import Handset
from engine.virtual_phone.streams import Stream
from engine.virtual_phone.system.file_system import SHELL_UID, Node

CHUNK = 1 << 16
"""The largest DATA that either side may send."""

PATH_LIMIT = 1024
_STAT2 = struct.Struct("<IQQIIIIQqqq")
"""error, dev, ino, mode, nlink, uid, gid, size, atime, mtime, ctime."""

ENOENT = 2


class SyncService:
    """One ``sync:`` stream: requests one after another until QUIT or the end."""

    def __init__(self, handset: Handset, stream: Stream) -> None:
        """Serve the phone's files over ``stream``."""
        self._handset = handset
        self._files = handset.files
        self._stream = stream

    def serve(self) -> None:
        """Answer requests until the computer has no more."""
        answers = {
            b"STAT": self._stat,
            b"STA2": self._stat2,
            b"LST2": self._stat2,
            b"LIST": self._list,
            b"LIS2": self._list2,
            b"SEND": self._send,
            b"SND2": self._send2,
            b"RECV": self._receive,
            b"RCV2": self._receive2,
        }
        while True:
            head = self._stream.read_exactly(8)
            request, length = head[:4], int.from_bytes(head[4:], "little")
            if request == b"QUIT":
                return
            answer = answers.get(request)
            if answer is None or length > PATH_LIMIT:
                self._fail("unknown request" if answer is None else "path too long")
                return
            answer(request, self._stream.read_exactly(length).decode("utf-8", "surrogateescape"))

    def _stat(self, _request: bytes, path: str) -> None:
        try:
            node = self._files.node(path)
        except OSError:
            self._stream.write(b"STAT" + bytes(12))
            return
        self._stream.write(b"STAT" + struct.pack("<III", node.mode, node.size, node.modified_s))

    def _stat2(self, request: bytes, path: str) -> None:
        try:
            facts = _pack_stat2(self._files.node(path))
        except OSError as error:
            facts = _STAT2.pack(error.errno or ENOENT, *([0] * 10))
        self._stream.write(request + facts)

    def _list(self, _request: bytes, path: str) -> None:
        for name, node in self._children(path):
            head = struct.pack("<IIII", node.mode, node.size, node.modified_s, len(name))
            self._stream.write(b"DENT" + head + name)
        self._stream.write(b"DONE" + bytes(16))

    def _list2(self, _request: bytes, path: str) -> None:
        for name, node in self._children(path):
            self._stream.write(b"DNT2" + _pack_stat2(node) + len(name).to_bytes(4, "little") + name)
        self._stream.write(b"DONE" + bytes(_STAT2.size + 4))

    def _children(self, path: str) -> list[tuple[bytes, Node]]:
        try:
            children = self._files.children(path)
        except OSError:
            return []
        return [(name.encode("utf-8", "surrogateescape"), node) for name, node in children]

    def _send(self, _request: bytes, path_and_mode: str) -> None:
        path, _, mode = path_and_mode.rpartition(",")
        if not path or not mode.isdecimal():
            path, mode = path_and_mode, "420"
        self._take_file(path, int(mode))

    def _send2(self, _request: bytes, path: str) -> None:
        head = self._stream.read_exactly(12)
        mode, flags = struct.unpack("<II", head[4:])
        if head[:4] != b"SND2" or flags:
            self._fail("unsupported compression")
            raise EOFError("the sender wants compression that was not offered")
        self._take_file(path, mode)

    def _take_file(self, path: str, mode: int) -> None:
        failure = self._why_not(path)
        if failure:
            self._fail(failure)
        content = bytearray()
        while True:
            head = self._stream.read_exactly(8)
            kind, length = head[:4], int.from_bytes(head[4:], "little")
            if kind == b"DONE":
                break
            if kind != b"DATA" or length > CHUNK:
                self._fail("invalid data message")
                raise EOFError("the sender does not speak sync")
            chunk = self._stream.read_exactly(length)
            if not failure and not self._handset.storage.has_room(len(content) + len(chunk)):
                failure = "write failed: No space left on device"
                self._fail(failure)
            if not failure:
                content += chunk
        if failure:
            return
        try:
            permissions = _like_adbd(mode)
            self._files.write(path, bytes(content), mode=permissions, modified_s=length)
        except OSError as error:
            self._fail(f"couldn't create file: {error}")
        else:
            self._stream.write(b"OKAY" + bytes(4))

    def _why_not(self, path: str) -> str:
        resolved = self._files.resolve(path)
        try:
            self._files.check_writable(resolved)
            if self._files.exists(resolved) and self._files.node(resolved).is_folder:
                return "couldn't create file: Is a directory"
        except OSError as error:
            return f"couldn't create file: {error}"
        return ""

    def _receive(self, _request: bytes, path: str) -> None:
        try:
            content = memoryview(self._files.read(path))
        except OSError as error:
            self._fail(f"open failed: {error}")
            return
        for start in range(0, len(content), CHUNK):
            chunk = content[start : start + CHUNK]
            self._stream.write(b"DATA" + len(chunk).to_bytes(4, "little") + bytes(chunk))
        self._stream.write(b"DONE" + bytes(4))

    def _receive2(self, request: bytes, path: str) -> None:
        head = self._stream.read_exactly(8)
        if head[:4] != b"RCV2" or head[4:] != bytes(4):
            self._fail("unsupported compression")
            return
        self._receive(request, path)

    def _fail(self, text: str) -> None:
        message = text.encode()
        self._stream.write(b"FAIL" + len(message).to_bytes(4, "little") + message)


def _like_adbd(mode: int) -> int:
    """Give group and others what the owner has, as the daemon does for pushed files."""
    mode &= 0o777
    mode |= (mode >> 3) & 0o070
    return mode | (mode >> 3) & 0o007


def _pack_stat2(node: Node) -> bytes:
    links = 2 if stat.S_ISDIR(node.mode) else 1
    number = id(node) & 0xFFFFFFFF
    times = (node.modified_s,) * 3
    return _STAT2.pack(*(0, 1, number, node.mode, links, SHELL_UID, SHELL_UID), node.size, *times)
