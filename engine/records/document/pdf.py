"""A document as PDF: the same content as the page, on A4, light."""

import io
from functools import partial
from html import escape
from typing import Any, Final

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    CondPageBreak,
    Flowable,
    Image,
    KeepTogether,
    PageBreak,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

from engine.records.document import content
from engine.records.document.palette import LIGHT
from engine.records.document.pdf_drawing import (
    BOLD,
    REGULAR,
    DrawingFlowable,
    load_fonts,
    printable,
    text_points,
)
from engine.records.document.svg import legal

MARGIN: Final = 15 * mm
WIDTH: Final = A4[0] - 2 * MARGIN
SIGNS: Final = {"ok": "\N{CHECK MARK}  ", "warn": "\N{BLACK UP-POINTING TRIANGLE}  ",
                "fail": "\N{BALLOT X}  ", "none": ""}  # fmt: skip
PADDING: Final = 6.0
"""Which the library adds within its margins, points."""
LEAST: Final = 35 * mm
"""Room that a part needs at the foot of a page to begin there."""
PICTURE: Final = (58 * mm, 96 * mm)


def pdf_of(document: content.Document) -> bytes:
    """Return the PDF; the same bytes for the same document."""
    load_fonts()
    story: list[Flowable] = [
        _text(f'<font name="{BOLD}" color="{LIGHT["accent"]}">MobileNet Lab</font>'
              f"&nbsp;&nbsp;&nbsp;{_safe(document.subtitle)}", "muted", 9),
        Spacer(1, 6),
        _text(_safe(document.title), "text", 24 if document.large else 19, bold=True),
        Spacer(1, 5),
    ]  # fmt: skip
    story += _flow(document)
    file = io.BytesIO()
    template = SimpleDocTemplate(
        file,
        pagesize=A4,
        leftMargin=MARGIN - PADDING,
        rightMargin=MARGIN - PADDING,
        topMargin=MARGIN,
        bottomMargin=MARGIN + 6 * mm,
        title=printable(legal(document.title)),
        author="MobileNet Lab",
        subject=printable(legal(document.subtitle)),
        lang="en",
        invariant=1,
    )
    template.build(story, canvasmaker=partial(_Pages, footer=printable(legal(document.footer))))
    return file.getvalue()


def _flow(document: content.Document) -> list[Flowable]:
    """Return all blocks; a heading stays with what follows it, and what is whole stays so."""
    story: list[Flowable] = []
    headings: list[Flowable] = []
    for block in document.blocks:
        flow = _WRITERS[type(block)](block, large=document.large)
        if isinstance(block, content.Heading):
            headings += flow
        elif _is_whole(block):
            story.append(KeepTogether([*headings, *flow]))
            headings = []
        else:
            long = headings or isinstance(block, content.Table)
            story += [*([CondPageBreak(LEAST)] if long else []), *headings, *flow]
            headings = []
    return story + headings


def _is_whole(block: content.Block) -> bool:
    if isinstance(block, content.Table):
        return len(block.rows) <= content.WHOLE
    if isinstance(block, content.KeyValues):
        return sum(len(value) for _, value in block.rows) < 2000
    return isinstance(block, content.Figure | content.Picture | content.Step)


