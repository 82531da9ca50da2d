"""What ``$((...))`` comes to: the shell's whole numbers. Pure."""

import re
from collections.abc import Callable, Mapping

from engine.virtual_phone.shell.parser import BadSyntax

_TOKEN = re.compile(r"\s*(\d+|[A-Za-z_]\w*|\$\w+|\|\||&&|[=!<>]=|[-+*/%()<>!])")
_LEVELS = (("||",), ("&&",), ("==", "!="), ("<", "<=", ">", ">="), ("+", "-"), ("*", "/", "%"))
_DEPTH_LIMIT = 30
_BITS = 64


def evaluate(text: str, variables: Mapping[str, str]) -> int:
    """Reckon; names are variables (0 where unset), with or without ``$``.

    Raises:
        BadSyntax: If it is no such expression, or divides by zero.
    """
    tokens: list[str] = []
    at, text = 0, text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise BadSyntax(f"{text}: unexpected '{text[at:]}'")
        tokens.append(found[1])
        at = found.end()
    reckoner = _Reckoner(tokens, variables)
    value = reckoner.level(0) if tokens else 0
    if reckoner.tokens:
        raise BadSyntax(f"{text}: unexpected '{reckoner.tokens[0]}'")
    return value


class _Reckoner:
    """Recursive descent; takes tokens off the front."""

    def __init__(self, tokens: list[str], variables: Mapping[str, str]) -> None:
        self.tokens = tokens
        self._variables = variables
        self._depth = 0

    def level(self, number: int) -> int:
        if number == len(_LEVELS):
            return self._single()
        value = self.level(number + 1)
        while self.tokens and self.tokens[0] in _LEVELS[number]:
            operator = self.tokens.pop(0)
            value = _wrapped(_apply(operator, value, self.level(number + 1)))
        return value

    def _single(self) -> int:
        self._depth += 1
        if not self.tokens or self._depth > _DEPTH_LIMIT:
            raise BadSyntax("expression: unexpected end")
        word = self.tokens.pop(0)
        if word in "-+!":
            value = self._single()
            value = {"-": -value, "+": value, "!": int(not value)}[word]
        elif word == "(":
            value = self.level(0)
            if self.tokens[:1] != [")"]:
                raise BadSyntax("expression: missing )")
            self.tokens.pop(0)
        elif word.isdecimal():
            value = _number(word)
        elif word.lstrip("$").isidentifier() or word.startswith("$"):
            value = _number(self._variables.get(word.lstrip("$"), "0"))
        else:
            raise BadSyntax(f"expression: unexpected '{word}'")
        self._depth -= 1
        return _wrapped(value)


def _number(text: str) -> int:
    return int(text) if re.fullmatch(r"\s*-?\d{1,19}\s*", text) else 0


def _wrapped(value: int) -> int:
    """Return what is left of it in a 64-bit register, as shells reckon."""
    half = 1 << (_BITS - 1)
    return (value + half) % (1 << _BITS) - half


def _apply(operator: str, left: int, right: int) -> int:
    if operator in "/%":
        if not right:
            raise BadSyntax("divisor is 0")
        share = abs(left) // abs(right)
        share = share if (left < 0) is (right < 0) else -share
        return share if operator == "/" else left - share * right
    simple: dict[str, Callable[[int, int], int]] = {
        "+": lambda a, b: a + b,
        "-": lambda a, b: a - b,
        "*": lambda a, b: a * b,
        "==": lambda a, b: int(a == b),
        "!=": lambda a, b: int(a != b),
        "<": lambda a, b: int(a < b),
        "<=": lambda a, b: int(a <= b),
        ">": lambda a, b: int(a > b),
        ">=": lambda a, b: int(a >= b),
        "&&": lambda a, b: int(bool(a and b)),
        "||": lambda a, b: int(bool(a or b)),
    }
    return simple[operator](left, right)
