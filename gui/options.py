"""What the window's command line asks for."""

from pathlib import Path
from typing import NamedTuple

DEFAULT_VARIANT = "v1_0.50_128-int8"
"""What is chosen when nothing was asked for or remembered: the report's own."""
SAMPLE = "road-or-not.tflite"
"""The trained model that ships in ``assets/sample``: what a demo shows unless asked otherwise."""


class Options(NamedTuple):
    """How to open the window.

    Attributes:
        demo: Whether to start a virtual phone and open the window on it.
        headless: Folder for the results of a session without hands; None opens a window.
        variant: Built model to choose, for instance ``v1_0.50_128-int8``; may be empty.
        model: A ``.tflite`` of the person's own.
        labels: Its labels.
        camera: Pictures that the virtual phone sees.
        pace: Whose times the virtual phone makes up, for instance ``mi-a1``; empty for none.
        phone: Serial of the phone to choose; may be empty.
        last_phone: Serial of the phone that was used last; another one will do.
        theme: ``system``, ``light`` or ``dark``; empty takes the settings'.
    """

    demo: bool = False
    headless: Path | None = None
    variant: str = ""
    model: Path | None = None
    labels: Path | None = None
    camera: Path | None = None
    pace: str = ""
    phone: str = ""
    last_phone: str = ""
    theme: str = ""
