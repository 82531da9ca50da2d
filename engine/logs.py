"""Where the lab writes what happened."""

import logging
import logging.handlers
import sys
import threading
from datetime import datetime
from pathlib import Path

from engine.paths import log_dir

FILE_NAME = "lab.log"
MAX_BYTES = 1_000_000
BACKUPS = 3
MAX_SLICE = 200_000
FORMAT = "%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s"


def start_log(level: int = logging.INFO, folder: Path | None = None) -> Path:
    """Write the lab's log to a rotating file from now on, and return its path.

    A second call changes nothing. Uncaught errors of threads go to the log too.
    """
    path = (folder or log_dir()) / FILE_NAME
    root = logging.getLogger()
    if any(getattr(each, "baseFilename", "") == str(path) for each in root.handlers):
        return path
    handler = _LogFile(path, maxBytes=MAX_BYTES, backupCount=BACKUPS, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter(FORMAT))
    root.addHandler(handler)
    root.setLevel(level)
    threading.excepthook = _log_thread_error
    return path


def slice_of_log(begin_utc: str, end_utc: str) -> str:
    """Return the log's lines of a span of time, at most ``MAX_SLICE`` characters, the last ones.

    Empty in a process that writes no log. Lines of this computer's other labs are among them.

    Args:
        begin_utc: ISO 8601 with a Z.
        end_utc: The same.
    """
    files = [each for each in logging.getLogger().handlers if isinstance(each, _LogFile)]
    if not files:
        return ""
    path = Path(files[0].baseFilename)
    begin, end = _local(begin_utc), _local(end_utc)
    kept: list[str] = []
    inside = False
    for each in (path.with_name(f"{path.name}.1"), path):
        try:
            lines = each.read_text("utf-8", "replace").splitlines()
        except OSError:  # not there yet, or rotated away in this moment
            continue
        for line in lines:
            if line[:2].isdecimal() and line[4:5] == "-":  # else the line before goes on: a trace
                inside = begin <= line[: len(begin)] <= end
            if inside:
                kept.append(line)
    return "\n".join(kept)[-MAX_SLICE:]


def _local(utc: str) -> str:
    """Return a time as the log writes it: of this computer's zone."""
    moment = datetime.fromisoformat(utc).astimezone()
    return f"{moment:%Y-%m-%d %H:%M:%S},{moment.microsecond // 1000:03}"


class _LogFile(logging.handlers.RotatingFileHandler):
    """A full disk costs lines of the log; the person reads a sentence, not the log's trace."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Let other errors than the disk's be told as usual."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handleError(record)


def _log_thread_error(failure: threading.ExceptHookArgs) -> None:
    if failure.exc_value is not None:
        name = failure.thread.name if failure.thread else "a thread"
        logging.getLogger(__name__).error(
            "%s crashed",
            name,
            exc_info=(failure.exc_type, failure.exc_value, failure.exc_traceback),
        )
