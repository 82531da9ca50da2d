"""Manual QA steps asked in a terminal: a line each, and Ctrl+C ends them at once."""

import sys
import threading
from queue import SimpleQueue

from engine.jobs import CancelToken
from engine.qa.asking import Answer, Mark, Question
from engine.terminal.console import say

WAIT_S = 0.2
CLOSED = "The input ended before it was answered."


class TerminalAsker:
    """Asks one question at a time, whichever phone it comes from."""

    def __init__(self) -> None:
        """Prepare; standard input is first read when something is asked."""
        self._turn = threading.Lock()
        self._lines: SimpleQueue[str | None] = SimpleQueue()
        self._reader: threading.Thread | None = None
        self._closed = False

    def __call__(self, question: Question, cancel: CancelToken) -> Answer:
        """Ask, and wait for a line.

        Raises:
            Cancelled: It was cancelled.
        """
        while not self._turn.acquire(timeout=WAIT_S):
            cancel.check()
        try:
            return self._ask(question, cancel)
        finally:
            self._turn.release()

    def _ask(self, question: Question, cancel: CancelToken) -> Answer:
        manual = question.step.manual
        say(f"\n{question.phone} ({question.serial}), step {question.step.number}:")
        say(question.step.title)
        if manual is not None:
            say(f"  {manual.instruction}")
            say(f"  Expected: {manual.expects}" if manual.expects else "")
        if question.picture is not None:
            say(f"  Picture: {question.picture}")
        marks = {each.value: each for each in Mark}
        while True:
            say("P = pass, F = fail, S = skip; a comment may follow:")
            line = self._line(cancel)
            if line is None:
                return Answer(Mark.SKIP, CLOSED)
            word, _, comment = line.strip().partition(" ")
            if word.upper() in marks:
                return Answer(marks[word.upper()], comment.strip())
            say(f"{word[:20]!r} is none of them.")

    def _line(self, cancel: CancelToken) -> str | None:
        """Return the next line; None at the end of the input."""
        if self._reader is None:
            self._reader = threading.Thread(target=self._read, name="answers", daemon=True)
            self._reader.start()
        with cancel.closing(lambda: self._lines.put("")):
            line = None if self._closed else self._lines.get()
        cancel.check()
        self._closed = self._closed or line is None
        return line

    def _read(self) -> None:
        for line in sys.stdin:
            self._lines.put(line)
        self._lines.put(None)
