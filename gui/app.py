"""The composition root: ``mobilenet-lab`` opens the window, or runs a command.

Qt is imported only for the window, and what is heavy (numpy, the decoder, adb) only after
the window's first paint.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gui.options import DEFAULT_VARIANT, SAMPLE, Options

if TYPE_CHECKING:
    from types import TracebackType

    from PySide6.QtWidgets import QApplication

    from engine.settings import Settings
    from gui.bridge import EventBridge
    from gui.controller import Controller
    from gui.main_window import MainWindow
    from gui.wiring import Lab

APP_ID = "org.mobilenetlab.Lab"


class Parts(NamedTuple):
    """What a running window is made of."""

    window: "MainWindow"
    controller: "Controller"
    bridge: "EventBridge"
    lab: "Lab"


def main(argv: Sequence[str] | None = None) -> int:
    """Open the window, or run the command that the first word names; the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words and (not words[0].startswith("-") or words[0] == "--version"):
        from engine.cli import run_cli

        return run_cli(words)
    options = with_sample(parse_options(words))
    if options.variant and (trouble := _trouble_with(options.variant)):
        sys.stderr.write(f"{trouble}\n")
        return 2
    if options.headless is not None:
        return run_headless(options, options.headless)
    if not has_display():
        sys.stderr.write(
            "There is no display to open the window on. Start it from a desktop, or use "
            "--headless OUT or the terminal commands (--help).\n"
        )
        return 2
    return run_window(options)


def has_display() -> bool:
    """Whether Qt can open a window; on Linux it ends the process where it cannot."""
    if sys.platform != "linux":
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def parse_options(words: Sequence[str]) -> Options:
    """Read the window's options; ``--help`` prints them with the commands and exits."""
    if not words:
        return Options()
    import argparse

    parser = argparse.ArgumentParser(
        prog="mobilenet-lab",
        description="Which MobileNet should I ship on this phone? Without a command this "
        "opens the window.",
        epilog="Commands, each with --help: doctor, phones, variants, model, apk, deploy, "
        "swap, measure, mirror, mirror-cost, sweep, ab, choose, predict, claims, qa, report, "
        "runs, install, remove, clean, evaluate, compare, retrain, capture, virtual-phone. "
        "--version tells the lab's version.",
    )
    parser.add_argument("--demo", action="store_true", help="start a virtual phone and use it")
    parser.add_argument(
        "--headless", type=Path, metavar="OUT", help="a session without display or hands"
    )
    parser.add_argument("--variant", default="", help="choose it, e.g. v1_0.50_128-int8")
    parser.add_argument("--model", type=Path, metavar="FILE", help="your own .tflite")
    parser.add_argument("--labels", type=Path, metavar="FILE", help="its labels, one per line")
    parser.add_argument(
        "--camera", type=Path, metavar="FOLDER", help="pictures the virtual phone sees"
    )
    parser.add_argument(
        "--pace",
        default="",
        metavar="NAME",
        help="simulated times of the virtual phone: pixel-3 or mi-a1",
    )
    parser.add_argument("--phone", default="", metavar="SERIAL", help="choose this phone")
    parser.add_argument(
        "--theme", default="", choices=("system", "light", "dark"), help="overrides the settings"
    )
    return Options(**vars(parser.parse_args(words)))


def with_sample(options: Options) -> Options:
    """Return a demo's options with the sample model, unless another one was asked for."""
    if not options.demo or options.model is not None or options.variant:
        return options
    from engine.paths import ASSETS

    return options._replace(model=ASSETS / "sample" / SAMPLE)


def _trouble_with(variant: str) -> str:
    """Say what is wrong with a variant's name; empty if nothing is."""
    from engine.catalog.variants import Catalog, ModelName
    from engine.errors import LabError

    try:
        name = ModelName.parse(variant).variant if "-" in variant else variant
        Catalog.load().variant(name)
    except LabError as error:
        return str(error)
    return ""


