"""The digests of an APK that lies in a file, taken on several of the processor's cores.

``hashlib`` lets other threads run while it digests, so chunks are digested side by side.
"""

import hashlib
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from engine.apk.archive import fill, read_chunks
from engine.apk.signature_block import (
    DIGEST_CHUNK_BYTES,
    chunk_digest,
    chunk_digests,
    content_digest,
)

if TYPE_CHECKING:
    from hashlib import _Hash

_MAX_THREADS = 4  # more wait for memory, not for the processor


@dataclass(frozen=True, slots=True)
class Content:
    """The signed parts of an APK.

    Attributes:
        path: The file that holds what comes before the signing block.
        size_bytes: How much of the file that is, from its beginning.
        directory: The central directory.
        end_record: The end record, its directory offset set to where the signing block
            begins.
    """

    path: Path
    size_bytes: int
    directory: bytes
    end_record: bytes


def digest_content(
    content: Content, names: Sequence[str], advance: Callable[[int], None]
) -> dict[str, bytes]:
    """Return the digest of an APK's content by each named hash; the file is read once.

    Args:
        content: What to digest; its file must not change meanwhile.
        names: Names that ``hashlib`` knows.
        advance: Told of the file's bytes done, in order, on the caller's thread; if it
            raises, the work ends.

    Raises:
        EOFError: If the file is shorter than was said.
        OSError: If it cannot be read.
    """
    threads = min(_MAX_THREADS, os.cpu_count() or 1)
    step = DIGEST_CHUNK_BYTES
    found = []
    with ExitStack() as stack:
        lanes: SimpleQueue[tuple[FileIO, memoryview]] = SimpleQueue()  # one for each thread
        for _ in range(threads):
            file = stack.enter_context(content.path.open("rb", buffering=0))
            lanes.put((file, memoryview(bytearray(min(step, content.size_bytes)))))

        def digest(start: int) -> list[bytes]:
            file, buffer = lane = lanes.get()
            try:
                chunk = buffer[: content.size_bytes - start]
                file.seek(start)
                fill(file, chunk)
                return [chunk_digest(name, chunk) for name in names]
            finally:
                lanes.put(lane)

        pool = stack.enter_context(ThreadPoolExecutor(threads, "digest"))
        stack.callback(pool.shutdown, wait=False, cancel_futures=True)
        for number, digests in enumerate(pool.map(digest, range(0, content.size_bytes, step))):
            found.append(digests)
            advance(min(step, content.size_bytes - number * step))
    tails = (content.directory, content.end_record)
    return {
        name: content_digest(
            name,
            [digests[index] for digests in found]
            + [digest for tail in tails for digest in chunk_digests(name, tail)],
        )
        for index, name in enumerate(names)
    }


@contextmanager
def sha256_meanwhile(path: Path, size_bytes: int) -> Iterator[Callable[[], "_Hash"]]:
    """Digest a file's first ``size_bytes`` as they stand, on a thread of its own.

    Gives a function that waits for the digest, which the caller may go on with. Leaving
    the block ends the work.
    """
    left = threading.Event()

    def digest() -> "_Hash":
        whole = hashlib.sha256()
        with path.open("rb", buffering=0) as file:
            for chunk in read_chunks(file, size_bytes):
                if left.is_set():
                    break
                whole.update(chunk)
        return whole

    with ThreadPoolExecutor(1, "sha256") as pool:
        try:
            yield pool.submit(digest).result
        finally:
            left.set()