class _Pages(Canvas):  # type: ignore[misc]  # the library has no types
    """Writes at the foot of each page which one of how many it is."""

    def __init__(self, *args: Any, footer: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self._footer = footer
        self._kept: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802 - the library's own name
        self._kept.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        total = len(self._kept)
        for number, state in enumerate(self._kept, 1):
            self.__dict__.update(state)
            self.setFont(REGULAR, 7.5)
            self.setFillColor(HexColor(LIGHT["muted"]))
            self.drawString(MARGIN, MARGIN - 2 * mm, self._footer)
            self.drawRightString(A4[0] - MARGIN, MARGIN - 2 * mm, f"page {number} of {total}")
            super().showPage()
        super().save()


def _safe(text: str) -> str:
    """Return a text as the library's markup."""
    return escape(printable(legal(text)), quote=False).replace("\n", "<br/>")


def _text(
    markup: str, colour: str = "text", size: float = 9, *, bold: bool = False, **more: Any
) -> Paragraph:
    style = ParagraphStyle(
        "text",
        fontName=BOLD if bold else REGULAR,
        fontSize=size,
        leading=size * 1.35,
        textColor=HexColor(LIGHT[colour]),
        **more,
    )
    return Paragraph(markup, style)


def _headline(block: content.Headline, *, large: bool) -> list[Flowable]:
    flow: list[Flowable] = [_text(_safe(block.answer), size=15 if large else 11.5), Spacer(1, 8)]
    if block.figures:
        flow += [_big_figures(block.figures, large=large), Spacer(1, 7)]
    if block.note:
        flow += [_box([_text(_safe(block.note))], "warn"), Spacer(1, 6)]
    if block.verdict:
        lines = [_text(f"{SIGNS[block.state]}{_safe(block.verdict)}", bold=True)]
        lines += [
            _text(f"\N{BULLET}&nbsp;&nbsp;{_safe(each)}", leftIndent=10) for each in block.reasons
        ]
        flow += [_box(lines, block.state), Spacer(1, 6)]
    return flow


def _big_figures(figures: tuple[content.Big, ...], *, large: bool) -> Table:
    size = 26 if large else 20
    cells = []
    for each in figures:
        unit = f' <font size="{size * 0.5:.0f}" color="{LIGHT["muted"]}">{_safe(each.unit)}</font>'
        value = _text(_safe(each.value) + (unit if each.unit else ""), size=size, bold=True)
        note = _safe(each.note) or "&nbsp;"
        cells.append([_text(_safe(each.label), "muted"), value, _text(note, "muted", 8)])
    table = Table([cells], colWidths=[WIDTH / len(cells)] * len(cells))
    table.setStyle(
        TableStyle(
            [
                ("BACKGROUND", (0, 0), (-1, -1), HexColor(LIGHT["raised"])),
                ("BOX", (0, 0), (-1, -1), 0.6, HexColor(LIGHT["border"])),
                ("INNERGRID", (0, 0), (-1, -1), 0.6, HexColor(LIGHT["border"])),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 9),
                ("TOPPADDING", (0, 0), (-1, -1), 6),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 7),
            ]
        )
    )
    return table


def _box(lines: list[Flowable], state: str) -> Table:
    soft, line = ("raised", "border") if state == "none" else (f"{state}-soft", state)
    table = Table([[lines]], colWidths=[WIDTH])
    table.setStyle(
        TableStyle(
            [
                ("BACKGROUND", (0, 0), (-1, -1), HexColor(LIGHT[soft])),
                ("LINEBEFORE", (0, 0), (0, -1), 3, HexColor(LIGHT[line])),
                ("LEFTPADDING", (0, 0), (-1, -1), 10),
                ("TOPPADDING", (0, 0), (-1, -1), 4),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 6),
            ]
        )
    )
    return table


def _heading(block: content.Heading, *, large: bool) -> list[Flowable]:
    title = _text(_safe(block.text), size=15 if large else 12, bold=True)
    table = Table([[title]], colWidths=[WIDTH], spaceBefore=12)
    table.setStyle(
        TableStyle(
            [
                ("LINEABOVE", (0, 0), (-1, -1), 0.6, HexColor(LIGHT["border"])),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ]
        )
    )
    return [table]


def _paragraph(block: content.Paragraph, *, large: bool) -> list[Flowable]:
    size = (11 if large else 9) - block.quiet
    colour = "muted" if block.quiet else "text"
    return [_text(_safe(block.text), colour, size, spaceAfter=4)]


def _facts(block: content.KeyValues, *, large: bool, width: float = WIDTH) -> list[Flowable]:
    """Return short facts in two columns, then each long one on a line of its own."""
    size = 10 if large else 8.5
    short = [row for row in block.rows if len(row[1]) <= content.LONG]
    long = [row for row in block.rows if len(row[1]) > content.LONG]
    half = width / 2
    flow: list[Flowable] = []
    if short:
        cells = [part for row in short for part in _fact(row, size)]
        cells += [""] * (-len(cells) % 4)
        lines = [cells[at : at + 4] for at in range(0, len(cells), 4)]
        widths = [half * 0.3, half * 0.66, half * 0.34, half * 0.7]
        flow.append(_ruled(lines, widths))
    if long:
        flow.append(_ruled([_fact(row, size) for row in long], [half * 0.3, half * 1.7]))
    return [*flow, Spacer(1, 4)]


def _fact(row: tuple[str, str], size: float) -> list[Flowable]:
    return [_text(_safe(row[0]), "muted", size), _text(_safe(row[1]), size=size)]


def _ruled(lines: list[list[Any]], widths: list[float]) -> Table:
    table = Table(lines, colWidths=widths)
    table.setStyle(
        TableStyle(
            [
                ("LINEBELOW", (0, 0), (-1, -1), 0.5, HexColor(LIGHT["grid"])),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("LEFTPADDING", (2, 0), (2, -1), 10),
                ("TOPPADDING", (0, 0), (-1, -1), 2.5),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 3.5),
            ]
        )
    )
    return table


