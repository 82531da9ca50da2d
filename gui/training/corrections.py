"""What a person corrected: this picture is another class, that one does not count. With undo."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal


class Marks(NamedTuple):
    """The corrections at one moment.

    Attributes:
        excluded: Pictures to leave out.
        relabelled: The class, by name, of pictures that lie in the wrong folder.
    """

    excluded: frozenset[Path] = frozenset()
    relabelled: tuple[tuple[Path, str], ...] = ()

    @property
    def count(self) -> int:
        """How many pictures are corrected."""
        return len(self.excluded | {path for path, _name in self.relabelled})


class Corrections(QObject):
    """Collects corrections and takes them back, one step at a time. No file is touched."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        """Start without any."""
        super().__init__(parent)
        self._before: list[tuple[str, Marks]] = []
        self._after: list[tuple[str, Marks]] = []
        self.marks = Marks()
        self.trained = Marks()

    def forget(self) -> None:
        """Forget all: another folder."""
        self._before, self._after = [], []
        self.marks = self.trained = Marks()
        self.changed.emit()

    def show_trained(self, marks: Marks) -> None:
        """Note with which corrections the last training was made."""
        self.trained = marks
        self.changed.emit()

    def relabel(self, paths: Iterable[Path], name: str) -> None:
        """Say that pictures are of this class."""
        chosen = tuple(paths)
        new = dict(self.marks.relabelled) | dict.fromkeys(chosen, name)
        self._take(
            f"{_pictures(len(chosen))} to {name}",
            Marks(self.marks.excluded.difference(chosen), tuple(sorted(new.items()))),
        )

    def exclude(self, paths: Iterable[Path]) -> None:
        """Say that pictures do not count."""
        chosen = frozenset(paths)
        kept = tuple((path, name) for path, name in self.marks.relabelled if path not in chosen)
        self._take(f"{_pictures(len(chosen))} left out", Marks(self.marks.excluded | chosen, kept))

    def _take(self, words: str, marks: Marks) -> None:
        if marks != self.marks:
            self._before.append((words, self.marks))
            self._after.clear()
            self.marks = marks
            self.changed.emit()

    def undo(self) -> None:
        """Take the last step back."""
        if self._before:
            words, marks = self._before.pop()
            self._after.append((words, self.marks))
            self.marks = marks
            self.changed.emit()

    def redo(self) -> None:
        """Do the step again that was taken back last."""
        if self._after:
            words, marks = self._after.pop()
            self._before.append((words, self.marks))
            self.marks = marks
            self.changed.emit()

    @property
    def undoes(self) -> str:
        """What ``undo`` would take back; empty if there is nothing."""
        return self._before[-1][0] if self._before else ""

    @property
    def waiting(self) -> int:
        """How many pictures are corrected otherwise than in the last training."""
        old, new = self._by_picture(self.trained), self._by_picture(self.marks)
        return sum(old.get(path) != new.get(path) for path in old.keys() | new.keys())

    @staticmethod
    def _by_picture(marks: Marks) -> dict[Path, str]:
        return dict(marks.relabelled) | dict.fromkeys(marks.excluded, "")

    def said(self, path: Path) -> str | None:
        """Return a picture's new class, empty if it is left out; None if it is untouched."""
        return self._by_picture(self.marks).get(path)


def _pictures(count: int) -> str:
    return "1 picture" if count == 1 else f"{count} pictures"
