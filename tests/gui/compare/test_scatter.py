"""The scatter: hover tells, a click or Enter chooses, arrows walk, and it is cheap."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor

from gui.compare.scatter import Scatter
from gui.compare.scene import Marked
from gui.compare.work import Shown, scene_of


@pytest.fixture
def scatter(qtbot, theme, found) -> Scatter:
    scatter = Scatter(theme)
    qtbot.addWidget(scatter)
    scatter.resize(700, 560)
    scatter.show()
    scatter.show_scene(scene_of(found, Shown()))
    return scatter


def spot_of(scatter, name) -> QPoint:
    index = scatter.scene.names.index(name)
    drawing = scatter.drawing()
    return QPoint(round(drawing.x[index]), round(drawing.y[index]))


def test_a_mark_under_the_pointer_tells_its_figures(qtbot, scatter):
    qtbot.mouseMove(scatter, QPoint(2, 2))  # the pointer stays where the test before left it
    with qtbot.waitSignal(scatter.looked_at, timeout=1000) as told:
        qtbot.mouseMove(scatter, spot_of(scatter, "v1_0.50_160-int8"))
    assert told.args[0].startswith("v1_0.50_160-int8")
    assert scatter.accessibleDescription() == told.args[0]


def test_a_click_chooses(qtbot, scatter):
    with qtbot.waitSignal(scatter.picked, timeout=1000) as told:
        qtbot.mouseClick(
            scatter, Qt.MouseButton.LeftButton, pos=spot_of(scatter, "v1_0.25_128-int8")
        )
    assert told.args == ["v1_0.25_128-int8"]


def test_a_click_beside_all_marks_or_on_a_grey_one_chooses_nothing(qtbot, scatter):
    picked = []
    scatter.picked.connect(picked.append)
    qtbot.mouseClick(scatter, Qt.MouseButton.LeftButton, pos=QPoint(2, 2))
    qtbot.mouseClick(scatter, Qt.MouseButton.LeftButton, pos=spot_of(scatter, ""))
    assert picked == []


def test_arrows_walk_by_cost_and_by_accuracy_and_enter_chooses(qtbot, scatter):
    walked = []
    qtbot.keyClick(scatter, Qt.Key.Key_Home)
    for _ in range(len(scatter.scene.names)):
        walked.append(scatter.at)
        qtbot.keyClick(scatter, Qt.Key.Key_Right)
    costs = [scatter.scene.x[index] for index in walked]
    assert costs == sorted(costs)
    assert sorted(walked) == list(range(len(scatter.scene.names)))
    before = scatter.scene.y[scatter.at]
    qtbot.keyClick(scatter, Qt.Key.Key_Down)
    assert scatter.scene.y[scatter.at] <= before
    qtbot.keyClick(scatter, Qt.Key.Key_Home)
    with qtbot.waitSignal(scatter.picked, timeout=1000) as told:
        qtbot.keyClick(scatter, Qt.Key.Key_Return)
    assert told.args == ["v1_0.25_128-int8"]


def test_what_is_looked_at_stays_when_the_figures_change(scatter, found):
    scatter.look_at(scatter.scene.names.index("v1_0.50_160-int8"))
    scatter.show_scene(scene_of(found, Shown(predicted=False, reference=False)))
    assert scatter.name_at() == "v1_0.50_160-int8"


def test_moving_a_limit_paints_nothing_again_that_stands_still(scatter):
    scatter.grab()
    ground = scatter._ground
    scatter.show_marked(Marked(10.0, 50.0, [("v1_0.50_160-int8", "ship")]))
    scatter.grab()
    assert scatter._ground is ground


def test_a_mark_has_its_colour_where_it_stands(scatter):
    picture = scatter.grab().toImage()
    ratio = picture.devicePixelRatio()
    at = spot_of(scatter, "v1_1.00_224-int8") * ratio
    assert picture.pixelColor(at).name() == QColor("#D55E00").name()


def test_the_pixels_stamped_are_those_drawn_as_lines(scatter):
    """The fast way and the way that vectors go agree but for fractions of a pixel."""
    from PySide6.QtGui import QImage, QPainter

    drawing = scatter.drawing()
    image = QImage(scatter.size(), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(QColor(scatter.theme.colours.surface))
    painter = QPainter(image)
    drawing.paint(painter)
    painter.end()
    at = spot_of(scatter, "v1_1.00_224-int8")
    assert image.pixelColor(at) == scatter.grab().toImage().pixelColor(at)


def test_ten_thousand_marks_are_all_there(qtbot, light):
    import numpy as np

    from gui.compare.axes import Axis
    from gui.compare.scene import Look, Scene

    count = 10_000
    random = np.random.default_rng(1)
    scene = Scene(
        x=random.uniform(0, 100, count),
        y=random.uniform(0, 100, count),
        look=np.arange(count) % 2,
        looks=(Look(1.0, 224, "int8"), Look(0.25, 128, "float32")),
        names=[str(number) for number in range(count)],
        tips=[""] * count,
        x_axis=Axis("ms", 0, 100),
        y_axis=Axis("%", 0, 100),
    )
    scatter = Scatter(light)
    qtbot.addWidget(scatter)
    scatter.resize(900, 600)
    scatter.show_scene(scene)
    picture = scatter.grab().toImage()
    drawing = scatter.drawing()
    filled = [
        picture.pixelColor(QPoint(int(drawing.x[n]), int(drawing.y[n]))).name()
        for n in range(0, 400, 2)
    ]
    surface = QColor(light.colours.surface).name()
    assert filled.count(surface) == 0


def test_labels_stand_beside_their_marks_and_not_on_each_other(scatter):
    from PySide6.QtCore import QSizeF

    drawing, size = scatter.drawing(), QSizeF(60, 18)
    index = scatter.scene.names.index("v1_0.75_192-int8")
    first = drawing.free_box(index, size, [])
    second = drawing.free_box(index, size, [first])
    assert not first.intersects(second)
    assert not first.contains(spot_of(scatter, "v1_0.75_192-int8"))
