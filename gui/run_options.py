"""How the model runs: source, threads, delegate; what was really applied, and why not."""

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui.folding import INSET, FoldLine
from gui.labels import Label
from gui.parts import Card, Combo, StateShape
from gui.theme import BODY, CAPTION, MEDIUM, SPACE, Theme

if TYPE_CHECKING:
    from engine.link.messages import AppState, Hello

SOURCES = {
    "camera back": ("camera, back", {"source": "camera", "camera": "back"}),
    "camera front": ("camera, front", {"source": "camera", "camera": "front"}),
    "pictures": ("pictures", {"source": "pictures"}),
    "loop": ("engine loop", {"source": "loop"}),
}
"""What can be chosen: its word, and what it means to the link."""
DELEGATES = ("cpu", "xnnpack", "nnapi", "gpu")
WITH_LIBRARY = "gpu"
"""The delegate whose library comes into the APK only where it is asked for."""
NEXT = "{} comes with the next deploy: its library is not in the APK on the phone."
MOST_THREADS = 8


class RunWish(NamedTuple):
    """How the next deploy shall begin."""

    source: str = "camera"
    threads: int = 4
    delegate: str = "xnnpack"


class RunOptions(Card):
    """Lets the person change how the model runs. Folded it only says how."""

    wished = Signal(object)  # dict of what to change, in the link's words

    def __init__(self, theme: Theme) -> None:
        """Make it folded, for no app."""
        super().__init__(theme)
        self.wish = RunWish()
        self.source, self.threads, self.delegate = Combo(theme), Combo(theme), Combo(theme)
        self._state: AppState | None = None
        self._offered: tuple[str, ...] = DELEGATES
        inside = QWidget()
        row = QHBoxLayout(inside)
        row.setContentsMargins(INSET, SPACE // 2, INSET, SPACE)
        row.setSpacing(SPACE)
        for word, combo in (
            ("Source", self.source),
            ("Threads", self.threads),
            ("Delegate", self.delegate),
        ):
            combo.setAccessibleName(word)
            combo.setMinimumContentsLength(5)
            column = QVBoxLayout()
            column.setSpacing(SPACE // 2)
            column.addWidget(Label(theme, word, CAPTION, MEDIUM, "muted"))
            column.addWidget(combo)
            row.addLayout(column, 1)
        self.fold = FoldLine(theme, "Runs on", inside, height=4 * SPACE)
        self.trouble = Label(theme, "", BODY, wrap=True)
        self.shape = StateShape(theme)
        self._trouble_line = QWidget()
        said = QHBoxLayout(self._trouble_line)
        said.setContentsMargins(INSET, SPACE // 2, INSET, SPACE)
        said.setSpacing(SPACE)
        said.addWidget(self.shape, 0, Qt.AlignmentFlag.AlignTop)
        said.addWidget(self.trouble, 1)
        self._trouble_line.hide()
        edge = 2 * SPACE - INSET
        self.box.setContentsMargins(edge, SPACE // 2, edge, SPACE // 2)
        self.box.setSpacing(0)
        self.box.addWidget(self.fold)
        self.box.addWidget(inside)
        self.box.addWidget(self._trouble_line)
        self.source.activated.connect(self._choose_source)
        self.threads.activated.connect(self._choose_threads)
        self.delegate.activated.connect(self._choose_delegate)
        self.show_offer(None)

    @Slot(object)
    def show_offer(self, hello: "Hello | None") -> None:
        """Offer what the app can do; without one, what an app may be asked for."""
        sources, threads = list(SOURCES), MOST_THREADS
        delegates: tuple[str, ...] = DELEGATES
        if hello is not None:
            cameras = [f"camera {which}" for which in hello.cameras]
            others = [source for source in hello.sources if source != "camera"]
            sources = [source for source in SOURCES if source in (*cameras, *others)]
            delegates, threads = hello.delegates, hello.max_threads
        else:
            self._state = None
        _fill(self.source, [(SOURCES[source][0], source) for source in sources])
        _fill(self.threads, [(str(number), number) for number in range(1, threads + 1)])
        self._offered = delegates
        _fill(self.delegate, [(delegate, delegate) for delegate in delegates])
        if WITH_LIBRARY not in delegates:
            self.delegate.addItem(f"{WITH_LIBRARY}, next deploy", WITH_LIBRARY)
        self._show()

    @Slot(object)
    def show_state(self, state: "AppState") -> None:
        """Show what the app really does, and why that is not what was asked for."""
        self._state = state
        reason = ""
        if state.delegate_applied != state.delegate and state.delegate_note:
            reason = f"{state.delegate} was refused. {state.delegate_note}"
        self._say("warn", reason)
        self._show()

    @Slot(str)
    def show_refused(self, text: str) -> None:
        """Say why a change was not made; what stands is shown again."""
        self._say("fail", text)
        self._show()

    def show_locked(self, why: str) -> None:
        """Keep it as it is while something depends on it; empty unlocks."""
        for combo in (self.source, self.threads, self.delegate):
            combo.setEnabled(not why)
            combo.setToolTip(why)

    def _show(self) -> None:
        """Show what stands: what the app says, else what the next deploy begins with."""
        state, wish = self._state, self.wish
        if state is not None:
            source = f"camera {state.camera}" if state.source == "camera" else state.source
            threads, delegate = state.threads, state.delegate_applied
        else:
            source, threads, delegate = wish.source, wish.threads, wish.delegate
            source = "camera back" if source == "camera" else source
        word = SOURCES[source][0] if source in SOURCES else source
        count = "1 thread" if threads == 1 else f"{threads} threads"
        if state is not None and state.threads_asked != threads:
            count += f" ({state.threads_asked} asked)"
        self.fold.setText("Runs on" if state is not None else "Next deploy")
        self.fold.show_said(f"{word} · {count} · {delegate}")
        for combo, value in (
            (self.source, source),
            (self.threads, threads),
            (self.delegate, delegate),
        ):
            with QSignalBlocker(combo):
                combo.setCurrentIndex(combo.findData(value))

    def _say(self, state: str, text: str) -> None:
        self.shape.show_state(state if text else "none")
        self.trouble.set_tone("muted" if state == "none" else "text")
        self.trouble.setText(text)
        self._trouble_line.setVisible(bool(text))

    def _choose_source(self) -> None:
        changes = SOURCES[str(self.source.currentData())][1]
        self._take(self.wish._replace(source=changes["source"]), dict(changes))

    def _choose_threads(self) -> None:
        threads = int(self.threads.currentData())
        self._take(self.wish._replace(threads=threads), {"threads": threads})

    def _choose_delegate(self) -> None:
        delegate = str(self.delegate.currentData())
        if delegate not in self._offered:
            self.wish = self.wish._replace(delegate=delegate)
            self._say("none", NEXT.format(delegate))
            self._show()
            return
        self._take(self.wish._replace(delegate=delegate), {"delegate": delegate})

    def _take(self, wish: RunWish, changes: dict[str, object]) -> None:
        """Keep a wish for the next deploy, and tell it for the app that runs."""
        self.wish = wish
        self._say("none", "")
        if self._state is None:
            self._show()
        else:
            self.wished.emit(changes)


def _fill(combo: Combo, items: list[tuple[str, object]]) -> None:
    with QSignalBlocker(combo):
        combo.clear()
        for word, data in items:
            combo.addItem(word, data)
