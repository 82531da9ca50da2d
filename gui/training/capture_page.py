"""Take pictures: what is seen now, and one button per class; held, it takes a burst."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QImage, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from gui.labels import ElidedLabel, Label
from gui.parts import Button, Combo, Segments
from gui.theme import BODY, CAPTION, SPACE, Theme
from gui.training.frame_picker import FramePicker
from gui.training.said_line import SaidLine
from gui.training.scrolling import Scrolling

PHONE, WEBCAM, VIDEO = "phone", "webcam", "video"
BURST_MS = 250
"""Between two pictures of a burst: enough for the scene to move."""
LOOK_MS = 100
HOW = {
    PHONE: "What is inside the frame is kept as it stands there: drag it onto the camera's "
    "picture, then hold a class's button.",
    WEBCAM: "What is inside the frame is kept: hold a class's button.",
    VIDEO: "Hold a class's button while the video shows it.",
}
NO_PHONE = "Connect a phone in the Live view: the pictures are taken from its screen."


class CapturePage(QWidget):
    """Shows what would be taken and tells when; knows nothing of files."""

    source_chosen = Signal(str)  # PHONE, WEBCAM or VIDEO
    camera_chosen = Signal()
    class_wished = Signal(str)
    taken = Signal(str, QImage)  # class, picture
    looked = Signal()  # it wants to see the newest picture
    folder_requested = Signal()
    done = Signal()
    left = Signal()
    hidden = Signal()

    def __init__(self, theme: Theme) -> None:
        """Make the page without classes."""
        super().__init__()
        self.theme = theme
        self.source = Segments(theme, (PHONE, WEBCAM, VIDEO), "Where the pictures come from")
        self.source.chosen.connect(self._choose_source)
        self.cameras = Combo(theme)
        self.cameras.setAccessibleName("Which webcam")
        self.cameras.activated.connect(lambda _at: self.camera_chosen.emit())
        self.cameras.hide()
        self.picker = FramePicker(theme)
        self.how = Label(theme, HOW[PHONE], CAPTION, tone="muted", wrap=True)
        self.folder = ElidedLabel(theme, "", CAPTION, tone="muted")
        self.folder_button = Button(theme, "Other folder", "quiet")
        self.folder_button.clicked.connect(self.folder_requested)
        self.buttons: dict[str, Button] = {}
        self.counts: dict[str, int] = {}
        self._rows = QVBoxLayout()
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(SPACE)
        self.new_class = QLineEdit()
        self.new_class.setFont(theme.font(BODY))
        self.new_class.setPlaceholderText("Name of a class, for instance road")
        self.new_class.setAccessibleName("Name of a new class")
        self.add_button = Button(theme, "Add")
        self.said = SaidLine(theme)
        self.done_button = Button(theme, "Use these pictures", "primary")
        self.back_button = Button(theme, "Back")
        self.add_button.clicked.connect(self._add)
        self.new_class.returnPressed.connect(self._add)
        self.done_button.clicked.connect(self.done)
        self.back_button.clicked.connect(self.left)
        self._burst = QTimer(self, interval=BURST_MS)
        self._looks = QTimer(self, interval=LOOK_MS)
        self._looks.timeout.connect(self.looked)
        self._holding = ""
        self._burst.timeout.connect(self._take)
        self._lay_out()
        self._show_done()

    def _lay_out(self) -> None:
        holder = QWidget()
        holder.setLayout(self._rows)
        area = Scrolling(holder)
        area.setMinimumHeight(11 * SPACE)
        area.setMaximumHeight(24 * SPACE)
        new = QHBoxLayout()
        new.setSpacing(SPACE)
        new.addWidget(self.new_class, 1)
        new.addWidget(self.add_button)
        place = QHBoxLayout()
        place.setSpacing(SPACE)
        place.addWidget(self.folder, 1)
        place.addWidget(self.folder_button)
        foot = QHBoxLayout()
        foot.setSpacing(SPACE)
        foot.addWidget(self.done_button, 1)
        foot.addWidget(self.back_button)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(SPACE)
        box.addWidget(self.source)
        box.addWidget(self.cameras)
        box.addWidget(self.picker, 1)
        box.addWidget(self.how)
        box.addWidget(area)
        box.addLayout(new)
        box.addWidget(self.said)
        box.addLayout(place)
        box.addLayout(foot)

    def _choose_source(self, source: str) -> None:
        self.how.setText(HOW[source])
        self.picker.start_with(whole=source != PHONE)
        self.cameras.setVisible(source == WEBCAM and self.cameras.count() > 1)
        self.source_chosen.emit(source)

    def show_cameras(self, numbers: Sequence[int]) -> None:
        """Offer these webcams; one alone needs no choice."""
        before = self.camera
        self.cameras.clear()
        for number in numbers:
            self.cameras.addItem(f"Webcam {number}", number)
        self.cameras.setCurrentIndex(max(0, self.cameras.findData(before)))
        self.cameras.setVisible(self.source.choice == WEBCAM and len(numbers) > 1)

    @property
    def camera(self) -> int:
        """The number of the webcam that is chosen; 0 before any is known."""
        return int(self.cameras.currentData() or 0)

    def show_picture(self, image: QImage | None, why: str = NO_PHONE) -> None:
        """Show what would be taken now; without a picture say why."""
        self.picker.show_image(image, why)
        for button in self.buttons.values():
            button.setEnabled(image is not None)

    def show_folder(self, folder: Path, counts: dict[str, int]) -> None:
        """Say where the pictures go, and which classes are there already."""
        self.folder.setText(f"into {folder}")
        for name in counts:
            self.add_class(name)
        self.counts |= counts
        for name in self.buttons:
            self._show_count(name)
        self._show_done()

    def forget_classes(self) -> None:
        """Offer no class: another folder."""
        for button in self.buttons.values():
            self._rows.removeWidget(button)
            button.deleteLater()
        self.buttons, self.counts = {}, {}
        self._show_done()

    def add_class(self, name: str) -> None:
        """Offer a button for a class."""
        self.new_class.clear()
        if name in self.buttons:
            return
        button = Button(self.theme, name)
        button.setToolTip("Hold it for a burst")
        button.setEnabled(self.picker.image is not None)
        button.pressed.connect(partial(self._hold, name))
        button.released.connect(self._let_go)
        self.buttons[name] = button
        self.counts.setdefault(name, 0)
        self._rows.addWidget(button)
        self._show_count(name)

    def show_kept(self, name: str) -> None:
        """Count a picture that was kept."""
        self.counts[name] = self.counts.get(name, 0) + 1
        self._show_count(name)
        self._show_done()

    def show_trouble(self, what: str, advice: str = "") -> None:
        """Say why a picture or a class was not taken; empty takes it back."""
        self.said.say("fail" if what else "none", what, advice)
        if what:
            self._let_go()

    def _show_count(self, name: str) -> None:
        count = self.counts[name]
        pictures = "1 picture" if count == 1 else f"{count} pictures"
        self.buttons[name].setText(f"{name}  ·  {pictures}")
        self.buttons[name].setAccessibleName(f"Take a picture of {name}; {pictures}")

    def _show_done(self) -> None:
        filled = sum(count > 0 for count in self.counts.values())
        self.done_button.setEnabled(filled >= 2)
        self.done_button.setToolTip("" if filled >= 2 else "Take pictures of two classes first")

    def _add(self) -> None:
        name = self.new_class.text().strip()
        if not name:
            self.new_class.setFocus()
        else:
            self.class_wished.emit(name)

    def _hold(self, name: str) -> None:
        self._holding = name
        self._take()
        self._burst.start()

    def _let_go(self) -> None:
        self._burst.stop()
        self._holding = ""

    def _take(self) -> None:
        self.looked.emit()
        image = self.picker.kept()
        if image is None:
            self._let_go()
        else:
            self.taken.emit(self._holding, image)

    def showEvent(self, _event: QShowEvent) -> None:
        """Look while somebody is looking."""
        self._looks.start()
        self.source_chosen.emit(self.source.choice)
        self.looked.emit()

    def hideEvent(self, _event: QHideEvent) -> None:
        """Rest while nobody is."""
        self._looks.stop()
        self._let_go()
        self.hidden.emit()
