"""Reads the app's sources as far as the build's own rules need it.

javac and dx find what is wrong with Java; these rules are about this app: what its screen says
stands in its resources in every language, its log says nothing of what the camera saw, and a
method can be read in one sitting.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

MAX_METHOD_LINES = 60
MAX_FILE_LINES = 400
MAX_COLUMNS = 100

_TOKENS = re.compile(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.DOTALL)
_LITERAL = re.compile(r'"(?:\\.|[^"\\\n])*"')
_IMPORT = re.compile(r"^import (?:static )?[\w.]+?\.(\w+|\*);", re.MULTILINE)
_WORD = re.compile(r"[A-Za-zÀ-ÿ]{2,}")
_SHOWN = re.compile(r"\b(?:setText|setTitle|setHint|setContentDescription|drawText|makeText)\s*\(")
_LOGGED = re.compile(r"\bLog\.[a-z]+\s*\(")
_PRIVATE = re.compile(r"\b(?:labels?|scores?|classes|boxes|seen|recognition|picture|rgb)\b")
_NOISE = re.compile(r"\bSystem\.(?:out|err)\b|\.printStackTrace\(")
_NO_METHOD = re.compile(r"\b(?:if|for|while|switch|catch|synchronized|try|do|else|new)\b")
_METHOD = re.compile(r"(\w+)\s*\([^;{}]*\)\s*(?:throws\s+[\w.,\s]+)?$")
_PLACEHOLDER = re.compile(r"%(?:\d+\$)?[-#+ 0,(]*\d*(?:\.\d+)?[a-zA-Z%]")
_USED = re.compile(r"(?:R\.string\.|@string/)(\w+)")
_ANDROID = "{http://schemas.android.com/apk/res/android}"
_TEXT_ATTRIBUTES = ("text", "hint", "title", "contentDescription", "label", "tooltipText")


def java_faults(name: str, text: str) -> Iterator[str]:
    """Name what in one Java file breaks the rules, as ``File.java:line: what``."""
    for line, what in (*_import_faults(text), *_call_faults(text), *_size_faults(text)):
        yield f"{name}:{line}: {what}"


def _import_faults(text: str) -> Iterator[tuple[int, str]]:
    with_docs = _blanked(text, keep="/**")  # a name that only {@link} uses is used
    for match in _IMPORT.finditer(_blanked(text)):
        imported = match[1]
        if imported == "*":
            yield _line(text, match.start()), "imports a whole package"
        elif len(re.findall(rf"\b{imported}\b", with_docs)) < 2:
            yield _line(text, match.start()), f"imports {imported} for nothing"


def _call_faults(text: str) -> Iterator[tuple[int, str]]:
    bare = _blanked(text)
    spoken = _blanked(text, keep='"')
    for match in _NOISE.finditer(bare):
        yield _line(bare, match.start()), "prints"
    for match in _LOGGED.finditer(bare):
        if _PRIVATE.search(bare[match.end() : _closing(bare, match.end())]):
            yield _line(bare, match.start()), "logs what the camera or the model saw"
    for match in _SHOWN.finditer(bare):
        literals = _LITERAL.findall(spoken[match.end() : _closing(bare, match.end())])
        if any(_WORD.search(_PLACEHOLDER.sub("", literal)) for literal in literals):
            yield _line(bare, match.start()), "shows text that is no resource"


def _size_faults(text: str) -> Iterator[tuple[int, str]]:
    for name, line, length in methods(text):
        if length > MAX_METHOD_LINES:
            yield line, f"{name} has {length} lines; {MAX_METHOD_LINES} are the most"
    lines = text.splitlines()
    if len(lines) > MAX_FILE_LINES:
        yield len(lines), f"a file has at most {MAX_FILE_LINES} lines"
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_COLUMNS or "\t" in line or line != line.rstrip():
            yield number, f"over {MAX_COLUMNS} columns, or with a tab or a blank at its end"


def methods(text: str) -> Iterator[tuple[str, int, int]]:
    """Walk a Java file's methods and constructors: name, first line, number of lines."""
    bare = _blanked(text)
    open_blocks: list[tuple[str, int] | None] = []
    since = 0
    for at, character in enumerate(bare):
        if character == "{":
            open_blocks.append(_method(bare, since, at))
        elif character == "}" and open_blocks:
            block = open_blocks.pop()
            if block is not None:
                yield block[0], block[1], _line(bare, at) - block[1] + 1
        if character in "{};":
            since = at + 1


