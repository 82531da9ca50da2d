"""Write the vectors beside this file, from PROTOCOL.md's words in exact fractions.

Slow and plain on purpose: it is nobody's implementation, and no implementation made them.
Run it only when the page changes: ``python tests/vectors/preprocessing/write.py``.
"""

import json
import struct
from fractions import Fraction
from math import floor
from pathlib import Path

HERE = Path(__file__).parent

Pixel = tuple[int, int, int]
Picture = list[list[Pixel]]

CASES = {
    # name: width, height, rotation, fit, tensor's rows and columns
    "square_of_landscape": (8, 6, 0, "crop", 4, 4),
    "turned_90_of_odd_size": (7, 5, 90, "crop", 3, 3),
    "turned_180_and_enlarged": (3, 3, 180, "crop", 5, 5),
    "turned_270_and_stretched": (6, 4, 270, "stretch", 5, 4),
    "same_size": (4, 4, 0, "crop", 4, 4),
    "square_of_odd_portrait": (5, 8, 0, "crop", 4, 4),
    "stretched_portrait": (5, 9, 0, "stretch", 4, 4),
    "letterbox_of_landscape": (8, 4, 0, "letterbox", 4, 4),  # 4 x 2, a bar of 1 above and below
    "letterbox_of_portrait": (4, 8, 0, "letterbox", 6, 6),  # 3 x 6, bars of 1 and 2
    "letterbox_turned_90": (9, 6, 90, "letterbox", 6, 6),  # 4 x 6
    "letterbox_turned_180": (8, 4, 180, "letterbox", 6, 6),
    "letterbox_turned_270": (9, 6, 270, "letterbox", 6, 6),
    "letterbox_of_odd_size": (9, 5, 0, "letterbox", 7, 7),  # 3.89 rows are 4
    "letterbox_rounds_half_up": (8, 6, 0, "letterbox", 6, 6),  # 4.5 rows are 5
    "letterbox_rounds_half_up_across": (6, 8, 0, "letterbox", 6, 6),
    "letterbox_rounds_down": (7, 4, 0, "letterbox", 6, 6),  # 3.43 rows are 3
    "letterbox_enlarged": (3, 2, 0, "letterbox", 8, 8),
    "letterbox_of_the_inputs_shape": (8, 4, 0, "letterbox", 3, 6),  # no bars
    "letterbox_of_oblong_input": (5, 5, 0, "letterbox", 4, 7),
    "letterbox_of_one_row": (24, 1, 0, "letterbox", 5, 5),  # 0.2 rows are 1
    "letterbox_of_one_column": (1, 24, 0, "letterbox", 4, 4),
}
INPUTS = [
    ("float32", 0.0, 0),
    ("uint8", 1 / 128, 128),  # the bytes themselves
    ("uint8", 0.02, 100),
    ("int8", 1 / 127.5, -1),  # as a float32 no pixel lies on a tie, all lie near one
    ("int8", 1 / 128, 0),
]


