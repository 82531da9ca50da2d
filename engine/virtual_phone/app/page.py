"""Draws the lab's app: camera picture, answers, latency, and one button."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.models.recognition import Box
from engine.virtual_phone.app.lab_app import LabApp
from engine.virtual_phone.app.numbers import LabView, Trouble
from engine.virtual_phone.screen.camera import clock_ns, fit_picture
from engine.virtual_phone.screen.pages import Page, Target
from engine.virtual_phone.screen.paint import (
    BOLD,
    BRIGHT,
    DIM,
    INK,
    MEDIUM,
    MINT,
    ORANGE,
    PANEL,
    RAISED,
    REGULAR,
    SKY,
    VERMILION,
    WHITE,
    Canvas,
    Rect,
)
from engine.virtual_phone.screen.scene import draw_scene

TITLES = {
    "background": ("Not on the screen", "Open the app."),
    "no_model": ("No model", "Deploy one from the lab."),
    "bad_model": ("The model cannot be opened", "Deploy another one from the lab."),
    "no_camera": ("No picture", "Choose another source in the lab."),
    "camera_permission": ("The camera is not allowed", "Tap the button to allow it."),
    "inference": ("The model failed", "Deploy another one from the lab."),
}
BOX_COLOURS = (ORANGE, SKY, MINT)
LEAST_SCORE = 0.4
"""Boxes with less are not drawn, as PROTOCOL.md says; they do go to the lab."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the parts of the view are."""

    header: Rect
    picture: Rect
    answers: Rect
    digits: Rect
    stages: Rect
    button: Rect
    note: Rect

    @property
    def body(self) -> Rect:
        """Answers, digits and stages together, where trouble is told."""
        height = self.stages.bottom - self.answers.top
        return Rect(self.answers.left, self.answers.top, self.answers.width, height)


