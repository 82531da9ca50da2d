"""Where the parts of the lab app's view are, upright and sideways."""

from dataclasses import dataclass

from engine.virtual_phone.screen.paint import Rect

MARGIN = 32
BUTTON = 96
"""Side of the round button on the picture."""


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

    @property
    def camera_button(self) -> Rect:
        """Where the other camera is chosen: in the picture's lower right corner."""
        right, bottom = self.picture.right - 20, self.picture.bottom - 20
        return Rect(right - BUTTON, bottom - BUTTON, BUTTON, BUTTON)


def lay_out(area: Rect) -> Layout:
    """Place the parts in portrait below each other, in landscape beside the picture."""
    if area.height >= area.width:
        left, width, top = area.left + MARGIN, area.width - 2 * MARGIN, area.top
        below = top + 124 + area.width * 3 // 4
        return Layout(
            header=Rect(left, top, width, 124),
            picture=Rect(area.left, top + 124, area.width, area.width * 3 // 4),
            answers=Rect(left, below + 28, width, 288),
            digits=Rect(left, below + 332, width, 196),
            stages=Rect(left, below + 536, width, 44),
            button=Rect(left, below + 600, width, 96),
            note=Rect(left, below + 708, width, 44),
        )
    wide = min(area.height * 4 // 3, area.width - 480)
    left, width, top = area.left + wide + MARGIN, area.width - wide - 2 * MARGIN, area.top
    return Layout(
        header=Rect(left, top, width, 112),
        picture=Rect(area.left, top, wide, area.height),
        answers=Rect(left, top + 120, width, 222),
        digits=Rect(left, top + 350, width, 146),
        stages=Rect(left, top + 498, width, 36),
        button=Rect(left, top + 544, width, 72),
        note=Rect(left, top + 622, width, 36),
    )


def fit_inside(rect: Rect, width: int, height: int) -> Rect:
    """Return the largest rectangle of these proportions in the middle of ``rect``."""
    across = min(rect.width, rect.height * width // height)
    down = min(rect.height, across * height // width)
    left, top = rect.left + (rect.width - across) // 2, rect.top + (rect.height - down) // 2
    return Rect(left, top, across, down)
