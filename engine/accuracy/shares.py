"""So many of so many: a fraction with the interval that it deserves."""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

_Z: Final = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True, slots=True)
class Share:
    """``hits`` of ``n``.

    Attributes:
        hits: 0 to ``n``.
        n: At least 1.
    """

    hits: int
    n: int

    def __post_init__(self) -> None:
        """Reject what cannot be counted."""
        if not 0 <= self.hits <= self.n or self.n < 1:
            raise ValueError(f"{self.hits} of {self.n}")

    @property
    def value(self) -> float:
        """Return the fraction, 0..1."""
        return self.hits / self.n

    @property
    def interval(self) -> tuple[float, float]:
        """Return Wilson's 95 % interval, within 0..1.

        Source: E. B. Wilson, "Probable inference, the law of succession, and statistical
        inference", JASA 22 (1927). Unlike value +- 1.96 s it holds for few pictures and near
        0 and 1.
        """
        z2 = _Z * _Z
        middle = (self.hits + z2 / 2) / (self.n + z2)
        spread = _Z / (self.n + z2) * math.sqrt(self.hits * (self.n - self.hits) / self.n + z2 / 4)
        return max(0.0, middle - spread), min(1.0, middle + spread)

    def __str__(self) -> str:
        """Return for instance ``95.0 % (93.0 to 96.5, n = 600)``."""
        low, high = self.interval
        return f"{100 * self.value:.1f} % ({100 * low:.1f} to {100 * high:.1f}, n = {self.n})"