def noise(seed: int, count: int) -> bytes:
    """Return bytes that use the whole range, the ends more often than chance would."""
    values = bytearray()
    state = seed
    for _ in range(count):
        state = (state * 1_103_515_245 + 12_345) % 2**31
        values.append({0: 0, 1: 255}.get(state // 65_536 % 8, state // 2**20 % 256))
    return bytes(values)


def rgb(luma: int, u: int, v: int) -> Pixel:
    """Full-range BT.601 in 16-bit fixed point."""
    base = 65_536 * luma + 32_768
    sums = (
        base + 91_881 * (v - 128),
        base - 22_554 * (u - 128) - 46_802 * (v - 128),
        base + 116_130 * (u - 128),
    )
    red, green, blue = (min(max(each // 65_536, 0), 255) for each in sums)
    return red, green, blue


def upright(planes: list[bytes], width: int, height: int, rotation: int) -> Picture:
    """Turn Y, U and V, packed, into the picture as a person holds it."""
    luma, u, v = planes
    half = (width + 1) // 2
    picture = [
        [
            rgb(luma[y * width + x], u[y // 2 * half + x // 2], v[y // 2 * half + x // 2])
            for x in range(width)
        ]
        for y in range(height)
    ]
    for _ in range(rotation // 90):  # a quarter turn clockwise
        picture = [list(column) for column in zip(*picture[::-1], strict=True)]
    return picture


def centred_square(picture: Picture) -> Picture:
    """Cut the largest centred square; offsets are rounded down."""
    height, width = len(picture), len(picture[0])
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return [row[left : left + side] for row in picture[top : top + side]]


def resize(picture: Picture, rows: int, columns: int) -> Picture:
    """Bilinear, half-pixel centres, edges repeated, rounded half up."""

    def taps(source: int, target: int, i: int) -> list[tuple[int, Fraction]]:
        at = (i + Fraction(1, 2)) * source / target - Fraction(1, 2)
        at = min(max(at, Fraction(0)), Fraction(source - 1))
        first = floor(at)
        return [(first, 1 - (at - first)), (min(first + 1, source - 1), at - first)]

    def pixel(row: int, column: int) -> Pixel:
        down = taps(len(picture), rows, row)
        across = taps(len(picture[0]), columns, column)
        red, green, blue = (
            floor(
                sum(picture[y][x][channel] * wy * wx for y, wy in down for x, wx in across)
                + Fraction(1, 2)
            )
            for channel in range(3)
        )
        return red, green, blue

    return [[pixel(row, column) for column in range(columns)] for row in range(rows)]


def letterboxed(picture: Picture, rows: int, columns: int) -> Picture:
    """Resize the whole picture to as much of the input as it fills; black around it."""
    height, width = len(picture), len(picture[0])
    scale = min(Fraction(columns, width), Fraction(rows, height))
    filled_rows = max(1, floor(height * scale + Fraction(1, 2)))
    filled_columns = max(1, floor(width * scale + Fraction(1, 2)))
    top, left = (rows - filled_rows) // 2, (columns - filled_columns) // 2
    seen: Picture = [[(0, 0, 0)] * columns for _ in range(rows)]
    for row, line in enumerate(resize(picture, filled_rows, filled_columns)):
        seen[top + row][left : left + filled_columns] = line
    return seen


def fitted(picture: Picture, fit: str, rows: int, columns: int) -> Picture:
    """Return the pixels of the model's input."""
    if fit == "letterbox":
        return letterboxed(picture, rows, columns)
    return resize(centred_square(picture) if fit == "crop" else picture, rows, columns)


def tensor(pixels: list[int], dtype: str, scale: float, zero_point: int) -> bytes:
    """Return the input's bytes, floats little-endian."""
    real = [Fraction(2 * value - 255, 255) for value in pixels]
    if dtype == "float32":
        return b"".join(struct.pack("<f", float(each)) for each in real)
    near = any(abs(scale - each) <= each / 100 for each in (1 / 128, 1 / 127.5))
    if dtype == "uint8" and near and zero_point in (127, 128):
        return bytes(pixels)
    low = 0 if dtype == "uint8" else -128
    steps = [floor(float(each) / scale + 0.5) + zero_point for each in real]  # double precision
    return bytes(min(max(step, low), low + 255) % 256 for step in steps)


def vector(name: str, seed: int) -> dict[str, object]:
    """Return one vector as JSON values; see README.md."""
    width, height, rotation, fit, rows, columns = CASES[name]
    half, below = (width + 1) // 2, (height + 1) // 2
    sizes = (width * height, half * below, half * below)
    planes = [noise(seed * 10 + number, size) for number, size in enumerate(sizes)]
    picture = upright(planes, width, height, rotation)
    seen = fitted(picture, fit, rows, columns)
    pixels = [channel for row in seen for pixel in row for channel in pixel]
    tensors = []
    for dtype, wanted, zero_point in INPUTS:
        (scale,) = struct.unpack("<f", struct.pack("<f", wanted))
        data = tensor(pixels, dtype, scale, zero_point).hex()
        tensors.append({"dtype": dtype, "scale": scale, "zero_point": zero_point, "hex": data})
    return {
        "picture": {"width": width, "height": height, "rotation": rotation}
        | {plane: data.hex() for plane, data in zip("yuv", planes, strict=True)},
        "upright": [bytes(c for pixel in row for c in pixel).hex() for row in picture],
        "fit": fit,
        "rows": rows,
        "columns": columns,
        "tensors": tensors,
    }


def main() -> None:
    """Write all vectors."""
    for number, name in enumerate(CASES, 1):
        text = json.dumps(vector(name, number), indent=2) + "\n"
        (HERE / f"{name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
