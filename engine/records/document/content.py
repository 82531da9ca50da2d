"""What stands in a report, without a word about how it looks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from engine.records.document.drawing import Drawing

STATES: Final = ("ok", "warn", "fail", "none")
"""What a verdict can be; its word says it, colour only repeats it."""

LONG: Final = 44
"""Characters of a fact that needs a line of its own."""
WHOLE: Final = 14
"""A table of at most so many rows is not broken over two pages."""


@dataclass(frozen=True, slots=True)
class Big:
    """A figure to be read from afar.

    Attributes:
        label: What it is, in one or two words.
        value: The number as text.
        unit: Its unit; never empty but for counts of something that ``label`` names.
        note: Its interval, or why it is not there; may be empty.
    """

    label: str
    value: str
    unit: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Headline:
    """The answer, before how it was found.

    Attributes:
        answer: One or two sentences.
        figures: At most four.
        state: One of ``STATES``.
        verdict: The state in words: ``Valid``, ``Not to be ranked``.
        reasons: Why, each a sentence or a few words.
        note: What the phone says of itself, to be read beside its numbers; may be empty.
    """

    kind: ClassVar[str] = "headline"
    answer: str
    figures: tuple[Big, ...] = ()
    state: str = "none"
    verdict: str = ""
    reasons: tuple[str, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        """Reject states that nothing could show."""
        if self.state not in STATES:
            raise ValueError(self.state)


@dataclass(frozen=True, slots=True)
class Heading:
    """Begins a section."""

    kind: ClassVar[str] = "heading"
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Some sentences.

    Attributes:
        quiet: Whether it only explains.
    """

    kind: ClassVar[str] = "paragraph"
    text: str
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class KeyValues:
    """Facts with their names."""

    kind: ClassVar[str] = "facts"
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes:
        unit: Of all its numbers; empty for text.
        number: Whether it is set to the right and sorted by value.
    """

    title: str
    unit: str = ""
    number: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table.

    Attributes:
        value: To sort by; None sorts last.
        state: One of ``STATES``; colours the text.
    """

    text: str
    value: float | None = None
    state: str = "none"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows below a head.

    Attributes:
        title: What it holds.
        note: Below it; may be empty.
    """

    kind: ClassVar[str] = "table"
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""

    def __post_init__(self) -> None:
        """Reject rows that do not fit the head."""
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"a row of {self.title!r} does not fit its columns")


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart with what there is to say about it."""

    kind: ClassVar[str] = "figure"
    drawing: Drawing
    title: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG, for instance of the phone's screen."""

    kind: ClassVar[str] = "picture"
    data: bytes
    title: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a session with its outcome.

    Attributes:
        number: In the plan.
        outcome: The word, for instance ``PASS``.
        state: One of ``STATES``.
        comment: May be empty.
        facts: Values and limits.
        pictures: Of the phone's screen.
    """

    kind: ClassVar[str] = "step"
    number: int
    title: str
    outcome: str
    state: str
    comment: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class PageBreak:
    """What follows begins on a page of its own when it is printed."""

    kind: ClassVar[str] = "break"


Block = Headline | Heading | Paragraph | KeyValues | Table | Figure | Picture | Step | PageBreak


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report.

    Attributes:
        title: What it is about.
        subtitle: Which record it shows: its number and time.
        blocks: Top to bottom.
        footer: At the end of each page: what made it.
        large: Whether it is for a wall: large figures, one page.
    """

    title: str
    subtitle: str
    blocks: Sequence[Block]
    footer: str
    large: bool = False
