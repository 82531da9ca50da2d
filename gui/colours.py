"""The colours, without Qt: the first paint needs them before anything else is loaded."""

from typing import NamedTuple


class Colours(NamedTuple):
    """The colours of one scheme; text on ``surface`` keeps at least 4.5:1."""

    dark: bool
    window: str
    surface: str
    raised: str
    hover: str
    border: str
    text: str
    muted: str
    faint: str
    accent: str
    accent_hover: str
    on_accent: str
    selected: str
    convert: str
    post: str
    draw: str
    ok: str
    warn: str
    fail: str
    danger: str
    banner: str
    banner_text: str
    trouble: str


LIGHT = Colours(
    dark=False,
    window="#EEF0F4",
    surface="#FFFFFF",
    raised="#F5F6F9",
    hover="#E9ECF1",
    border="#D6DAE2",
    text="#12161E",
    muted="#566072",
    faint="#A4ABB8",
    accent="#0072B2",
    accent_hover="#005C91",
    on_accent="#FFFFFF",
    selected="#DCEEF9",
    convert="#56B4E9",
    post="#8A94A6",
    draw="#C3CAD6",
    ok="#009E73",
    warn="#E69F00",
    fail="#D55E00",
    danger="#A84A00",
    banner="#FFF1CF",
    banner_text="#4A3500",
    trouble="#FDEDE3",
)

DARK = Colours(
    dark=True,
    window="#0D1015",
    surface="#161A21",
    raised="#1F242D",
    hover="#272D38",
    border="#303744",
    text="#EEF1F6",
    muted="#A3ADBD",
    faint="#5E6878",
    accent="#56B4E9",
    accent_hover="#7FC8F0",
    on_accent="#06131C",
    selected="#17344A",
    convert="#0072B2",
    post="#78859A",
    draw="#485263",
    ok="#2BBF95",
    warn="#E69F00",
    fail="#F0803C",
    danger="#F0803C",
    banner="#3A2E10",
    banner_text="#FFE2A0",
    trouble="#37200F",
)
