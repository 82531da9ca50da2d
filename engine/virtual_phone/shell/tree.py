"""What a shell command line consists of, once it was read; see ``shell_parser``."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a word.

    Attributes:
        kind: ``text``, ``variable`` (``text`` is its name), ``command`` (``$(text)``) or
            ``arithmetic`` (``$((text))``).
        quoted: Whether it stood in quotes: then it is neither split nor globbed.
    """

    kind: str
    text: str
    quoted: bool = False


Word = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Redirect:
    """``2>>file`` and its like.

    Attributes:
        number: 0, 1 or 2.
        mode: ``<``, ``>``, ``>>`` or ``>&``.
        target: The file, or the number after ``>&``.
    """

    number: int
    mode: str
    target: Word


@dataclass(frozen=True, slots=True)
class Simple:
    """Assignments, words and redirects, none of them expanded yet."""

    assignments: tuple[tuple[str, Word], ...]
    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """``( list )``, ``{ list; }``, or what a redirect after ``done`` or ``fi`` holds for.

    Attributes:
        apart: Whether it runs in a shell of its own, which forgets what changes there.
    """

    body: "List"
    redirects: tuple[Redirect, ...]
    apart: bool = False


@dataclass(frozen=True, slots=True)
class If:
    """``if`` with its ``elif``s as pairs, and ``else``."""

    branches: tuple[tuple["List", "List"], ...]
    otherwise: "List"


@dataclass(frozen=True, slots=True)
class While:
    """``while``, or ``until`` when ``wanted`` is False."""

    condition: "List"
    body: "List"
    wanted: bool


@dataclass(frozen=True, slots=True)
class For:
    """``for name in words``."""

    name: str
    words: tuple[Word, ...]
    body: "List"


Command = Simple | Group | If | While | For


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Commands joined by ``|``; ``negated`` by a leading ``!``."""

    commands: tuple[Command, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class List:
    """Pipelines, each with what must be true of the one before: ``;``, ``&&`` or ``||``."""

    items: tuple[tuple[str, Pipeline], ...]
