"""Fetches one file whole: continued where it broke off, and checked against its hash.

What came so far lies beside the target as ``NAME.part``, with a note of what it is a part
of in ``NAME.part.json``; both are gone when the file is whole.
"""

import base64
import binascii
import contextlib
import errno
import hashlib
import http.client
import json
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from engine.errors import LabError
from engine.jobs import CancelToken, Progress, Report, ignore_progress
from engine.sources.transport import Network, PassingError, StaleError, ask, broke_off

STEP: Final = "download"
"""The step that progress is reported under."""

_BLOCK: Final = 1 << 16
_KEEP_FREE: Final = 64 << 20
_TELL_S: Final = 0.1
_TRICKLE_BYTES: Final = 1000
_RANGE: Final = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


@dataclass(frozen=True, slots=True)
class Expected:
    """What is known of a file before it is fetched.

    Attributes:
        size_bytes: Of the file; None where it is not known.
        sha256: Hexadecimal; empty where it is not known, then the publisher's hash counts.
        md5: As the publisher printed it, hexadecimal; used without a sha256.
    """

    size_bytes: int | None = None
    sha256: str = ""
    md5: str = ""


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A file that came whole.

    Attributes:
        path: Where it lies.
        size_bytes: Of the file.
        sha256: Of the file, hexadecimal.
        verified: What it was checked against, for a person.
    """

    path: Path
    size_bytes: int
    sha256: str
    verified: str


def download(
    url: str,
    target: Path,
    *,
    network: Network,
    expect: Expected = Expected(),
    report: Report = ignore_progress,
    cancel: CancelToken | None = None,
) -> Downloaded:
    """Fetch a file, and put it in place when its hash is right.

    Args:
        url: Where it is.
        target: Where it goes; its folder exists.
        network: Whom to ask, and how patiently.
        expect: What is known of the file. Without a hash here the server must give one
            (Google Cloud Storage does, as ``x-goog-hash``).
        report: Told of progress, under the step ``download``.
        cancel: Closes the connection; what came is kept for the next time.

    Raises:
        LabError: If it cannot be had, is not what was expected, or there is no room.
        Cancelled: If it was cancelled.
    """
    cancel = cancel or CancelToken()
    network.check(url)
    part = _Part.beside(target, url)
    for pause_s in (*network.pauses_s, None):
        try:
            return _Try(part, target, expect, network, report, cancel).run(url)
        except PassingError as error:
            if pause_s is None:
                raise
            report(Progress(STEP, None, f"{error.what} Trying again."))
            cancel.wait(pause_s)
    raise AssertionError("the last try returns or raises")


@dataclass(frozen=True, slots=True)
class _Part:
    """What came of a file so far."""

    url: str
    path: Path
    note: Path

    @classmethod
    def beside(cls, target: Path, url: str) -> "_Part":
        path = target.with_name(f"{target.name}.part")
        return cls(url, path, path.with_name(f"{path.name}.json"))

    def continued_by(self) -> tuple[int, str]:
        """Return how much is there and the validator that it belongs to, or ``(0, "")``."""
        try:
            note: Any = json.loads(self.note.read_bytes())
            known, validator = str(note["url"]), str(note["validator"])
            size = self.path.stat().st_size
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return 0, ""
        return (size, validator) if known == self.url and validator and size else (0, "")

    def belongs_to(self, validator: str) -> None:
        with _writing(self.path):
            self.note.write_text(json.dumps({"url": self.url, "validator": validator}))

    def discard(self) -> None:
        for path in (self.note, self.path):
            with contextlib.suppress(OSError):
                path.unlink()


class _Try:
    """One try to get the rest of a file."""

    def __init__(
        self,
        part: _Part,
        target: Path,
        expect: Expected,
        network: Network,
        report: Report,
        cancel: CancelToken,
    ) -> None:
        self._part, self._target, self._expect = part, target, expect
        self._network, self._report, self._cancel = network, report, cancel

    def run(self, url: str) -> Downloaded:
        have, validator = self._part.continued_by()
        headers = {"Accept-Encoding": "identity"}
        if have:
            headers |= {"Range": f"bytes={have}-", "If-Range": validator}
        try:
            with ask(url, headers, network=self._network, cancel=self._cancel) as answer:
                start, total = self._begin(answer, have, validator)
                self._receive(answer, start, total)
                return self._verify(answer, sure=total is not None and start == 0)
        except StaleError:
            self._part.discard()
            raise

    def _begin(
        self, answer: http.client.HTTPResponse, have: int, validator: str
    ) -> tuple[int, int | None]:
        """Return where the answer starts in the file, and the file's size if it is said."""
        self._check_kind(answer)
        start, total = 0, answer.length
        if answer.status == 206:
            match = _RANGE.fullmatch(answer.headers.get("Content-Range", ""))
            etag = answer.headers.get("ETag", "")
            other = validator.startswith('"') and etag and etag != validator
            if match is None or int(match[1]) != have or not have or other:
                self._part.discard()
                raise PassingError("The server continued another file.", "Try again.")
            start, total = have, int(match[3])
        elif answer.status != 200:
            raise LabError(f"The server gave an odd answer ({answer.status}).", "Try again later.")
        else:
            self._part.discard()
        self._check_size(total, start)
        return start, total

    def _check_kind(self, answer: http.client.HTTPResponse) -> None:
        if answer.headers.get_content_type() in ("text/html", "application/xhtml+xml"):
            raise LabError(
                "The server sent a web page instead of the file.",
                "Perhaps this network asks for a login first; open any page in a browser.",
                detail=answer.url,
            )
        expect = self._expect
        if not (expect.sha256 or expect.md5 or _published_md5(answer)):
            raise LabError(
                "Nobody says what the file's hash should be, so it is not fetched.",
                "Fetch it yourself and import it.",
                detail=answer.url,
            )

    def _check_size(self, total: int | None, start: int) -> None:
        if total is None:
            return
        wanted = self._expect.size_bytes
        if wanted is not None and total != wanted:
            self._part.discard()
            raise LabError(
                f"The server's file has {total} bytes instead of {wanted}.",
                "It is not the file that the lab knows; it was not fetched.",
            )
        if total > self._network.max_bytes:
            raise _too_big(self._network)
        with _writing(self._part.path):
            free = shutil.disk_usage(self._part.path.parent).free
        if total - start + _KEEP_FREE > free:
            raise LabError(
                f"The file needs {(total - start) / 1e6:.0f} MB; {free / 1e6:.0f} MB are free.",
                "Free some space and try again.",
            )

    def _receive(self, answer: http.client.HTTPResponse, start: int, total: int | None) -> None:
        validator = _validator(answer)
        if not start:
            self._part.belongs_to(validator)
        with _writing(self._part.path), self._part.path.open("ab" if start else "wb") as file:
            came = self._copy(answer, file, start, total)
        if total is not None and came < total:
            raise PassingError(
                f"The file was cut off after {came / 1e6:.1f} of {total / 1e6:.1f} MB.",
                "What came is kept; try again.",
            )

    def _copy(
        self, answer: http.client.HTTPResponse, file: IO[bytes], start: int, total: int | None
    ) -> int:
        """Write what comes until it is whole or ends; return how much there is then."""
        came = start
        pace = _Pace(start, total, self._network.silence_s)
        while total is None or came < total:
            block = self._read(answer, _BLOCK if total is None else min(_BLOCK, total - came))
            self._cancel.check()
            if not block:
                break
            file.write(block)
            came += len(block)
            if came > self._network.max_bytes:
                self._part.discard()
                raise _too_big(self._network)
            if pace.trickles(came):
                raise broke_off(TimeoutError("next to nothing came"))
            if (progress := pace.told(came)) is not None:
                self._report(progress)
        return came

    def _read(self, answer: http.client.HTTPResponse, most: int) -> bytes:
        try:
            return answer.read1(most)
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._cancel.check()
            raise broke_off(error) from error

    def _verify(self, answer: http.client.HTTPResponse, *, sure: bool) -> Downloaded:
        """Check the hash and put the file in place.

        Args:
            answer: With the publisher's hash among its headers.
            sure: Whether all of it came in one piece: then wrong bytes are the server's.
        """
        self._report(Progress(STEP, 1.0, "checking"))
        size, sha256, md5 = _hashes(self._part.path, self._cancel)
        published = _published_md5(answer)
        if self._expect.sha256:
            right, verified = sha256 == self._expect.sha256.lower(), "sha256"
        elif self._expect.md5:
            right, verified = md5 == self._expect.md5.lower(), "md5 printed by the publisher"
        else:
            right, verified = md5 == published, "md5 given by the publisher's server"
        if not right:
            self._part.discard()
            raise self._wrong(answer, sure=sure, theirs=bool(published) and md5 == published)
        with _writing(self._target):
            self._part.path.replace(self._target)
        self._part.discard()
        return Downloaded(self._target, size, sha256, verified)

    def _wrong(self, answer: http.client.HTTPResponse, *, sure: bool, theirs: bool) -> LabError:
        detail = f"{answer.url} {answer.headers.get('Content-Encoding', '')}"
        if theirs:
            return LabError(
                "The publisher's file is no longer the one that the lab knows.",
                "It was thrown away; import a file that you trust instead.",
                detail=detail,
            )
        if answer.headers.get("Content-Encoding", "identity") != "identity":
            return LabError(
                "Something between here and the publisher repacks files on the way.",
                "Use another network, or import an offline pack.",
                detail=detail,
            )
        what = "The file that came is not the right one: its hash is wrong."
        if sure:
            return LabError(what, "It was thrown away. Try again later.", detail=detail)
        return PassingError(what, "It was thrown away. Try again.", detail=detail)


