"""Views of one picture to learn from: other crops, colours, light, sharpness and damage.

Strong on purpose. Drawn scenes and a few hundred photographs of three places are all that the
sample model sees; what it learns has to hold for cameras, countries and weather that it never
saw. So colour, brightness and texture are made worthless as clues, and shape is left.
"""

import math

import cv2
import numpy as np

from engine.scenes.canvas import CELLS, GRAIN, ROUGH, SOFT, STREAK, Chance, Picture, noise

GREY_SHARE = 0.22
DARK_SHARE = 0.15
_TEXTURES = [
    noise(kind, number) for kind in (SOFT, ROUGH, GRAIN, CELLS, STREAK) for number in (0, 1)
]


def view(rgb: Picture, chance: Chance, side: int) -> Picture:
    """Return one view of a picture.

    Args:
        rgb: Shape (h, w, 3); its shorter side is no less than ``side``, or it gets soft.
        chance: Which view.
        side: Rows and columns of the view.
    """
    seen = _cut(rgb, chance, side)
    seen = _sharpness(seen, chance, side)
    seen = _surface(seen, chance, side)
    seen = _colours(seen, chance)
    return _damage(seen, chance, side)


def _cut(rgb: Picture, chance: Chance, side: int) -> Picture:
    """Cut out a third to all of the picture, a little turned or squeezed, perhaps mirrored."""
    height, width = rgb.shape[:2]
    edge = math.sqrt(chance.uniform(0.35, 1)) * min(height, width)
    squeeze = math.exp(chance.uniform(-0.3, 0.3))
    cut_w = min(width, edge * math.sqrt(squeeze) * chance.uniform(1, 1.25))
    cut_h = min(height, edge / math.sqrt(squeeze))
    x, y = (
        chance.uniform(cut_w / 2, width - cut_w / 2),
        chance.uniform(cut_h / 2, height - cut_h / 2),
    )
    angle = math.radians(chance.normal(0, 5)) if chance.random() < 0.5 else 0.0
    across = cut_w / side * (-1 if chance.random() < 0.5 else 1)
    down = cut_h / side
    turn = np.array(
        [[across * math.cos(angle), -down * math.sin(angle), 0],
         [across * math.sin(angle), down * math.cos(angle), 0]]
    )  # fmt: skip
    turn[:, 2] = np.array((x, y)) - turn[:, :2].sum(1) * side / 2
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(rgb, turn, (side, side), flags=how, borderMode=cv2.BORDER_REFLECT_101)


def _sharpness(seen: Picture, chance: Chance, side: int) -> Picture:
    kind = chance.random()
    if kind < 0.12:
        return cv2.GaussianBlur(seen, (0, 0), side / 128 * chance.uniform(0.5, 1.8))
    if kind < 0.22:
        small = max(20, int(side * chance.uniform(0.35, 0.8)))
        coarse = cv2.resize(seen, (small, small), interpolation=cv2.INTER_AREA)
        return cv2.resize(coarse, (side, side))
    if kind < 0.42:
        soft = cv2.GaussianBlur(seen, (0, 0), side / 128 * 1.5)
        more = chance.uniform(0.3, 1.5)
        return cv2.addWeighted(seen, 1 + more, soft, -more, 0)
    return seen


def _surface(seen: Picture, chance: Chance, side: int) -> Picture:
    """Lay texture or uneven light over the picture."""
    if chance.random() < 0.35:
        tile = _TEXTURES[chance.integers(len(_TEXTURES))]
        top, left = chance.integers(0, tile.shape[0] - side, 2)
        tone = tile[top : top + side, left : left + side]
        if chance.random() < 0.5:
            tone = tone[:, ::-1]
        tone = 1 + chance.uniform(0.05, 0.35) * tone
        seen = np.clip(seen * tone[..., None], 0, 255).astype(np.uint8)
    if chance.random() < 0.2:
        right, down = chance.normal(0, 0.35, 2)
        x, y = np.linspace(-1, 1, side)[None], np.linspace(-1, 1, side)[:, None]
        tone = np.clip(1 + right * x + down * y, 0.15, 2)
        seen = np.clip(seen * tone[..., None], 0, 255).astype(np.uint8)
    return seen


def _colours(seen: Picture, chance: Chance) -> Picture:
    light = np.linspace(0, 1, 256)[:, None]
    exposure = math.exp(chance.normal(0, 0.25))
    if chance.random() < DARK_SHARE:
        exposure *= chance.uniform(0.12, 0.5)
    contrast = math.exp(chance.normal(0, 0.25))
    gains = np.exp(chance.normal(0, 0.1, 3)) if chance.random() < 0.7 else np.ones(3)
    shown = light ** math.exp(chance.normal(0, 0.3)) * exposure * gains
    table = np.clip(((shown - 0.45) * contrast + 0.45) * 255, 0, 255).astype(np.uint8)[None]
    kind = chance.random()
    if kind < GREY_SHARE:
        seen = cv2.cvtColor(cv2.cvtColor(seen, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
        if chance.random() < 0.75:  # the others keep a tint, as old photographs do
            table = np.repeat(table[:, :, 1:2], 3, 2)
    elif kind < 0.75:
        seen = _other_hues(seen, chance)
    return cv2.LUT(seen, np.ascontiguousarray(table))


def _other_hues(seen: Picture, chance: Chance) -> Picture:
    """Make colours stronger or weaker, and turn some about the grey axis."""
    grey = cv2.cvtColor(seen, cv2.COLOR_RGB2GRAY)[..., None].astype(np.float32)
    tinted = grey + (seen - grey) * math.exp(chance.normal(0, 0.45))
    if chance.random() < 0.35:
        angle = chance.normal(0, 0.35)
        cosine, sine = math.cos(angle), math.sin(angle) / math.sqrt(3)
        turn = (1 - cosine) / 3 + np.array(
            [[cosine, -sine, sine], [sine, cosine, -sine], [-sine, sine, cosine]]
        )
        tinted = tinted @ turn.T.astype(np.float32)
    return np.clip(tinted, 0, 255).astype(np.uint8)


def _damage(seen: Picture, chance: Chance, side: int) -> Picture:
    if chance.random() < 0.3:
        channels = 1 if chance.random() < 0.5 else 3
        grain = chance.normal(0, chance.uniform(2, 18), (side, side, channels))
        seen = np.clip(seen + grain, 0, 255).astype(np.uint8)
    if chance.random() < 0.15:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(chance.integers(15, 70))]
        seen = cv2.imdecode(cv2.imencode(".jpg", seen, quality)[1], cv2.IMREAD_UNCHANGED)
    if chance.random() < 0.25:  # something stands before the camera
        seen = seen.copy()
        for _ in range(int(chance.integers(1, 3))):
            high, wide = chance.integers(side // 16, side // 2, 2)
            top, left = chance.integers(0, side - high), chance.integers(0, side - wide)
            shape = (3,) if chance.random() < 0.5 else (high, wide, 3)
            seen[top : top + high, left : left + wide] = chance.integers(0, 256, shape)
    return seen
