"""The lab's app on the screen: picture, answer, latency, and what can be tapped."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from engine.virtual_phone.app.answer_view import draw_answer
from engine.virtual_phone.app.lab_app import LabApp
from engine.virtual_phone.app.layout import Layout, lay_out
from engine.virtual_phone.app.numbers import LabView
from engine.virtual_phone.app.picture_view import draw_camera_button, draw_picture
from engine.virtual_phone.app.trouble_view import draw_opening, draw_trouble
from engine.virtual_phone.app.words import digits, words_for
from engine.virtual_phone.screen.camera import clock_ns
from engine.virtual_phone.screen.pages import Page, Target
from engine.virtual_phone.screen.paint import (
    BOLD,
    BRIGHT,
    DIM,
    INK,
    MEDIUM,
    MINT,
    PANEL,
    RAISED,
    REGULAR,
    SKY,
    WHITE,
    Canvas,
    Rect,
)
from engine.virtual_phone.screen.scene import draw_scene
from engine.virtual_phone.screen.sources import fit_picture

PERMISSION = "camera_permission"
LINK_WIDTH = 204
PARTS = ("answer", "digits", "stages")
"""What the body is drawn in when all is well."""


class LabPage(Page):
    """The lab's app on the screen; what it does is ``LabApp``."""

    def __init__(self, app: LabApp) -> None:
        """Draw the views of ``app``."""
        self._app = app
        self._fixed: NDArray[np.uint8] = fit_picture(draw_scene(0.0)[0])

    @property
    def animated(self) -> bool:
        """See ``Page.animated``."""
        return self._app.animated

    def draw(self, canvas: Canvas, area: Rect, pressed: str) -> None:
        """See ``Page.draw``; tells the app how long it took."""
        begun = clock_ns()
        view, layout = self._app.view(), lay_out(area)
        words = words_for(view.locale)
        canvas.zone("page", view.locale, lambda: self._begin(canvas, area))
        _draw_header(canvas, layout.header, view, words)
        self._draw_picture(canvas, layout, view, words, held=pressed == "camera")
        _draw_body(canvas, layout, view, words)
        _draw_button(canvas, layout.button, view, words, held=pressed in ("pause", "allow"))
        _draw_note(canvas, layout.note, view.note)
        if canvas.changed:
            self._app.drew(clock_ns() - begun)

    def targets(self, area: Rect) -> list[Target]:
        """See ``Page.targets``."""
        layout, view = lay_out(area), self._app.view()
        if _lacks_permission(view):
            return [Target("allow", layout.button, self._app.allow_camera)]
        found = [Target("pause", layout.button, self._app.toggle_pause)]
        if _has_camera_button(view):
            found.append(Target("camera", layout.camera_button, self._app.switch_camera))
        return found

    def _begin(self, canvas: Canvas, area: Rect) -> None:
        canvas.fill(area, INK)
        canvas.forget("header", "picture", "body", *PARTS, "button", "note")

    def _draw_picture(
        self, canvas: Canvas, layout: Layout, view: LabView, words: Mapping[str, str], *, held: bool
    ) -> None:
        key = (
            view.settings,
            view.model,
            view.preview_number,
            view.preview is None,
            view.answer if view.answer is not None and view.answer.kind != "classes" else None,
            view.trouble,
            held,
        )

        def draw() -> None:
            draw_picture(canvas, layout.picture, view, self._fixed, words)
            if _has_camera_button(view):
                draw_camera_button(canvas, layout.camera_button, held=held)

        canvas.zone("picture", key, draw)


def _lacks_permission(view: LabView) -> bool:
    return view.trouble is not None and view.trouble.code == PERMISSION


def _has_camera_button(view: LabView) -> bool:
    return view.source == "camera" and view.cameras > 1 and not _lacks_permission(view)


def _draw_header(canvas: Canvas, rect: Rect, view: LabView, words: Mapping[str, str]) -> None:
    model, threads = view.model, view.settings.threads
    name = model.name or "MobileNet Lab"
    facts: tuple[str, ...] = (words["no model"],)
    if view.opening:
        facts = (words["opening"],)
    elif model.columns:
        count = words["thread"] if threads == 1 else words["threads"].format(count=threads)
        size = (
            f"{model.columns} px"
            if model.columns == model.rows
            else (f"{model.columns} x {model.rows} px")
        )
        origin = words["sent" if model.sent else "packed"]
        applied, asked = model.applied, view.settings.delegate
        if applied != asked:
            applied = words["instead"].format(applied=applied, asked=asked)
        facts = (f"{size} {model.dtype}", applied, count, origin)

    def draw() -> None:
        canvas.fill(rect, INK)
        room = rect.width - LINK_WIDTH - 24
        beside = canvas.text_width(name, 40, MEDIUM) <= room  # else the link goes below the name
        link = Rect(rect.right - LINK_WIDTH, rect.top + (16 if beside else 66), LINK_WIDTH, 46)
        _draw_link(canvas, link, view, words)
        said = canvas.cut(name, 40, room if beside else rect.width, MEDIUM)
        canvas.text((rect.left, rect.top + 54), said, 40, BRIGHT, MEDIUM)
        _draw_facts(canvas, (rect.left, rect.top + 98), rect.width if beside else room, facts)

    canvas.zone("header", (name, facts, view.linked), draw)


