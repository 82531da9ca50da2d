"""A document with a block of every kind, and text that tries to be markup."""

import cv2
import numpy as np
import pytest

from engine.records.document.charts import Curve, line_chart
from engine.records.document.content import (
    Big,
    Cell,
    Column,
    Document,
    Figure,
    Heading,
    Headline,
    KeyValues,
    PageBreak,
    Paragraph,
    Picture,
    Step,
    Table,
)

TYPED = "<script>alert('1')</script> & </td> Grüße ±2 µs \N{MIDDLE DOT} 31 °C \x07\ud800 \U0001f600"
"""As a person may type it: markup, a bell, half a character, a face that no font here has."""


@pytest.fixture(scope="session")
def png():
    picture = np.full((400, 200, 3), (90, 120, 40), np.uint8)
    return cv2.imencode(".png", picture)[1].tobytes()


@pytest.fixture(scope="session")
def document(png):
    x = np.arange(10.0)
    drawing = line_chart(
        [Curve(x, x)], x_label=TYPED, y_label="ms", x_range=(0.0, 9.0), title=TYPED
    )
    columns = (Column(TYPED), Column("Median", "ms", number=True))
    rows = tuple((Cell(f"row {each} {TYPED}"), Cell(f"{each}.0", each)) for each in range(30))
    return Document(
        title=f"Title {TYPED}",
        subtitle=TYPED,
        blocks=(
            Headline(TYPED, (Big(TYPED, "11.3", "ms", TYPED),), "fail", TYPED, (TYPED,), TYPED),
            Heading(TYPED),
            Paragraph(TYPED),
            Paragraph("quiet", quiet=True),
            KeyValues(((TYPED, TYPED), ("sha256", "ab" * 32))),
            Table(TYPED, columns, rows, TYPED),
            Table("empty", columns, ()),
            KeyValues(()),
            Figure(drawing, TYPED, TYPED),
            Picture(png, TYPED),
            Step(1, TYPED, "FAIL", "fail", TYPED, ((TYPED, TYPED),), (Picture(png, TYPED),)),
            PageBreak(),
            Heading("After the break"),
        ),
        footer=TYPED,
    )