def _method(bare: str, since: int, brace: int) -> tuple[str, int] | None:
    """Name and line of the method whose body begins at ``brace``; None if it is none."""
    head = bare[since:brace].rstrip()
    found = None if _NO_METHOD.search(head) else _METHOD.search(head)
    return None if found is None else (found[1], _line(bare, since + found.start()))


def layout_faults(name: str, text: str) -> Iterator[str]:
    """Name texts that stand in a layout or the manifest instead of in the resources."""
    for element in ET.fromstring(text).iter():  # noqa: S314  our own file
        for attribute in _TEXT_ATTRIBUTES:
            value = element.get(_ANDROID + attribute)
            if value is not None and not value.startswith(("@string/", "@null")):
                yield f"{name}: android:{attribute}={value!r} is no resource"


def strings(text: str) -> tuple[dict[str, str], set[str]]:
    """Read ``strings.xml``: the texts by name, and the names that no language translates."""
    found: dict[str, str] = {}
    fixed: set[str] = set()
    for element in ET.fromstring(text).iter("string"):  # noqa: S314  our own file
        name = element.get("name", "")
        found[name] = "".join(element.itertext())
        if element.get("translatable") == "false":
            fixed.add(name)
    return found, fixed


def string_faults(default: str, others: Mapping[str, str]) -> Iterator[str]:
    """Compare the default language's ``strings.xml`` with those of the other languages."""
    texts, fixed = strings(default)
    for language, other in others.items():
        translated, _ = strings(other)
        for name in sorted(texts.keys() - fixed - translated.keys()):
            yield f"{language}: {name} is missing"
        for name in sorted(translated.keys() - (texts.keys() - fixed)):
            yield f"{language}: {name} is not wanted"
        for name in sorted(texts.keys() & translated.keys()):
            if placeholders(texts[name]) != placeholders(translated[name]):
                yield f"{language}: {name} has other placeholders"


def placeholders(text: str) -> list[str]:
    """List the places of a text where values go, in a fixed order."""
    return sorted(_PLACEHOLDER.findall(text))


def unused_strings(default: str, users: Iterable[str]) -> Iterator[str]:
    """Name the texts that neither Java nor a layout uses."""
    used = {name for user in users for name in _USED.findall(user)}
    for name in sorted(strings(default)[0].keys() - used):
        yield f"values: nothing uses the string {name}"


def source_faults(source: Path) -> Iterator[str]:
    """Name everything that breaks the rules in the folder with the manifest."""
    resources = source / "res"
    java = sorted(source.rglob("*.java"))
    layouts = [source / "AndroidManifest.xml", *sorted(resources.glob("layout*/*.xml"))]
    for path in java:
        yield from java_faults(path.name, path.read_text(encoding="utf-8"))
    for path in layouts:
        yield from layout_faults(path.name, path.read_text(encoding="utf-8"))
    languages = {
        path.parent.name: path.read_text(encoding="utf-8")
        for path in sorted(resources.glob("values-*/strings.xml"))
    }
    default = (resources / "values" / "strings.xml").read_text(encoding="utf-8")
    yield from string_faults(default, languages)
    yield from unused_strings(
        default, (path.read_text(encoding="utf-8") for path in (*java, *layouts))
    )


def _blanked(text: str, *, keep: str = "") -> str:
    """Put blanks in the place of comments and literals, but for those that begin so.

    Lines and offsets stay as they are.
    """

    def blank(match: re.Match[str]) -> str:
        kept = bool(keep) and match[0].startswith(keep)
        return match[0] if kept else re.sub(r"[^\n]", " ", match[0])

    return _TOKENS.sub(blank, text)


def _closing(bare: str, start: int) -> int:
    """Where the parenthesis closes that opened just before ``start``."""
    depth, at = 1, start
    while depth and at < len(bare):
        depth += (bare[at] == "(") - (bare[at] == ")")
        at += 1
    return at - 1


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1