class _Pace:
    """How fast a file comes."""

    def __init__(self, start: int, total: int | None, silence_s: float) -> None:
        self._start, self._total, self._silence_s = start, total, silence_s
        self._began = self._told = self._mark = time.monotonic()
        self._at_mark = start

    def trickles(self, came: int) -> bool:
        """Whether next to nothing came for as long as a server may be silent."""
        now = time.monotonic()
        if now - self._mark < self._silence_s:
            return False
        little = came - self._at_mark < _TRICKLE_BYTES
        self._mark, self._at_mark = now, came
        return little

    def told(self, came: int) -> Progress | None:
        """What to report now; None if it was told just before."""
        now = time.monotonic()
        if now - self._told < _TELL_S and came != self._total:
            return None
        self._told = now
        per_s = (came - self._start) / max(now - self._began, 1e-3)
        if self._total is None:
            return Progress(STEP, None, f"{came / 1e6:.1f} MB, {per_s / 1e6:.1f} MB/s")
        return Progress(
            STEP,
            came / self._total if self._total else 1.0,
            f"{came / 1e6:.1f} of {self._total / 1e6:.1f} MB, {per_s / 1e6:.1f} MB/s",
        )


def _hashes(path: Path, cancel: CancelToken) -> tuple[int, str, str]:
    """Return a file's size, sha256 and md5."""
    sha256, md5, size = hashlib.sha256(), hashlib.md5(usedforsecurity=False), 0
    with _writing(path), path.open("rb") as file:
        while block := file.read(1 << 20):
            cancel.check()
            sha256.update(block)
            md5.update(block)
            size += len(block)
    return size, sha256.hexdigest(), md5.hexdigest()


def _published_md5(answer: http.client.HTTPResponse) -> str:
    """Return the md5 that Google Cloud Storage sends along, hexadecimal; empty without one."""
    for header in answer.headers.get_all("x-goog-hash", []):
        for item in header.split(","):
            name, _, value = item.strip().partition("=")
            if name == "md5":
                with contextlib.suppress(binascii.Error, ValueError):
                    raw = base64.b64decode(value, validate=True)
                    return raw.hex() if len(raw) == 16 else ""
    return ""


def _validator(answer: http.client.HTTPResponse) -> str:
    """Return what a continuation is tied to; empty if the file cannot be continued."""
    etag = str(answer.headers.get("ETag", ""))
    return etag if etag.startswith('"') else str(answer.headers.get("Last-Modified", ""))


def _too_big(network: Network) -> LabError:
    return LabError(
        f"The server's file is bigger than {network.max_bytes / 1e6:.0f} MB, so it cannot be meant."
    )


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Say in a sentence that a file cannot be written."""
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        what = "there is no room left" if full else error.strerror or str(error)
        raise LabError(
            f"{path.name} cannot be kept: {what}.",
            "Free some space and try again." if full else "",
            detail=f"{path}: {error}",
        ) from error
