"""Which Android key code a key of the computer is (android.view.KeyEvent's numbers)."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

HOME, BACK = 3, 4

KEYCODES = {
    Qt.Key.Key_Escape: BACK,
    Qt.Key.Key_Up: 19,
    Qt.Key.Key_Down: 20,
    Qt.Key.Key_Left: 21,
    Qt.Key.Key_Right: 22,
    Qt.Key.Key_Tab: 61,
    Qt.Key.Key_Return: 66,
    Qt.Key.Key_Enter: 66,
    Qt.Key.Key_Backspace: 67,
    Qt.Key.Key_PageUp: 92,
    Qt.Key.Key_PageDown: 93,
    Qt.Key.Key_Delete: 112,
    Qt.Key.Key_Home: 122,
    Qt.Key.Key_End: 123,
}

_RIGHT_CONTROL = {0xFFE4, 0xA3, 62}
"""Native virtual keys of the right Ctrl: X11's keysym, Windows, macOS."""


def is_right_control(event: QKeyEvent) -> bool:
    """Return whether this is the key that gives the keyboard back to the lab.

    Where the platform tells the two Ctrl keys apart, the left one does not count.
    """
    if event.key() != Qt.Key.Key_Control:
        return False
    native = event.nativeVirtualKey()
    return native in _RIGHT_CONTROL or (native == 0 and event.nativeScanCode() in {0, 97, 105})


def keycode(event: QKeyEvent) -> int | None:
    """Return the Android key code of a key that types no text, else None."""
    return KEYCODES.get(Qt.Key(event.key())) if not _commands(event) else None


def typed_text(event: QKeyEvent) -> str:
    """Return the text that a key types; empty for commands and control characters."""
    text = event.text()
    return text if text and text.isprintable() and not _commands(event) else ""


def _commands(event: QKeyEvent) -> bool:
    held = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.MetaModifier
    return bool(event.modifiers() & held)
