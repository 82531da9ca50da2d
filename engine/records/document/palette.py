"""The colours of reports: named by what they are for, so that a page can be light or dark."""

from typing import Final

LIGHT: Final = {
    "text": "#12161E",
    "muted": "#566072",
    "faint": "#A4ABB8",
    "grid": "#E3E6EC",
    "surface": "#FFFFFF",
    "raised": "#F5F6F9",
    "border": "#D6DAE2",
    "accent": "#0072B2",
    "accent-soft": "#CFE6F4",
    "ok": "#00785A",
    "warn": "#8A5A00",
    "fail": "#A84A00",
    "ok-soft": "#DDF3EB",
    "warn-soft": "#FFF1CF",
    "fail-soft": "#FDEDE3",
    "camera": "#D9B75B",
    "convert": "#56B4E9",
    "infer": "#0072B2",
    "post": "#8A94A6",
    "draw": "#C3CAD6",
    "waiting": "#E9ECF1",
    "heat": "#C4470A",
    "clock": "#6A5ACD",
}
"""On white; what is text among them keeps at least 4.5:1 there."""

DARK: Final = {
    "text": "#EEF1F6",
    "muted": "#A3ADBD",
    "faint": "#5E6878",
    "grid": "#262C36",
    "surface": "#161A21",
    "raised": "#1F242D",
    "border": "#303744",
    "accent": "#56B4E9",
    "accent-soft": "#17344A",
    "ok": "#2BBF95",
    "warn": "#E8B44C",
    "fail": "#F0803C",
    "ok-soft": "#12352B",
    "warn-soft": "#3A2E10",
    "fail-soft": "#37200F",
    "camera": "#B8923A",
    "convert": "#2F86BD",
    "infer": "#56B4E9",
    "post": "#78859A",
    "draw": "#485263",
    "waiting": "#2A313C",
    "heat": "#F0803C",
    "clock": "#A99CF5",
}

ALPHA_COLOURS: Final = {1.0: "#D55E00", 0.75: "#E69F00", 0.5: "#009E73", 0.25: "#CC79A7"}
"""Width multiplier -> colour, as in the window; of Okabe and Ito's eight."""
OTHER_COLOUR: Final = "#7A8499"


def colour_of(name: str) -> str:
    """Return the colour on paper of a role, or a ``#RRGGBB`` as it stands."""
    return name if name.startswith("#") else LIGHT[name]


def alpha_colour(alpha: float | None) -> str:
    """Return the colour of a width multiplier; grey for what is no variant."""
    return OTHER_COLOUR if alpha is None else ALPHA_COLOURS.get(alpha, OTHER_COLOUR)
