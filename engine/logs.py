"""Where the lab writes what happened."""

import logging
import logging.handlers
import sys
import threading
from pathlib import Path

from engine.paths import log_dir

FILE_NAME = "lab.log"
MAX_BYTES = 1_000_000
BACKUPS = 3
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
