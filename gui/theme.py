"""The look: one type scale, one 8 px grid, Okabe-Ito colours, light and dark."""

from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from engine.paths import ASSETS
from gui.colours import DARK, LIGHT, Colours

SPACE = 8
"""The grid, in logical pixels: every margin and gap is a multiple of it (or its half)."""

CAPTION, BODY, TITLE, LARGE, HUGE = 12, 14, 18, 28, 48
"""The type scale, in logical pixels."""

REGULAR, MEDIUM, SEMIBOLD = QFont.Weight.Normal, QFont.Weight.Medium, QFont.Weight.DemiBold

FONT_FILES = ("Inter-Regular.otf", "Inter-Medium.otf", "Inter-SemiBold.otf")

NO_VALUE = "\N{EN DASH}"
"""What stands where a figure is not known."""

ALPHA_COLOURS = {1.0: "#D55E00", 0.75: "#E69F00", 0.5: "#009E73", 0.25: "#CC79A7"}
"""Colour is the width multiplier, everywhere (Okabe and Ito, "Color Universal Design", 2008)."""

OTHER_COLOUR = "#8A94A6"
"""The colour of what is no variant: the person's own models."""


class Theme(QObject):
    """The colours in force and the fonts; follows the system unless told otherwise."""

    changed = Signal()

    def __init__(self, app: QApplication, choice: str = "system") -> None:
        """Dress the application.

        Args:
            app: The running application; its style, font and palette are set.
            choice: ``system``, ``light`` or ``dark``.
        """
        super().__init__(app)
        self._app = app
        self.choice = choice
        self.family = _load_fonts()
        if app.style().name() != "fusion":  # each of these dresses every widget once more
            app.setStyle("fusion")
        if app.font() != self.font(BODY):
            app.setFont(self.font(BODY))
        self.colours = self._wanted()
        self._apply()
        app.styleHints().colorSchemeChanged.connect(self._follow)

    def font(self, size: int = BODY, weight: QFont.Weight = REGULAR) -> QFont:
        """Return the lab's font with tabular figures; ``size`` is in logical pixels."""
        font = QFont(self.family)
        font.setPixelSize(size)
        font.setWeight(weight)
        font.setFeature(QFont.Tag("tnum"), 1)
        return font

    def choose(self, choice: str) -> None:
        """Follow the system, or stay ``light`` or ``dark``."""
        self.choice = choice
        self._follow()

    def toggle(self) -> None:
        """Go from light to dark or back, and stay there."""
        self.choose("light" if self.colours.dark else "dark")

    def _wanted(self) -> Colours:
        if self.choice in {"light", "dark"}:
            return DARK if self.choice == "dark" else LIGHT
        return DARK if self._app.styleHints().colorScheme() == Qt.ColorScheme.Dark else LIGHT

    def _follow(self) -> None:
        wanted = self._wanted()
        if wanted is not self.colours:
            self.colours = wanted
            self._apply()
            self.changed.emit()

    def _apply(self) -> None:
        c = self.colours
        palette = QPalette()
        roles = {
            QPalette.ColorRole.Window: c.window,
            QPalette.ColorRole.WindowText: c.text,
            QPalette.ColorRole.Base: c.surface,
            QPalette.ColorRole.AlternateBase: c.raised,
            QPalette.ColorRole.Text: c.text,
            QPalette.ColorRole.Button: c.raised,
            QPalette.ColorRole.ButtonText: c.text,
            QPalette.ColorRole.Highlight: c.selected,
            QPalette.ColorRole.HighlightedText: c.text,
            QPalette.ColorRole.ToolTipBase: c.text,
            QPalette.ColorRole.ToolTipText: c.surface,
            QPalette.ColorRole.PlaceholderText: c.muted,
            QPalette.ColorRole.Accent: c.accent,
            QPalette.ColorRole.Link: c.accent,
        }
        for role, colour in roles.items():
            palette.setColor(role, QColor(colour))
        for role in (QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(c.faint))
        if self._app.palette() != palette:
            self._app.setPalette(palette)


def _load_fonts(folder: Path = ASSETS / "fonts") -> str:
    """Make the bundled font known; returns the family, the system's own if it is missing."""
    for name in FONT_FILES:
        number = QFontDatabase.addApplicationFont(str(folder / name))
        if number < 0:
            return QApplication.font().family()
    return "Inter"


def style_sheet(c: Colours) -> str:
    """Return the rules for the few stock controls that the window uses."""
    return f"""
    QToolTip {{ color: {c.surface}; background: {c.text}; border: 0; padding: 4px 8px; }}
    QLineEdit, QComboBox, QSpinBox {{
        color: {c.text}; background: {c.raised}; border: 1px solid {c.border};
        border-radius: 8px; padding: 0 12px; min-height: 32px;
        selection-background-color: {c.accent}; selection-color: {c.on_accent}; }}
    QLineEdit:hover, QComboBox:hover, QSpinBox:hover {{ background: {c.hover}; }}
    QLineEdit:focus, QComboBox:focus, QSpinBox:focus {{ border: 2px solid {c.accent};
        padding: 0 11px; min-height: 30px; }}
    QLineEdit:disabled, QComboBox:disabled, QSpinBox:disabled {{ color: {c.muted};
        background: {c.raised}; }}
    QComboBox::drop-down {{ border: 0; width: 28px; }}
    QComboBox::down-arrow {{ image: none; width: 0; height: 0; }}
    QComboBox QAbstractItemView {{ background: {c.surface}; border: 1px solid {c.border};
        border-radius: 8px; padding: 4px; outline: 0;
        selection-background-color: {c.selected}; selection-color: {c.text}; }}
    QComboBox QAbstractItemView::item {{ min-height: 32px; padding: 0 8px; }}
    QSpinBox::up-button, QSpinBox::down-button {{ width: 0; border: 0; }}
    QTableView {{ background: transparent; border: 0; outline: 0;
        selection-background-color: transparent; }}
    QHeaderView {{ background: transparent; border: 0; }}
    QHeaderView::section {{ background: transparent; color: {c.muted}; border: 0;
        border-bottom: 1px solid {c.border}; padding: 0 8px 0 2px; height: 28px; }}
    QHeaderView::section:hover {{ color: {c.text}; }}
    QHeaderView::up-arrow, QHeaderView::down-arrow {{ image: none; width: 0; height: 0; }}
    QScrollBar:vertical {{ background: transparent; width: 8px; margin: 0; }}
    QScrollBar::handle:vertical {{ background: {c.border}; border-radius: 4px;
        min-height: 32px; }}
    QScrollBar::handle:vertical:hover {{ background: {c.faint}; }}
    QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page
        {{ background: transparent; border: 0; height: 0; }}
    QSplitter::handle {{ background: transparent; }}
    QMenu {{ background: {c.surface}; color: {c.text}; border: 1px solid {c.border};
        padding: 4px; }}
    QMenu::item {{ padding: 8px 16px; border-radius: 4px; }}
    QMenu::item:selected {{ background: {c.selected}; }}
    """