def run_window(options: Options) -> int:
    """Open the window and return when it was closed.

    The frame is painted first; its content is loaded after that, and what is heavy after
    the content was painted too.
    """
    from engine.settings import load_settings

    loaded = load_settings()  # before Qt, whose import hook makes later imports dearer
    app = make_app()
    import signal

    from PySide6.QtCore import QTimer

    from gui.first_frame import FirstFrame

    frame = FirstFrame(options.theme or loaded.settings.theme, loaded.settings.window_geometry)

    def fill() -> None:
        parts = compose(app, options, loaded.settings)
        parts.window.restore_layout("", loaded.settings.window_state)
        parts.window.status_line.show_said(loaded.notice)
        parts.window.shown_first.connect(lambda: QTimer.singleShot(0, parts.lab.start))
        frame.closing.connect(lambda: _finish(parts, loaded.settings))
        frame.hold(parts.window)
        parts.window.variant_list.view.setFocus()

    sys.excepthook = _log_uncaught
    frame.painted.connect(lambda: QTimer.singleShot(0, fill))
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda _number, _stack: frame.close())
    frame.show()
    return int(app.exec())


def run_headless(options: Options, output: Path) -> int:
    """Do the window's session without display or hands.

    Returns:
        0 only if each step truly happened, else 2; why was said on standard error.
    """
    from dataclasses import replace

    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QTimer

    from engine.errors import LabError
    from engine.settings import load_settings
    from gui.headless import HeadlessSession, prepare_folder

    try:
        prepare_folder(output)
    except LabError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.excepthook = _log_uncaught
    app = make_app()
    variant = "" if options.model else options.variant or DEFAULT_VARIANT
    settings = replace(load_settings().settings, last_phone="", last_variant="")
    parts = compose(app, options._replace(variant=variant), settings)
    session = HeadlessSession(parts.lab, parts.bridge, output)
    session.ended.connect(app.exit)
    parts.window.shown_first.connect(lambda: QTimer.singleShot(0, parts.lab.start))
    parts.window.show()
    code = app.exec()
    parts.window.hide()
    parts.controller.stop()
    return int(code)


def _log_uncaught(
    kind: type[BaseException], error: BaseException, trace: "TracebackType | None"
) -> None:
    """Log what a slot raised, and tell the terminal as Python does; the window lives on."""
    import logging

    logging.getLogger(__name__).error("a slot crashed", exc_info=(kind, error, trace))
    sys.__excepthook__(kind, error, trace)


def make_app() -> "QApplication":
    """Make the application, and nothing that the first paint does not need."""
    from PySide6.QtGui import QGuiApplication
    from PySide6.QtWidgets import QApplication

    QGuiApplication.setDesktopFileName(APP_ID)
    app = QApplication(sys.argv[:1])
    app.setApplicationName("mobilenet-lab")
    app.setApplicationDisplayName("MobileNet Lab")
    return app


def compose(app: "QApplication", options: Options, settings: "Settings") -> Parts:
    """Make the window and what works behind it; ``parts.lab.start()`` begins.

    Args:
        app: The running application.
        options: What the command line asked for.
        settings: What was remembered; the options win over it.
    """
    from PySide6.QtGui import QIcon

    from engine.logs import start_log
    from engine.paths import ASSETS
    from gui.bridge import EventBridge
    from gui.controller import Controller
    from gui.main_window import MainWindow
    from gui.theme import Theme
    from gui.wiring import Lab

    start_log()
    app.setWindowIcon(QIcon(str(ASSETS / "icons" / f"{APP_ID}-128.png")))
    options = options._replace(
        variant=options.variant or settings.last_variant,
        last_phone="" if options.demo else settings.last_phone,
    )
    window = MainWindow(Theme(app, options.theme or settings.theme))
    bridge = EventBridge(window)
    controller = Controller(bridge, settings)
    return Parts(window, controller, bridge, Lab(window, controller, options))


def _finish(parts: Parts, before: "Settings") -> None:
    """Remember the window and end everything."""
    import logging
    from dataclasses import replace

    from engine.errors import LabError
    from engine.settings import save_settings

    parts.window.window().hide()
    geometry, state = parts.window.layout_state()
    choice = parts.window.variant_list.choice()
    variant = before.last_variant
    if choice is not None and choice.path is None:
        variant = f"{choice.name}-{parts.window.variant_list.precision.choice}"
    serial = parts.controller.serial  # a virtual phone's port is gone with it
    settings = replace(
        before,
        theme=parts.window.theme.choice,
        last_phone=before.last_phone if serial in {"", parts.controller.demo.serial} else serial,
        last_variant=variant,
        window_geometry=geometry,
        window_state=state,
    )
    try:
        save_settings(settings)
    except LabError as error:
        logging.getLogger(__name__).warning("%s %s", error, error.detail)
    parts.controller.stop()
