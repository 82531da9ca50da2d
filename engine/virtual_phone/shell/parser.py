"""Reads shell command lines into trees. Pure: text in, values out.

The part of ``sh`` that people and tools type at a phone: quotes, ``;`` ``&&`` ``||`` ``|``
``&``, redirects, ``NAME=value`` before a command, ``$NAME`` ``$?`` ``$(...)`` ``$((...))``,
``( )``, ``{ }``, ``if``, ``while``, ``until`` and ``for``.
"""

from collections.abc import Iterator

from engine.virtual_phone.shell.tree import (
    Command,
    For,
    Group,
    If,
    List,
    Part,
    Pipeline,
    Redirect,
    Simple,
    While,
    Word,
)

DEPTH_LIMIT = 20
OPERATORS = ("&&", "||", ";;", "\n", ";", "|", "&", "(", ")")
_OPEN = "("
RESERVED = frozenset({"then", "else", "elif", "fi", "do", "done", "}"})


class BadSyntax(ValueError):  # noqa: N818 - reads as what it is
    """The text is not shell; ``str()`` is what the shell says."""


class Unfinished(BadSyntax):
    """The text ends too early: with more lines it may be shell."""


Token = str | Word | Redirect
"""An operator, a word, or a redirect (whose target is filled in by the parser)."""


def parse(text: str) -> List:
    """Read a whole command line.

    Raises:
        Unfinished: If more must follow, for instance after ``if true; then``.
        BadSyntax: If it is not one.
    """
    parser = _Parser(list(_tokens(text)))
    tree = parser.list_until(())
    if parser.peek() is not None:
        raise BadSyntax(f"syntax error: unexpected '{parser.peek()}'")
    return tree


def _tokens(text: str) -> Iterator[Token]:
    at = 0
    while at < len(text):
        char = text[at]
        if char in " \t\r":
            at += 1
        elif text.startswith("\\\n", at):
            at += 2
        elif char == "#":
            end = text.find("\n", at)
            at = len(text) if end < 0 else end
        elif (redirect := _redirect(text, at)) is not None:
            token, at = redirect
            yield token
        elif (operator := _operator(text, at)) is not None:
            yield operator
            at += len(operator)
        else:
            word, at = _word(text, at)
            yield word


def _operator(text: str, at: int) -> str | None:
    return next((operator for operator in OPERATORS if text.startswith(operator, at)), None)


def _redirect(text: str, at: int) -> tuple[Redirect, int] | None:
    number: int | None = None
    if text[at] in "012" and text[at + 1 : at + 2] in ("<", ">"):
        number, at = int(text[at]), at + 1
    for mode in (">>", ">&", ">", "<"):
        if text.startswith(mode, at):
            default = 0 if mode == "<" else 1
            return Redirect(default if number is None else number, mode, ()), at + len(mode)
    return None


def _word(text: str, at: int) -> tuple[Word, int]:
    parts: list[Part] = []
    while at < len(text) and text[at] not in " \t\r\n;|&()<>":
        char = text[at]
        if char == "'":
            end = _find(text, "'", at + 1)
            parts.append(Part("text", text[at + 1 : end], quoted=True))
            at = end + 1
        elif char == '"':
            more, at = _double_quoted(text, at + 1)
            parts.extend(more)
        elif text.startswith("\\\n", at):
            at += 2
        elif char == "\\":
            parts.append(Part("text", text[at + 1 : at + 2], quoted=True))
            at += 2
        elif char in "$`":
            part, at = _dollar(text, at, quoted=False)
            parts.append(part)
        else:
            parts.append(Part("text", char))
            at += 1
    return _merge(parts), at


def _merge(parts: list[Part]) -> Word:
    merged: list[Part] = []
    for part in parts:
        last = merged[-1] if merged else None
        if last and part.kind == last.kind == "text" and part.quoted == last.quoted:
            merged[-1] = Part("text", last.text + part.text, last.quoted)
        else:
            merged.append(part)
    return tuple(merged)


def _double_quoted(text: str, at: int) -> tuple[list[Part], int]:
    parts: list[Part] = [Part("text", "", quoted=True)]
    while True:
        if at >= len(text):
            raise Unfinished("no closing quote")
        char = text[at]
        if char == '"':
            return parts, at + 1
        if char == "\\" and text[at + 1 : at + 2] in ('"', "\\", "$", "`", "\n"):
            if text[at + 1] != "\n":
                parts.append(Part("text", text[at + 1], quoted=True))
            at += 2
        elif char in "$`":
            part, at = _dollar(text, at, quoted=True)
            parts.append(part)
        else:
            parts.append(Part("text", char, quoted=True))
            at += 1


def _dollar(text: str, at: int, *, quoted: bool) -> tuple[Part, int]:
    if text[at] == "`":
        end = _find(text, "`", at + 1)
        return Part("command", text[at + 1 : end], quoted), end + 1
    following = text[at + 1 : at + 2]
    if following == "(":
        end = _closing(text, at + 2)
        inner = text[at + 2 : end]
        if len(inner) > 1 and inner[0] == "(" and inner[-1] == ")":
            return Part("arithmetic", inner[1:-1], quoted), end + 1
        return Part("command", inner, quoted), end + 1
    if following == "{":
        end = _find(text, "}", at + 2)
        return Part("variable", text[at + 2 : end], quoted), end + 1
    end = at + 1
    while end < len(text) and (text[end].isalnum() or text[end] == "_"):
        end += 1
    if end == at + 1 and following and following in "?$#!@*":
        end += 1
    name = text[at + 1 : end]
    return Part("variable" if name else "text", name or "$", quoted), end


def _find(text: str, mark: str, at: int) -> int:
    end = text.find(mark, at)
    if end < 0:
        raise Unfinished("no closing quote" if mark in "'`" else f"no closing {mark}")
    return end


