"""What the scatter shows, as arrays: the view's rules end here, painting begins."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from gui.compare.axes import Axis

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PLAIN, FAINT, GREY = "plain", "faint", "grey"
"""How a mark is drawn: as it is, for what is not valid, and for references."""
APART = " \N{MIDDLE DOT} "
"""Between the parts of what is said of a mark."""


class Look(NamedTuple):
    """One kind of mark: colour is alpha, shape the resolution, filling the precision."""

    alpha: float | None
    resolution: int | None
    precision: str
    tone: str = PLAIN


@dataclass(frozen=True, eq=False)
class Scene:
    """All marks of a scatter.

    Attributes:
        x: Shape (n,), the cost.
        y: Shape (n,), top-1 in percent.
        look: Shape (n,), which of ``looks`` each is.
        looks: The kinds of marks.
        names: Of each, the model that a click chooses; empty for what cannot be.
        tips: What is said of each.
        x_axis: The cost's axis.
        y_axis: The axis of top-1.
        x_bars: (index, low, high) of intervals of the cost.
        y_bars: The same of top-1.
        front: Indices on the Pareto front, by rising cost.
        crossed: Indices of who is dominated.
        ringed: Indices of who was only predicted.
        notes: Lines of the legend: why the grey ones are not comparable.
        empty: What stands there when nothing does.
    """

    x: "NDArray[np.float64]"
    y: "NDArray[np.float64]"
    look: "NDArray[np.intp]"
    looks: Sequence[Look]
    names: Sequence[str]
    tips: Sequence[str]
    x_axis: Axis
    y_axis: Axis
    x_bars: Sequence[tuple[int, float, float]] = ()
    y_bars: Sequence[tuple[int, float, float]] = ()
    front: Sequence[int] = ()
    crossed: Sequence[int] = ()
    ringed: Sequence[int] = ()
    notes: Sequence[str] = ()
    empty: str = ""


@dataclass(frozen=True)
class Marked:
    """What is pointed out over a scene; it changes with each move of a slider.

    Attributes:
        most_x: The budget's limit of the cost; None for none on this axis.
        least_y: The budget's limit of top-1, percent.
        labels: (name, word) of the recommended and the runner-up.
    """

    most_x: float | None = None
    least_y: float | None = None
    labels: Sequence[tuple[str, str]] = field(default=())
