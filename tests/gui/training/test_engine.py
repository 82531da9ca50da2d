"""The view with the real engine: drawn pictures become a model that tells them apart."""

import pytest

from engine.jobs import CancelToken, Outcome
from engine.models.inspector import inspect_model
from engine.paths import ASSETS, data_dir
from engine.records.database import Database
from gui.training.values import TrainWish
from gui.training.work import Engine


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("MOBILENET_LAB_HOME", str(tmp_path / "home"))


def test_drawn_pictures_become_a_tested_model(qtbot, build, home, drawn, tmp_path):
    (drawn / "road" / "cut.png").write_bytes((drawn / "road" / "1.png").read_bytes()[:200])
    database = Database()
    side = build(Engine(lambda: database))
    with qtbot.waitSignal(side.pictures.looked, timeout=60_000) as told:
        side.pictures.look(drawn)
    assert told.args[0].outcome is Outcome.COMPLETED, told.args[0].message
    view = side.view
    assert [line.name for line in view.pictures.bars.lines] == ["meadow", "road"]
    assert view.pictures.problem_line.said == "1 file"
    with qtbot.waitSignal(side.trained, timeout=110_000) as told:
        side.train(TrainWish("v1_0.25_128", None))
    assert told.args[0].outcome is Outcome.COMPLETED, told.args[0].message
    assert view.train.curves.epochs
    share = view.result.result.told[0].share
    assert share.value > 0.7
    assert len(view.result.precisions.words) == 3
    assert "random weights" in view.result.notice.what.text()
    model = side.chosen_model()
    assert model.parent == data_dir() / "retrained"
    assert inspect_model(model).labels == ("meadow", "road")
    evaluation = side.engine.evaluate(model, (), drawn, lambda _p: None, CancelToken())
    assert evaluation.n == 28
    tried, *tested = database.judged()
    assert (tried.name, tried.pictures) == (model.stem, 28)
    assert sorted(each.name.rsplit("-")[-1] for each in tested) == ["float16", "float32", "int8"]
    database.close()


def test_the_sample_that_ships_is_offered_as_weights(qtbot, build, home):
    side = build(Engine())
    offered = sorted((ASSETS / "sample").glob("*.tflite"))
    qtbot.waitUntil(lambda: side.view.train.weights.count() == len(offered) + 2, timeout=60_000)
    if offered:
        assert side.view.train.wish().weights == offered[0]
