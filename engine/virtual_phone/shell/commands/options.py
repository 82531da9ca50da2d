"""Splits a command's words into flags and the rest, as getopt does."""

from collections.abc import Sequence


def split_flags(args: Sequence[str], *, with_value: str = "") -> tuple[dict[str, str], list[str]]:
    """Return single-letter flags (letter -> value or ``""``) and the other words.

    Args:
        args: The words; ``-rf`` is two flags, ``--`` ends the flags, ``-`` is a word.
        with_value: Letters whose value follows, in the same word or the next.
    """
    flags: dict[str, str] = {}
    words: list[str] = []
    rest = list(args)
    while rest:
        arg = rest.pop(0)
        if arg == "--":
            words.extend(rest)
            break
        if not arg.startswith("-") or arg == "-" or arg.startswith("--"):
            words.append(arg)
            continue
        letters = arg[1:]
        while letters:
            letter, letters = letters[0], letters[1:]
            if letter in with_value:
                flags[letter] = letters or (rest.pop(0) if rest else "")
                break
            flags[letter] = ""
    return flags, words