def lay_out(area: Rect) -> Layout:
    """Place the parts in portrait below each other, in landscape beside the picture."""
    if area.height >= area.width:
        left, width, top = area.left + 32, area.width - 64, area.top
        tall = area.width * 3 // 4
        below = top + 120 + tall
        return Layout(
            header=Rect(left, top, width, 120),
            picture=Rect(area.left, top + 120, area.width, tall),
            answers=Rect(left, below + 28, width, 276),
            digits=Rect(left, below + 324, width, 196),
            stages=Rect(left, below + 528, width, 44),
            button=Rect(left, below + 596, width, 96),
            note=Rect(left, below + 708, width, 48),
        )
    wide = min(area.height * 4 // 3, area.width - 480)
    left, width, top = area.left + wide + 32, area.width - wide - 64, area.top
    return Layout(
        header=Rect(left, top, width, 112),
        picture=Rect(area.left, top, wide, area.height),
        answers=Rect(left, top + 112, width, 216),
        digits=Rect(left, top + 332, width, 156),
        stages=Rect(left, top + 492, width, 36),
        button=Rect(left, top + 540, width, 72),
        note=Rect(left, top + 620, width, 40),
    )


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
        canvas.zone("page", "lab", lambda: canvas.fill(area, INK))
        _draw_header(canvas, layout.header, view)
        self._draw_picture(canvas, layout.picture, view)
        if view.trouble is not None:
            _draw_trouble(canvas, layout.body, view.trouble)
        elif view.opening:
            _draw_opening(canvas, layout.body)
        else:
            canvas.zone("body", "works", lambda: _clear_body(canvas, layout))
            _draw_answers(canvas, layout.answers, view)
            _draw_digits(canvas, layout.digits, view)
            _draw_stages(canvas, layout.stages, view)
        _draw_button(canvas, layout.button, view, held=pressed in ("pause", "allow"))
        x, y = layout.note.middle

        def note() -> None:
            canvas.fill(layout.note, INK)
            canvas.text((x, y + 8), view.note, 24, DIM, REGULAR, "middle")

        canvas.zone("note", view.note, note)
        if canvas.changed:
            self._app.drew(clock_ns() - begun)

    def targets(self, area: Rect) -> list[Target]:
        """See ``Page.targets``."""
        button = lay_out(area).button
        if _needs_permission(self._app.view()):
            return [Target("allow", button, self._app.allow_camera)]
        return [Target("pause", button, self._app.toggle_pause)]

    def _draw_picture(self, canvas: Canvas, rect: Rect, view: LabView) -> None:
        camera = None if _needs_permission(view) else view.picture
        shown = camera.number if camera is not None else view.source
        works = view.trouble is None and view.source == "camera"
        boxes = view.entries if view.detection and works else ()
        cropped = not view.detection and view.resolution > 0
        key = (shown, boxes, cropped, view.paused, view.untrained, view.source)

        def draw() -> None:
            whole = _fit(rect)
            if whole != rect:
                canvas.fill(rect, INK)
            if view.source == "loop":
                canvas.place(self._fixed, whole)
                canvas.shade(whole, 0.35)
            elif camera is not None:
                canvas.place(camera.rgb, whole)
            else:
                canvas.fill(whole, PANEL)
            if cropped and view.source == "camera" and camera is not None:
                _mark_square(canvas, whole)
            for number, (name, box) in enumerate(boxes):
                if isinstance(box, Box) and box.score >= LEAST_SCORE:
                    _draw_box(canvas, whole, name, box, BOX_COLOURS[number % len(BOX_COLOURS)])
            _draw_marks(canvas, whole, view)

        canvas.zone("picture", key, draw)


def _fit(rect: Rect) -> Rect:
    """Return the largest 4:3 rectangle in the middle of ``rect``."""
    width = min(rect.width, rect.height * 4 // 3)
    height = width * 3 // 4
    left, top = rect.left + (rect.width - width) // 2, rect.top + (rect.height - height) // 2
    return Rect(left, top, width, height)


def _mark_square(canvas: Canvas, rect: Rect) -> None:
    """Darken what the model does not see."""
    side = (rect.width - rect.height) // 2
    canvas.shade(Rect(rect.left, rect.top, side, rect.height), 0.45)
    canvas.shade(Rect(rect.right - side, rect.top, side, rect.height), 0.45)
    arm = 36
    for x, inward in ((rect.left + side, 1), (rect.right - side - 1, -1)):
        for y, down in ((rect.top + 4, 1), (rect.bottom - 5, -1)):
            canvas.line([(x, y + down * arm), (x, y), (x + inward * arm, y)], WHITE, 4)


def _draw_box(
    canvas: Canvas, picture: Rect, name: str, box: Box, colour: tuple[int, int, int]
) -> None:
    room = picture.inset(3)  # the line is wide, and outside nothing would wipe it away
    left = max(room.left, picture.left + round(box.left * picture.width))
    top = max(room.top, picture.top + round(box.top * picture.height))
    right = min(room.right, picture.left + round(box.right * picture.width))
    bottom = min(room.bottom, picture.top + round(box.bottom * picture.height))
    if right - left < 8 or bottom - top < 8:
        return
    canvas.frame(Rect(left, top, right - left, bottom - top), colour, 4)
    text = f"{name}  {box.score * 100:.0f} %"
    width = min(canvas.text_width(text, 24, MEDIUM) + 20, picture.right - left)
    place = Rect(left, max(picture.top, top - 34), width, 34)
    canvas.fill(place, colour)
    canvas.text((left + 10, place.top + 25), text, 24, INK, MEDIUM)


def _draw_marks(canvas: Canvas, rect: Rect, view: LabView) -> None:
    marks = []
    if view.untrained:
        marks.append(("untrained: the answers mean nothing", ORANGE))
    if view.source == "loop":
        marks.append(("loop: one fixed picture, no camera", BRIGHT))
    if view.paused:
        marks.append(("paused", SKY))
    for row, (text, colour) in enumerate(marks):
        width = canvas.text_width(text, 26, MEDIUM) + 40
        place = Rect(rect.left + 24, rect.top + 24 + row * 60, width, 48)
        canvas.pill(place, INK, 24)
        canvas.text((place.left + 20, place.top + 34), text, 26, colour, MEDIUM)


def _draw_header(canvas: Canvas, rect: Rect, view: LabView) -> None:
    name = view.model_name or "MobileNet Lab"
    facts = f"{view.resolution} px {view.dtype}, {view.model_origin}, {view.execution}"
    if not view.resolution:
        facts = "opening the model" if view.opening else "no model"

    def draw() -> None:
        canvas.fill(rect, INK)
        waits = "waiting for the lab" if rect.width > 600 else "waiting"
        said, colour = ("linked", MINT) if view.linked else (waits, DIM)
        right = rect.right - canvas.text((rect.right, rect.top + 52), said, 26, colour,
                                         MEDIUM, "right")  # fmt: skip
        centre = (right - 22, rect.top + 43)
        canvas.disc(centre, 9, colour, -1 if view.linked else 3)
        room = right - 48 - rect.left
        canvas.text((rect.left, rect.top + 52), canvas.cut(name, 34, room, MEDIUM), 34,
                    BRIGHT, MEDIUM)  # fmt: skip
        canvas.text((rect.left, rect.top + 94), canvas.cut(facts, 25, rect.width), 25, DIM)

    canvas.zone("header", (name, facts, view.linked), draw)


def _draw_answers(canvas: Canvas, rect: Rect, view: LabView) -> None:
    rows = [(name, round(one.score * 100)) for name, one in view.entries[:3]]
    if view.detection:
        rows = [row for row in rows if row[1] >= LEAST_SCORE * 100]

    def draw() -> None:
        canvas.fill(rect, INK)
        step = rect.height // 3
        if not rows:
            text = "nothing found" if view.detection else "looking"
            text = "answers are not read in a loop" if view.source == "loop" else text
            canvas.text((rect.left, rect.top + 44), text, 34, DIM)
        for number, (name, percent) in enumerate(rows):
            y = rect.top + number * step
            bar = Rect(rect.left, y + step - 22, rect.width, 12)
            best = number == 0
            said = canvas.cut(name, 34, rect.width - 140, MEDIUM if best else REGULAR)
            canvas.text((rect.left, bar.top - 16), said, 34, BRIGHT if best else DIM,
                        MEDIUM if best else REGULAR)  # fmt: skip
            canvas.text((rect.right, bar.top - 16), f"{percent} %", 34,
                        BRIGHT if best else DIM, MEDIUM, "right")  # fmt: skip
            canvas.pill(bar, PANEL, 6)
            length = round(rect.width * min(percent, 100) / 100)
            if length >= 12:
                canvas.pill(Rect(bar.left, bar.top, length, 12), SKY if best else (70, 110, 140), 6)

    canvas.zone("answers", tuple(rows), draw)


def _draw_digits(canvas: Canvas, rect: Rect, view: LabView) -> None:
    numbers = view.numbers
    latency = "--" if numbers.latency_ms is None else _digits(numbers.latency_ms)
    rate = "--" if numbers.results_per_s is None else _digits(numbers.results_per_s, 1)

    def draw() -> None:
        canvas.fill(rect, INK)
        size = min(112, rect.height * 5 // 8)
        base = rect.top + rect.height // 2 + size * 3 // 8 - 16
        width = canvas.text((rect.left, base), latency, size, WHITE, BOLD)
        canvas.text((rect.left + width + 12, base), "ms", size * 3 // 8, DIM, MEDIUM)
        canvas.text((rect.left, base + 44), "latency, median", 25, DIM)
        unit = canvas.text((rect.right, base), "fps", size * 3 // 8, DIM, MEDIUM, "right")
        canvas.text((rect.right - unit - 12, base), rate, size * 5 // 8, BRIGHT, MEDIUM, "right")
        canvas.text((rect.right, base + 44), "pipeline", 25, DIM, REGULAR, "right")

    canvas.zone("digits", (latency, rate), draw)


def _digits(value: float, most: int = 2) -> str:
    """Write a number with three digits or so, at most ``most`` after the point."""
    places = 2 if value < 10 else 1 if value < 100 else 0
    return f"{value:.{min(places, most)}f}"


def _draw_stages(canvas: Canvas, rect: Rect, view: LabView) -> None:
    one = view.numbers
    stages = (("camera", one.camera_ms), ("convert", one.convert_ms), ("post", one.post_ms),
              ("draw", one.draw_ms))  # fmt: skip
    texts = tuple(f"{name} {value:.1f}" for name, value in stages)

    def draw() -> None:
        canvas.fill(rect, INK)
        size = 25 if rect.width > 600 else 22
        step = rect.width // len(texts)
        for number, text in enumerate(texts):
            last = number == len(texts) - 1
            x = rect.right if last else rect.left + number * step
            said = f"{text} ms" if last else text
            canvas.text((x, rect.top + 30), said, size, DIM, REGULAR, "right" if last else "left")

    canvas.zone("stages", texts, draw)


def _draw_trouble(canvas: Canvas, rect: Rect, trouble: Trouble) -> None:
    title, advice = TITLES.get(trouble.code, ("Something is wrong", ""))

    def draw() -> None:
        canvas.fill(rect, INK)
        _forget_body(canvas)
        canvas.pill(Rect(rect.left, rect.top, rect.width, rect.height - 24), PANEL, 20)
        canvas.pill(Rect(rect.left, rect.top, 12, rect.height - 24), VERMILION, 6)
        x, y, room = rect.left + 44, rect.top + 76, rect.width - 80
        canvas.text((x, y), canvas.cut(title, 40, room, MEDIUM), 40, BRIGHT, MEDIUM)
        for line in [*canvas.wrap(trouble.text, 28, room)[:5], "", *canvas.wrap(advice, 28, room)]:
            y += 44 if line else 16
            canvas.text((x, y + 12), line, 28, DIM)

    canvas.zone("body", (trouble.code, trouble.text), draw)


def _draw_opening(canvas: Canvas, rect: Rect) -> None:
    def draw() -> None:
        canvas.fill(rect, INK)
        _forget_body(canvas)
        canvas.pill(Rect(rect.left, rect.top, rect.width, rect.height - 24), PANEL, 20)
        x, y = rect.left + 44, rect.top + 76
        canvas.text((x, y), "Opening the model", 40, BRIGHT, MEDIUM)

    canvas.zone("body", "opening", draw)


def _clear_body(canvas: Canvas, layout: Layout) -> None:
    canvas.fill(layout.body.inset(-2), INK)
    _forget_body(canvas)


def _forget_body(canvas: Canvas) -> None:
    canvas.forget("answers", "digits", "stages")


def _needs_permission(view: LabView) -> bool:
    return view.trouble is not None and view.trouble.code == "camera_permission"


def _draw_button(canvas: Canvas, rect: Rect, view: LabView, *, held: bool) -> None:
    text = "Pause"
    if _needs_permission(view):
        text = "Allow the camera"
    elif view.paused:
        text = "Go on"

    def draw() -> None:
        canvas.fill(rect, INK)
        canvas.pill(rect, SKY if held else RAISED, rect.height // 2)
        x, y = rect.middle
        colour = INK if held else BRIGHT
        width = canvas.text((x + 24, y + 12), text, 36, colour, MEDIUM, "middle")
        sign = x + 24 - width // 2 - 44
        if text == "Pause":
            canvas.fill(Rect(sign, y - 15, 9, 30), colour)
            canvas.fill(Rect(sign + 17, y - 15, 9, 30), colour)
        else:
            canvas.polygon([(sign, y - 16), (sign + 26, y), (sign, y + 16)], colour)

    canvas.zone("button", (text, held), draw)
