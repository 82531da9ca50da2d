"""What an APK is made of as the view shows it: order, words, colours, figures with units."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from PySide6.QtGui import QColor

MEGA = 1_000_000
"""A megabyte here is 10^6 bytes, as everywhere in the lab."""
NATIVE = "native "
ABIS = ("arm64-v8a", "armeabi-v7a", "x86_64", "x86")
"""Their places in table and bar, whatever APK is shown."""
AFTER = ("dex", "resources", "pictures", "signature", "rest")

_LIGHT = {
    "model": "#0072B2",
    "native": "#009E73",
    "dex": "#56B4E9",
    "resources": "#F0E442",
    "pictures": "#CC79A7",
    "signature": "#D55E00",
    "rest": "#8A94A6",
}
"""Okabe and Ito, "Color Universal Design", 2008, and a grey for the rest."""
_DARK = {**_LIGHT, "model": "#56B4E9", "dex": "#0072B2"}
_PALER = {"arm64-v8a": 0.0, "armeabi-v7a": 0.3, "x86_64": 0.5, "x86": 0.66}
"""How far the green of an ABI's libraries fades towards white."""


class Part(NamedTuple):
    """One part of an APK: the engine's word for it, and its bytes."""

    what: str
    size_bytes: int


def in_order(parts: Iterable[tuple[str, int]]) -> tuple[Part, ...]:
    """Return the parts in the view's order, whatever order they come in; none is lost."""
    places = {what: place for place, what in enumerate(fixed_rows())}
    found = [Part(what, count) for what, count in parts]
    return tuple(sorted(found, key=lambda part: places.get(part.what, len(places))))


def fixed_rows() -> tuple[str, ...]:
    """Return the parts that always have a row, so that nothing jumps."""
    return ("model", *(NATIVE + abi for abi in ABIS), *AFTER)


def colour_of(what: str, *, dark: bool) -> QColor:
    """Return a part's colour; the libraries of several ABIs are shades of one green."""
    colours = _DARK if dark else _LIGHT
    if not what.startswith(NATIVE):
        return QColor(colours.get(what.partition(" ")[0], colours["rest"]))
    share = _PALER.get(what.removeprefix(NATIVE), 0.66)
    green = QColor(colours["native"])
    channels = (green.red(), green.green(), green.blue())
    return QColor(*(round(each + share * (255 - each)) for each in channels))


def ink_on(colour: QColor) -> QColor:
    """Return the ink that is read more easily on a colour (WCAG 2's relative luminance)."""
    channels = (colour.redF(), colour.greenF(), colour.blueF())
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    black_wins = (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05)
    return QColor("#12161E" if black_wins else "#FFFFFF")


def megabytes(count: int, *, unit: bool = True) -> str:
    """Return bytes as megabytes: two decimals, one from 100 on, never a bare zero."""
    if 0 < count < 5_000:
        text = "< 0.01"
    else:
        text = f"{count / MEGA:.{1 if count >= 99.995 * MEGA else 2}f}"
    return f"{text} MB" if unit else text


def difference(count: int) -> str:
    """Return a signed difference in megabytes."""
    sign = "+" if count > 0 else "\N{MINUS SIGN}" if count < 0 else "\N{PLUS-MINUS SIGN}"
    return f"{sign}{megabytes(abs(count))}"


def percent(count: int, total: int) -> str:
    """Return a share of the whole in percent, one decimal."""
    share = 100 * count / total if total else 0.0
    return "< 0.1" if 0 < share < 0.05 else f"{share:.1f}"


def grouped(count: int) -> str:
    """Return an integer with its thousands apart."""
    return f"{count:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def axis_end(totals: Sequence[int]) -> float:
    """Return where an axis in megabytes ends: few steps, so that it rarely moves."""
    most = max(totals, default=0) / MEGA
    return next((float(end) for end in _ENDS if most <= end), float(most))


_ENDS = (2, 4, 6, 8, 10, 15, 20, 30, 40, 60, 80, 120, 160, 200, 300, 400, 600, 800, 1200, 2400)
