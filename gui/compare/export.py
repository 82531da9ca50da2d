"""Writes the scatter as a picture, a vector drawing or a table."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QRectF, QSize
from PySide6.QtGui import QColor, QFont, QImage, QPainter

from engine.errors import LabError
from engine.files import write_whole
from gui.colours import Colours
from gui.compare.drawing import Drawing
from gui.compare.scene import Scene

KINDS = "Picture (*.png);;Vector drawing (*.svg);;Table (*.csv)"
SIZE = QSize(960, 620)
TWICE = 2


def write_scatter(
    path: Path, scene: Scene, colours: Colours, font: QFont, table: Callable[[], str]
) -> Path:
    """Write what the file's name asks for: ``.png`` at twice its size, ``.svg`` or ``.csv``.

    Args:
        path: Where to.
        scene: The marks.
        colours: Of the theme in force.
        font: Of its words.
        table: Makes the table.

    Raises:
        LabError: The name has another ending, or the file cannot be written.
    """
    kind = path.suffix.lower()
    if kind == ".csv":
        write_whole(path, table().encode())
    elif kind == ".png":
        write_whole(path, _picture(scene, colours, font))
    elif kind == ".svg":
        write_whole(path, _vectors(scene, colours, font))
    else:
        raise LabError(f"{path.name} is no picture or table.", "End it with .png, .svg or .csv.")
    return path


def _picture(scene: Scene, colours: Colours, font: QFont) -> bytes:
    image = QImage(TWICE * SIZE, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(TWICE)
    painter = QPainter(image)
    _paint(painter, scene, colours, font)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(buffer.data().data())


def _vectors(scene: Scene, colours: Colours, font: QFont) -> bytes:
    from PySide6.QtSvg import QSvgGenerator

    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(SIZE)
    generator.setViewBox(QRectF(0, 0, SIZE.width(), SIZE.height()))
    generator.setTitle("Top-1 against cost")
    painter = QPainter(generator)
    _paint(painter, scene, colours, font)
    painter.end()
    return bytes(buffer.data().data())


def _paint(painter: QPainter, scene: Scene, colours: Colours, font: QFont) -> None:
    box = QRectF(0, 0, SIZE.width(), SIZE.height())
    painter.fillRect(box, QColor(colours.surface))
    Drawing(scene, box.adjusted(8, 8, -8, -8), colours, font).paint(painter)