def _draw_facts(canvas: Canvas, place: tuple[int, int], room: int, facts: tuple[str, ...]) -> None:
    """Write as many of the facts as there is room for, rather a bit smaller than fewer."""
    for count in range(len(facts), 0, -1):
        told = ", ".join(facts[:count])
        for size in (27, 24, 21):
            if canvas.text_width(told, size) <= room:
                canvas.text(place, told, size, DIM)
                return
    canvas.text(place, canvas.cut(facts[0], 21, room), 21, DIM)


def _draw_link(canvas: Canvas, pill: Rect, view: LabView, words: Mapping[str, str]) -> None:
    said, colour = (words["linked"], INK) if view.linked else (words["waiting"], DIM)
    canvas.pill(pill, MINT if view.linked else PANEL, 23)
    width = canvas.text((pill.middle[0] + 14, pill.top + 33), said, 27, colour, MEDIUM, "middle")
    centre = (pill.middle[0] - width // 2 - 6, pill.middle[1])
    canvas.disc(centre, 8, colour, -1 if view.linked else 3)


def _draw_body(canvas: Canvas, layout: Layout, view: LabView, words: Mapping[str, str]) -> None:
    """Draw answer and digits, or in their place what is wrong."""
    trouble = view.trouble
    if trouble is not None or view.opening:

        def draw() -> None:
            canvas.fill(layout.body.inset(-2), INK)
            canvas.forget(*PARTS)
            if trouble is not None:
                draw_trouble(canvas, layout.body, trouble, words)
            else:
                draw_opening(canvas, layout.body, words)

        canvas.zone("body", trouble or "opening", draw)
        return

    def clear() -> None:
        canvas.fill(layout.body.inset(-2), INK)
        canvas.forget(*PARTS)

    canvas.zone("body", "works", clear)
    key = (view.answer, view.source)
    canvas.zone("answer", key, lambda: draw_answer(canvas, layout.answers, view, words))
    _draw_digits(canvas, layout.digits, view, words)
    _draw_stages(canvas, layout.stages, view, words)


def _draw_digits(canvas: Canvas, rect: Rect, view: LabView, words: Mapping[str, str]) -> None:
    numbers = view.numbers
    latency = "--" if numbers.latency_ms is None else digits(numbers.latency_ms, words)
    rate = "--" if numbers.results_per_s is None else digits(numbers.results_per_s, words, 1)

    def draw() -> None:
        canvas.fill(rect, INK)
        size = min(124, rect.height * 5 // 8)
        small, unit = size * 9 // 16, size * 5 // 16
        base = rect.top + rect.height // 2 + size * 3 // 8 - 16
        width = canvas.text((rect.left, base), latency, size, WHITE, BOLD)
        canvas.text((rect.left + width + 10, base), "ms", unit, DIM, MEDIUM)
        fps = canvas.text((rect.right, base), "fps", unit, DIM, MEDIUM, "right")
        canvas.text((rect.right - fps - 10, base), rate, small, BRIGHT, MEDIUM, "right")
        canvas.text((rect.left, base + 46), words["latency"], 28, DIM)
        canvas.text((rect.right, base + 46), words["pipeline"], 28, DIM, REGULAR, "right")

    canvas.zone("digits", (latency, rate), draw)


def _draw_stages(canvas: Canvas, rect: Rect, view: LabView, words: Mapping[str, str]) -> None:
    one = view.numbers
    stages = (("camera", one.camera_ms), ("convert", one.convert_ms), ("post", one.post_ms),
              ("draw", one.draw_ms))  # fmt: skip
    known = one.latency_ms is not None
    texts = [f"{words[name]} {digits(ms, words, 1) if known else '--'}" for name, ms in stages]
    texts[-1] += " ms"

    def draw() -> None:
        canvas.fill(rect, INK)
        size = next(s for s in range(27, 8, -1)
                    if sum(canvas.text_width(text, s) for text in texts) <= rect.width - 60
                    )  # fmt: skip
        widths = [canvas.text_width(text, size) for text in texts]
        x, gap = rect.left, (rect.width - sum(widths)) // (len(texts) - 1)
        for text, width in zip(texts, widths, strict=True):
            canvas.text((x, rect.top + 30), text, size, DIM)
            x += width + gap

    canvas.zone("stages", tuple(texts), draw)


def _draw_button(
    canvas: Canvas, rect: Rect, view: LabView, words: Mapping[str, str], *, held: bool
) -> None:
    name = "go on" if view.settings.paused else "pause"
    if _lacks_permission(view):
        name = "allow"
    ground, colour = (SKY, INK) if held or name != "pause" else (RAISED, BRIGHT)

    def draw() -> None:
        canvas.fill(rect, INK)
        canvas.pill(rect, ground, rect.height // 2)
        x, y = rect.middle
        room = 0 if name == "allow" else 24  # for the sign before the word
        width = canvas.text((x + room, y + 14), words[name], 40, colour, MEDIUM, "middle")
        sign = x + 24 - width // 2 - 48
        if name == "pause":
            canvas.fill(Rect(sign, y - 16, 10, 32), colour)
            canvas.fill(Rect(sign + 19, y - 16, 10, 32), colour)
        elif name == "go on":
            canvas.polygon([(sign, y - 17), (sign + 28, y), (sign, y + 17)], colour)

    canvas.zone("button", (name, held), draw)


def _draw_note(canvas: Canvas, rect: Rect, note: str) -> None:
    x, y = rect.middle

    def draw() -> None:
        canvas.fill(rect, INK)
        canvas.text((x, y + 8), canvas.cut(note, 26, rect.width), 26, DIM, REGULAR, "middle")

    canvas.zone("note", note, draw)
