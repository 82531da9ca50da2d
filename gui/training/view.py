"""The view "Train": left the pictures, middle the training and the phone, right the result."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from gui.deploy_panel import DeployPanel
from gui.first_frame import GAP
from gui.theme import SPACE, Theme
from gui.training.capture_page import CapturePage
from gui.training.corrections import Corrections
from gui.training.on_phone import OnPhone
from gui.training.pictures_card import CAPTURE, PicturesCard
from gui.training.result_card import ResultCard
from gui.training.thumbnails import Thumbnails
from gui.training.train_card import TrainCard
from gui.training.try_card import TryCard

LEFT, MIDDLE, RIGHT = (32 * SPACE, 3), (40 * SPACE, 4), (50 * SPACE, 6)
"""Least width of each column, pixels, and its share of what is more."""

ROOMY = 80 * SPACE


class TrainView(QWidget):
    """Shows what it is given; the wishes go out through its parts' signals."""

    shown = Signal()

    def __init__(self, theme: Theme) -> None:
        """Make the view without pictures."""
        super().__init__()
        self.thumbnails = Thumbnails(self)
        self.corrections = Corrections(self)
        self.capture = CapturePage(theme)
        self.pictures = PicturesCard(theme, self.capture)
        self.trial = TryCard(theme)
        self.train = TrainCard(theme)
        self.deploy_panel = DeployPanel(theme)
        self.on_phone = OnPhone(theme)
        self.result = ResultCard(theme, self.thumbnails, self.corrections)
        for card in (self.trial, self.deploy_panel, self.on_phone):
            card.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(GAP)
        for column, (width, share) in (
            ((self.pictures, self.trial), LEFT),
            ((self.train, self.deploy_panel, self.on_phone), MIDDLE),
            ((self.result,), RIGHT),
        ):
            held = QWidget()
            lines = QVBoxLayout(held)
            lines.setContentsMargins(0, 0, 0, 0)
            lines.setSpacing(GAP)
            for number, card in enumerate(column):
                lines.addWidget(card, 1 if number == 0 else 0)
            held.setMinimumWidth(width)
            held.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            box.addWidget(held, share)
        self.pictures.page_changed.connect(lambda page: self.trial.setVisible(page != CAPTURE))
        self.shortcuts = {}
        for keys, act in (
            ("Ctrl+Z", self.corrections.undo),
            ("Ctrl+Shift+Z", self.corrections.redo),
            ("Ctrl+T", self.train.train_button.click),
        ):
            self.shortcuts[keys] = shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.activated.connect(act)

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Leave out the small print where the window is low."""
        roomy = self.height() >= ROOMY
        self.trial.show_small_print(roomy)
        self.train.show_small_print(roomy)

    def showEvent(self, _event: QShowEvent) -> None:
        """Tell that somebody looks."""
        self.shown.emit()

    def cancel_buttons(self) -> tuple[QWidget, ...]:
        """Return what Escape presses, the first that can be."""
        return (
            self.train.cancel_button,
            self.pictures.cancel_button,
            self.trial.cancel_button,
            self.deploy_panel.cancel_button,
        )
