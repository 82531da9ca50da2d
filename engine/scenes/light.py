"""The light of a scene: time of day and weather."""

from dataclasses import dataclass
from typing import Final

from engine.scenes.canvas import Chance, Colour, between, lit, mixed, tinted

DAY, DULL, DUSK, NIGHT, RAIN, SNOW, FOG = "day", "dull", "dusk", "night", "rain", "snow", "fog"
LIGHTS: Final = (DAY, DULL, DUSK, NIGHT, RAIN, SNOW, FOG)


@dataclass(frozen=True, slots=True)
class Light:
    """Time of day and weather.

    Attributes:
        name: One of ``LIGHTS``.
        top: Colour of the sky overhead.
        low: Colour of the sky at the horizon; what is far takes it on.
        tint: What the light makes of each of red, green and blue; 1 is unchanged.
        haze_m: Distance at which two thirds of a thing's colour are lost.
        cloud: How much of the sky is covered, 0..1.
    """

    name: str
    top: Colour
    low: Colour
    tint: Colour
    haze_m: float
    cloud: float

    @property
    def dark(self) -> bool:
        """Whether lamps are lit."""
        return self.name == NIGHT

    def on(self, colour: Colour) -> Colour:
        """Return what a colour looks like in this light, near by."""
        red, green, blue = (min(255.0, c * t) for c, t in zip(colour, self.tint, strict=True))
        return red, green, blue

    def far(self, colour: Colour, distance_m: float) -> Colour:
        """Return what a colour looks like in this light, at a distance."""
        return mixed(self.on(colour), self.low, 1 - 2.7 ** (-distance_m / self.haze_m))


def make_light(chance: Chance, name: str) -> Light:
    """Return one light of the name; no two are alike."""
    if name == DAY:
        depth = between(chance, 0, 1)
        top = tinted(chance, mixed((150, 190, 232), (42, 96, 178), depth), 10)
        low = tinted(chance, mixed((236, 240, 242), (168, 200, 226), depth), 8)
        strength = between(chance, 0.85, 1.15)
        tint = (strength * between(chance, 1, 1.08), strength, strength * between(chance, 0.88, 1))
        return Light(name, top, low, tint, between(chance, 250, 1500), between(chance, 0, 0.8))
    if name == DUSK:
        top = tinted(chance, mixed((58, 66, 120), (120, 110, 150), between(chance, 0, 1)), 10)
        low = tinted(chance, mixed((250, 150, 80), (240, 190, 150), between(chance, 0, 1)), 12)
        strength = between(chance, 0.38, 0.75)
        tint = (strength * 1.12, strength * 0.92, strength * 0.86)
        return Light(name, top, low, tint, between(chance, 150, 600), between(chance, 0.1, 0.8))
    if name == NIGHT:
        top = tinted(chance, (10, 13, 28), 6)
        low = tinted(chance, mixed((26, 30, 52), (66, 50, 40), between(chance, 0, 1)), 8)
        strength = between(chance, 0.14, 0.34)
        tint = (strength * 1.05, strength * 0.98, strength)
        return Light(name, top, low, tint, between(chance, 120, 400), between(chance, 0, 0.3))
    grey = {
        DULL: (206, 210, 214),
        RAIN: (150, 158, 166),
        SNOW: (214, 218, 224),
        FOG: (204, 208, 208),
    }
    low = tinted(chance, grey[name], 12)
    top = lit(low, between(chance, 0.72, 0.98))
    strength = between(chance, 0.6, 0.8) if name == RAIN else between(chance, 0.72, 0.98)
    haze = {DULL: (300, 1200), RAIN: (70, 300), SNOW: (60, 400), FOG: (22, 80)}[name]
    tint = (strength * 0.98, strength, strength * between(chance, 1, 1.05))
    return Light(name, top, low, tint, between(chance, *haze), between(chance, 0.8, 1))