def _closing(text: str, at: int) -> int:
    depth = 1
    while at < len(text):
        char = text[at]
        if char == "\\":
            at += 1
        elif char == "'":
            at = _find(text, "'", at + 1)
        elif char in "()":
            depth += 1 if char == "(" else -1
            if not depth:
                return at
        at += 1
    raise Unfinished("no closing )")


def _plain(token: Token | None) -> str | None:
    """Return the text of a word without quotes or variables, else None."""
    if isinstance(token, tuple) and len(token) == 1:
        part = token[0]
        if part.kind == "text" and not part.quoted:
            return part.text
    return None


class _Parser:
    """Recursive descent over the tokens."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def peek(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def list_until(self, ends: tuple[str, ...]) -> List:
        self._depth += 1
        if self._depth > DEPTH_LIMIT:
            raise BadSyntax("nested too deep")
        items: list[tuple[str, Pipeline]] = []
        joint = ";"
        while True:
            while self.peek() in ("\n", ";") and (joint == ";" or self.peek() == "\n"):
                self._at += 1
            token = self.peek()
            if token in (None, ")") or _plain(token) in RESERVED | set(ends):
                break
            items.append((joint, self._pipeline()))
            token = self.peek()
            if token in ("&&", "||"):
                joint = str(token)
                self._at += 1
                continue
            joint = ";"
            if token in (";", "\n", "&"):
                self._at += 1
                continue
            break
        if joint != ";":
            raise (Unfinished if self.peek() is None else BadSyntax)("syntax error: unexpected end")
        self._depth -= 1
        return List(tuple(items))

    def _pipeline(self) -> Pipeline:
        negated = _plain(self.peek()) == "!"
        if negated:
            self._at += 1
        commands = [self._command()]
        while self.peek() == "|":
            self._at += 1
            while self.peek() == "\n":
                self._at += 1
            commands.append(self._command())
        return Pipeline(tuple(commands), negated)

    def _command(self) -> Command:
        token = self.peek()
        word = _plain(token)
        if token == _OPEN:
            self._at += 1
            body = self.list_until(())
            self._expect(")")
            return Group(body, self._redirects(), apart=True)
        if word == "{":
            self._at += 1
            body = self.list_until(("}",))
            self._expect("}")
            return Group(body, self._redirects())
        if word == "if":
            return self._led_elsewhere(self._if())
        if word in ("while", "until"):
            self._at += 1
            condition = self.list_until(("do",))
            return self._led_elsewhere(While(condition, self._do(), word == "while"))
        if word == "for":
            return self._led_elsewhere(self._for())
        return self._simple()

    def _led_elsewhere(self, command: Command) -> Command:
        """Return the command with the redirects that follow it, as in ``done < file``."""
        redirects = self._redirects()
        if not redirects:
            return command
        return Group(List(((";", Pipeline((command,))),)), redirects)

    def _if(self) -> If:
        branches: list[tuple[List, List]] = []
        otherwise = List(())
        while _plain(self.peek()) in ("if", "elif"):
            self._at += 1
            condition = self.list_until(("then",))
            self._expect("then")
            branches.append((condition, self.list_until(("elif", "else", "fi"))))
        if _plain(self.peek()) == "else":
            self._at += 1
            otherwise = self.list_until(("fi",))
        self._expect("fi")
        return If(tuple(branches), otherwise)

    def _for(self) -> For:
        self._at += 1
        name = _plain(self.peek())
        if name is None or not name.isidentifier():
            raise BadSyntax("syntax error: bad for loop variable")
        self._at += 1
        self._expect("in")
        words: list[Word] = []
        while isinstance(token := self.peek(), tuple):
            words.append(token)
            self._at += 1
        while self.peek() in (";", "\n"):
            self._at += 1
        return For(name, tuple(words), self._do())

    def _do(self) -> List:
        self._expect("do")
        body = self.list_until(("done",))
        self._expect("done")
        return body

    def _expect(self, wanted: str) -> None:
        token = self.peek()
        if token != wanted and _plain(token) != wanted:
            kind = Unfinished if token is None else BadSyntax
            raise kind(f"syntax error: '{wanted}' expected")
        self._at += 1

    def _simple(self) -> Simple:
        assignments: list[tuple[str, Word]] = []
        words: list[Word] = []
        redirects: list[Redirect] = []
        while True:
            token = self.peek()
            if isinstance(token, Redirect):
                redirects.append(self._redirect(token))
            elif isinstance(token, tuple):
                self._at += 1
                assignment = None if words else _assignment(token)
                if assignment:
                    assignments.append(assignment)
                else:
                    words.append(token)
            else:
                break
        if not (assignments or words or redirects):
            kind = Unfinished if token is None else BadSyntax
            raise kind(f"syntax error: unexpected '{token or 'end'}'".replace("\n", "\\n"))
        return Simple(tuple(assignments), tuple(words), tuple(redirects))

    def _redirects(self) -> tuple[Redirect, ...]:
        redirects: list[Redirect] = []
        while isinstance(token := self.peek(), Redirect):
            redirects.append(self._redirect(token))
        return tuple(redirects)

    def _redirect(self, token: Redirect) -> Redirect:
        self._at += 1
        target = self.peek()
        if not isinstance(target, tuple):
            raise BadSyntax("syntax error: missing redirection target")
        self._at += 1
        return Redirect(token.number, token.mode, target)


def _assignment(word: Word) -> tuple[str, Word] | None:
    first = word[0] if word else None
    if first is None or first.kind != "text" or first.quoted:
        return None
    name, equals, rest = first.text.partition("=")
    if not equals or not name.isidentifier():
        return None
    value = (Part("text", rest), *word[1:]) if rest else word[1:]
    return name, value
