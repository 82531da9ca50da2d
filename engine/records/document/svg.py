"""Drawings as SVG text: small, well-formed, the same bytes for the same drawing."""

import re
from xml.sax.saxutils import escape, quoteattr

from engine.records.document.drawing import Circle, Drawing, Lines, Points, Rect, Shape, Text
from engine.records.document.palette import LIGHT, colour_of

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
FAMILY = "Inter, 'Segoe UI', system-ui, -apple-system, 'Helvetica Neue', Arial, sans-serif"


def svg_of(drawing: Drawing, *, inline: bool) -> str:
    """Return a drawing as SVG; see ``Drawing.svg``."""
    size = f'viewBox="0 0 {_n(drawing.width)} {_n(drawing.height)}"'
    label = quoteattr(legal(drawing.title))
    if inline:
        head = f'<svg class="chart" {size} role="img" aria-label={label}>'
        background = ""
    else:
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} width="{_n(drawing.width)}" '
            f'height="{_n(drawing.height)}" role="img" aria-label={label} '
            f'font-family="{FAMILY}">'
        )
        background = f'<rect width="100%" height="100%" fill="{LIGHT["surface"]}"/>'
    body = "".join(_shape(each) for each in drawing.shapes)
    return f"{head}{background}{body}</svg>"


def _shape(shape: Shape) -> str:
    if isinstance(shape, Lines):
        path = "".join(_path(piece, closed=bool(shape.fill)) for piece in shape.pieces)
        if not path:
            return ""
        return _titled("path", f'd="{path}"{_ink(shape)}{_dash(shape)}', shape.title)
    if isinstance(shape, Rect):
        corners = f' rx="{_n(shape.radius)}"' if shape.radius else ""
        box = (
            f'x="{_n(shape.x)}" y="{_n(shape.y)}" width="{_n(shape.width)}" '
            f'height="{_n(shape.height)}"{corners}'
        )
        return _titled("rect", f"{box}{_ink(shape)}", shape.title)
    if isinstance(shape, Circle):
        box = f'cx="{_n(shape.x)}" cy="{_n(shape.y)}" r="{_n(shape.radius)}"'
        return _titled("circle", f"{box}{_ink(shape)}", shape.title)
    return _text(shape)


def _text(shape: Text) -> str:
    anchor = "" if shape.anchor == "start" else f' text-anchor="{shape.anchor}"'
    weight = ' font-weight="600"' if shape.bold else ""
    place = f'x="{_n(shape.x)}" y="{_n(shape.y)}"'
    if shape.turned:
        place += f' transform="rotate(-90 {_n(shape.x)} {_n(shape.y)})"'
    ink = _paint("fill", shape.colour)
    words = escape(legal(shape.text))
    return f'<text {place} font-size="{_n(shape.size)}"{anchor}{weight}{ink}>{words}</text>'


def _titled(tag: str, attributes: str, title: str) -> str:
    if not title:
        return f"<{tag} {attributes}/>"
    return f"<{tag} {attributes}><title>{escape(legal(title))}</title></{tag}>"


def _ink(shape: Lines | Rect | Circle) -> str:
    classes = [
        f"{kind}-{name}"
        for kind, name in (("f", shape.fill), ("s", shape.stroke))
        if name and not name.startswith("#")
    ]
    text = f' class="{" ".join(classes)}"' if classes else ""
    text += f' fill="{colour_of(shape.fill) if shape.fill else "none"}"'
    if shape.stroke:
        width = shape.width if isinstance(shape, Lines | Circle) else 1.0
        text += f' stroke="{colour_of(shape.stroke)}" stroke-width="{_n(width)}"'
        if isinstance(shape, Lines):
            text += ' stroke-linejoin="round"'
    if isinstance(shape, Lines | Rect) and shape.opacity < 1:
        text += f' fill-opacity="{_n(shape.opacity)}"'
    return text


def _paint(attribute: str, name: str) -> str:
    role = "" if name.startswith("#") else f' class="f-{name}"'
    return f'{role} {attribute}="{colour_of(name)}"'


def _dash(shape: Lines) -> str:
    return f' stroke-dasharray="{" ".join(map(_n, shape.dash))}"' if shape.dash else ""


def _path(points: Points, *, closed: bool) -> str:
    rounded = [f"{_n(x)} {_n(y)}" for x, y in points.tolist()]
    if not rounded:
        return ""
    return f"M{rounded[0]}" + (f"L{' '.join(rounded[1:])}" if rounded[1:] else "") + "Z" * closed


def _n(value: float) -> str:
    """Write a coordinate to a tenth of a pixel, without needless zeros."""
    text = f"{value:.1f}"
    text = text.removesuffix(".0")
    return "0" if text == "-0" else text


def legal(text: str) -> str:
    """Leave out what no XML may hold: control characters and halves of surrogate pairs."""
    return _ILLEGAL.sub("", text)