def _table(block: content.Table, *, large: bool) -> list[Flowable]:
    size = 10 if large else 8.5 if len(block.columns) < 8 else 7.5
    heads = [
        _text(
            f"{_safe(each.title)}{f' ({_safe(each.unit)})' if each.unit else ''}",
            "muted",
            size,
            bold=True,
            alignment=2 if each.number else 0,
        )
        for each in block.columns
    ]
    rows = [
        [
            _text(
                _safe(cell.text),
                "text" if cell.state == "none" else cell.state,
                size,
                alignment=2 if column.number else 0,
            )
            for cell, column in zip(row, block.columns, strict=True)
        ]
        for row in block.rows
    ]
    table = Table([heads, *rows], colWidths=_widths(block, size), repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("LINEBELOW", (0, 0), (-1, 0), 0.8, HexColor(LIGHT["border"])),
                ("LINEBELOW", (0, 1), (-1, -1), 0.4, HexColor(LIGHT["grid"])),
                ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
                ("VALIGN", (0, 1), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 4),
                ("RIGHTPADDING", (0, 0), (-1, -1), 4),
                ("TOPPADDING", (0, 0), (-1, -1), 2.5),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 3.5),
            ]
        )
    )
    title = _text(_safe(block.title), size=size + 1, bold=True, spaceBefore=5)
    note = [_text(_safe(block.note), "muted", 8, spaceBefore=2)] if block.note else []
    return [title, table, *note, Spacer(1, 5)]


def _widths(block: content.Table, size: float) -> list[float]:
    """Return the columns' widths: what they need; where that is too much, long ones give way."""
    wanted = []
    for index, column in enumerate(block.columns):
        head = f"{column.title} ({column.unit})" if column.unit else column.title
        texts = [text_points(row[index].text, size) for row in block.rows]
        wanted.append(max(text_points(head, size, bold=True), *texts, 0.0) + 10.5)
    spare = WIDTH - sum(wanted)
    if spare >= 0:
        return [each + spare / len(wanted) for each in wanted]
    room, share, rest = WIDTH, WIDTH / len(wanted), sorted(wanted)
    while rest and rest[0] <= share:  # who needs no more than a fair share gets what it needs
        room -= rest.pop(0)
        share = room / max(1, len(rest))
    return [min(each, share) for each in wanted]


def _figure(block: content.Figure, *, large: bool) -> list[Flowable]:
    parts: list[Flowable] = [
        _text(_safe(block.title), size=11 if large else 9.5, bold=True, spaceBefore=4),
        Spacer(1, 2),
        DrawingFlowable(block.drawing, WIDTH),
    ]
    if block.note:
        parts.append(_text(_safe(block.note), "muted", 8))
    return [*parts, Spacer(1, 5)]


def _picture(block: content.Picture, *, large: bool) -> list[Flowable]:
    del large
    caption = _text(_safe(block.title), "muted", 8)
    return [_image(block), Spacer(1, 2), caption, Spacer(1, 5)]


def _image(block: content.Picture) -> Image:
    image = Image(io.BytesIO(block.data), hAlign="LEFT")
    scale = min(PICTURE[0] / image.imageWidth, PICTURE[1] / image.imageHeight)
    image.drawWidth, image.drawHeight = image.imageWidth * scale, image.imageHeight * scale
    return image


def _step(block: content.Step, *, large: bool) -> list[Flowable]:
    state = block.state
    word = LIGHT["muted" if state == "none" else state]
    title = (
        f'<font color="{LIGHT["muted"]}">{block.number}</font>&nbsp;&nbsp;{_safe(block.title)}'
        f'&nbsp;&nbsp;&nbsp;<font color="{word}">{SIGNS[state]}{_safe(block.outcome)}</font>'
    )
    lines: list[Flowable] = [_text(title, size=10, bold=True)]
    if block.comment:
        lines.append(_text(_safe(block.comment)))
    if block.facts:
        lines += _facts(content.KeyValues(block.facts), large=large, width=WIDTH - 14)
    boxed = _box(lines, "none")
    pictures = [[_image(each), _text(_safe(each.title), "muted", 8)] for each in block.pictures]
    rows = [pictures[at : at + 3] for at in range(0, len(pictures), 3)]
    tables = [Table([row], hAlign="LEFT") for row in rows]
    return [boxed, *tables, Spacer(1, 6)]


def _break(block: content.PageBreak, *, large: bool) -> list[Flowable]:
    del block, large
    return [PageBreak()]


_WRITERS: Final[dict[type, Any]] = {
    content.Headline: _headline,
    content.Heading: _heading,
    content.Paragraph: _paragraph,
    content.KeyValues: _facts,
    content.Table: _table,
    content.Figure: _figure,
    content.Picture: _picture,
    content.Step: _step,
    content.PageBreak: _break,
}
