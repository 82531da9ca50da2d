"""The frame that charts share: plot area, grid, ticks with their units, and legends."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.records.document.axes import Scale, tick_labels
from engine.records.document.drawing import FONT, Drawing, Rect, Text, segment, text_width

WIDTH = 720.0
LEFT, RIGHT, TOP, BOTTOM = 54.0, 14.0, 26.0, 38.0
LINE = 16.0
"""Between two lines of text, pixels."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The plot area of a drawing and its two axes."""

    drawing: Drawing
    x: Scale
    y: Scale

    @property
    def box(self) -> tuple[float, float, float, float]:
        """The plot area: x, y, width, height."""
        return (self.x.begin, self.y.end, self.x.end - self.x.begin, self.y.begin - self.y.end)

    def grid(self, x_label: str, y_label: str, *, x_ticks: int = 8, y_ticks: int = 4) -> None:
        """Draw grid lines, ticks and what the axes mean.

        Args:
            x_label: Below, at the right; with its unit.
            y_label: Above the plot, at the left; with its unit.
            x_ticks: About how many.
            y_ticks: About how many; 0 for an axis without any.
        """
        left, top, width, height = self.box
        bottom, right = top + height, left + width
        values = self.y.ticks(y_ticks) if y_ticks else ()
        for value, label in zip(values, tick_labels(values), strict=True):
            y = self.y(value)
            self.drawing.add(
                segment(left, y, right, y, stroke="grid"),
                Text(left - 7, y + 4, label, anchor="end"),
            )
        values = self.x.ticks(x_ticks)
        edge = left - 30.0  # where the label before ends
        for value, label in zip(values, tick_labels(values), strict=True):
            x, half = self.x(value), text_width(label) / 2
            self.drawing.add(segment(x, bottom, x, bottom + 4, stroke="faint"))
            if x - half > edge + 4:
                self.drawing.add(Text(x, bottom + 16, label, anchor="middle"))
                edge = x + half
        self.drawing.add(
            segment(left, bottom, right, bottom, stroke="faint"),
            Text(left - 7 if left < 60 else left, top - 11, y_label, anchor="start"),
            Text(right, bottom + 31, x_label, anchor="end"),
        )


def frame(
    title: str,
    size: tuple[float, float],
    x: tuple[float, float],
    y: tuple[float, float],
    *,
    logs: tuple[bool, bool] = (False, False),
) -> Frame:
    """Return an empty chart.

    Args:
        title: What it shows, for who cannot see it.
        size: Of the whole drawing, pixels.
        x: Lowest and highest value.
        y: Lowest and highest value.
        logs: Which of the two axes are logarithmic.
    """
    width, height = size
    return Frame(
        Drawing(width, height, title),
        Scale(*x, LEFT, width - RIGHT, logs[0]),
        Scale(*y, height - BOTTOM, TOP, logs[1]),
    )


def legend(drawing: Drawing, entries: Sequence[tuple[str, str]], right: float, y: float) -> None:
    """Write colours and what they mean, on one line that ends at ``right``."""
    x = right - sum(text_width(text) + 30 for _, text in entries) + 14
    for colour, text in entries:
        drawing.add(Rect(x, y - 8, 10, 10, fill=colour, radius=2), Text(x + 15, y + 1, text))
        x += text_width(text) + 30


def note(drawing: Drawing, text: str, x: float, y: float, *, anchor: str = "start") -> None:
    """Write a word into the plot, on a ground of its own so that curves do not cross it."""
    wide = text_width(text, FONT)
    left = {"start": x, "middle": x - wide / 2, "end": x - wide}[anchor]
    drawing.add(
        Rect(left - 3, y - 11, wide + 6, 15, fill="surface", radius=3, opacity=0.85),
        Text(x, y, text, anchor=anchor, colour="text"),
    )
