"""Drawings and fonts in a PDF."""

from typing import Any, Final

from reportlab.lib.colors import Color, HexColor
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable

from engine.paths import ASSETS
from engine.records.document.drawing import Circle, Drawing, Lines, Rect, Shape, Text
from engine.records.document.palette import colour_of

REGULAR: Final = "Inter-Regular"
BOLD: Final = "Inter-SemiBold"
UNKNOWN: Final = "\N{WHITE SQUARE}"
"""Stands for a character that the font does not have."""


def load_fonts() -> None:
    """Make the fonts known; may be called again."""
    for name in (REGULAR, BOLD):
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, str(ASSETS / "report" / f"{name}.ttf")))


def printable(text: str) -> str:
    """Return a text with a sign in place of each character that the font does not have."""
    glyphs = pdfmetrics.getFont(REGULAR).face.charToGlyph
    return "".join(each if ord(each) in glyphs or each == "\n" else UNKNOWN for each in text)


def text_points(text: str, size: float, *, bold: bool = False) -> float:
    """Return how wide a text is, points."""
    width: float = pdfmetrics.stringWidth(printable(text), BOLD if bold else REGULAR, size)
    return width


class DrawingFlowable(Flowable):  # type: ignore[misc]  # the library has no types
    """A drawing scaled to a width."""

    def __init__(self, drawing: Drawing, width: float) -> None:
        """Take the drawing and the width in points."""
        super().__init__()
        self._drawing = drawing
        self._scale = width / drawing.width
        self.width, self.height = width, drawing.height * self._scale

    def wrap(self, *_available: float) -> tuple[float, float]:
        """Return the size: the library's own name and use."""
        return self.width, self.height

    def draw(self) -> None:
        """Draw on the page: the library's own name and use."""
        canvas = self.canv
        canvas.saveState()
        canvas.translate(0, self.height)
        canvas.scale(self._scale, -self._scale)
        for each in self._drawing.shapes:
            _draw(canvas, each)
        canvas.restoreState()


def _draw(canvas: Any, shape: Shape) -> None:
    canvas.saveState()
    if isinstance(shape, Text):
        _draw_text(canvas, shape)
    else:
        _set_ink(canvas, shape)
        how = {"fill": int(bool(shape.fill)), "stroke": int(bool(shape.stroke))}
        if isinstance(shape, Rect):
            box = (shape.x, shape.y, shape.width, shape.height)
            if shape.radius:
                canvas.roundRect(*box, min(shape.radius, shape.width / 2, shape.height / 2), **how)
            else:
                canvas.rect(*box, **how)
        elif isinstance(shape, Circle):
            canvas.circle(shape.x, shape.y, shape.radius, **how)
        else:
            _draw_lines(canvas, shape, how)
    canvas.restoreState()


def _draw_lines(canvas: Any, shape: Lines, how: dict[str, int]) -> None:
    path = canvas.beginPath()
    for piece in shape.pieces:
        points = piece.tolist()
        for index, (x, y) in enumerate(points):
            (path.lineTo if index else path.moveTo)(x, y)
        if shape.fill and points:
            path.close()
    canvas.drawPath(path, **how)


def _draw_text(canvas: Any, shape: Text) -> None:
    text = printable(shape.text)
    font = BOLD if shape.bold else REGULAR
    canvas.setFillColor(HexColor(colour_of(shape.colour)))
    canvas.setFont(font, shape.size)
    canvas.translate(shape.x, shape.y)
    canvas.scale(1, -1)  # text stands upright again
    if shape.turned:
        canvas.rotate(90)
    wide = pdfmetrics.stringWidth(text, font, shape.size)
    canvas.drawString({"start": 0, "middle": -wide / 2, "end": -wide}[shape.anchor], 0, text)


def _set_ink(canvas: Any, shape: Lines | Rect | Circle) -> None:
    if shape.fill:
        opacity = 1.0 if isinstance(shape, Circle) else shape.opacity
        red, green, blue = HexColor(colour_of(shape.fill)).rgb()
        canvas.setFillColor(Color(red, green, blue, opacity))
    if shape.stroke:
        canvas.setStrokeColor(HexColor(colour_of(shape.stroke)))
        canvas.setLineWidth(shape.width if isinstance(shape, Lines | Circle) else 1.0)
        canvas.setLineJoin(1)
        if isinstance(shape, Lines) and shape.dash:
            canvas.setDash(*[list(shape.dash)])
