"""The sample that ships: it is what its card says, and it was made as it says."""

import hashlib
import importlib
import json
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from engine.accuracy.evaluation import evaluate
from engine.accuracy.shares import Share
from engine.models.inspector import inspect_model
from engine.models.interpreter import HostModel
from engine.models.labels import read_labels
from engine.scenes.draw import draw, find_kind, write_dataset
from engine.virtual_phone.screen.scene import DRIVE

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "assets" / "sample"
ROAD = ROOT.parent / "shared" / "pictures" / "road"
FRESH = 77_000_000
"""First seed of scenes that nothing was learned from and no card speaks of."""


@pytest.fixture(scope="module")
def card():
    return json.loads((SAMPLE / "card.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def model(card):
    return SAMPLE / card["file"]


@pytest.fixture
def script(monkeypatch):
    def load(name):
        return importlib.import_module(name)

    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(ROOT / "packaging"))
    yield load
    for name in {"sample_card", "sample_views", "train_sample"} & (set(sys.modules) - before):
        del sys.modules[name]


def row(card, what):
    return next(each for each in card["accuracy"] if each["on"] == what)


def test_the_card_is_of_the_file_that_ships(card, model):
    data = model.read_bytes()
    assert hashlib.sha256(data).hexdigest() == card["sha256"]
    assert len(data) == card["size_bytes"] <= 1_000_000


def test_the_file_says_itself_what_it_is(card, model):
    facts = inspect_model(model)
    assert facts.name == card["variant"]
    assert facts.labels == tuple(card["labels"]) == read_labels(SAMPLE / "labels.txt")
    assert not facts.untrained
    assert facts.precision == "int8"


def test_the_page_says_what_the_card_says(card, script):
    assert (SAMPLE / "card.md").read_text(encoding="utf-8") == script("sample_card").page(card)


def test_intervals_on_the_card_are_of_its_counts(card):
    for each in card["accuracy"]:
        assert each["interval"] == [
            round(edge, 4) for edge in Share(each["right"], each["n"]).interval
        ]


def test_scenes_that_nobody_saw_are_told_as_often_as_the_card_says(card, model, tmp_path):
    write_dataset(tmp_path, 300, FRESH, 208, 156)
    found = evaluate(model, tmp_path)
    assert found.top1.interval[1] >= row(card, "drawn")["interval"][0]
    assert min(share.value for share in found.per_class().values()) > 0.75


def test_it_finds_its_way_on_the_test_drive(model):
    with HostModel(model) as host:
        right = [
            host.predict(draw(kind, seed, moment)).entries[0].index
            == (find_kind(kind).truth == "road")
            for kind, seed in DRIVE
            for moment in (0.5, 2.0, 3.5)
        ]
    assert np.mean(right) > 0.85


def test_scenes_of_the_card_and_of_training_are_others(card, script):
    first, last = card["learned_from"][0]["seeds"]
    train = script("train_sample")
    assert not first <= train.FIRST_JUDGED <= last
    assert not first <= train.FIRST_JUDGED + train.JUDGED_SCENES <= last
    assert all(not first <= seed <= last for _, seed in DRIVE)


@pytest.mark.skipif(not ROAD.is_dir(), reason="the pictures are not here")
def test_on_pictures_unlike_its_own_it_is_as_good_as_the_card_says(card, model, tmp_path):
    for truth in ("road", "not_road"):
        (tmp_path / truth).mkdir()
        for path in (ROAD / truth).glob("intel_*"):
            (tmp_path / truth / path.name).symlink_to(path)
    found = evaluate(model, tmp_path)
    said = row(card, "unlike")
    assert found.n == said["n"]
    assert abs(found.top1.hits - said["right"]) <= 3  # other processors round otherwise


def test_only_pictures_that_may_be_learned_from_are(script, tmp_path):
    chance = np.random.default_rng(0)
    names = [f"{source}_{n}.png" for source in ("bp", "intel", "caltech") for n in range(8)]
    for truth in ("road", "not_road"):
        (tmp_path / truth).mkdir()
        for name in names:
            rgb = cv2.resize(chance.integers(0, 256, (5, 5, 3), np.uint8), (64, 64))
            cv2.imwrite(str(tmp_path / truth / name), rgb)
    found = script("train_sample").read_photographs(tmp_path, seed=0)
    sources = {each.name.partition("_")[0] for each in (*found.learned, *found.like)}
    assert sources == {"bp", "caltech"}
    assert {each.name.partition("_")[0] for each in found.unlike} == {"intel"}
    assert not {each.name for each in found.learned} & {each.name for each in found.unlike}


def test_a_view_is_the_same_for_the_same_chance_and_fits(script):
    view = script("sample_views").view
    rgb = draw("street-day", 3, 0.0, 208, 156)
    for number in range(40):
        one, other = (view(rgb, np.random.default_rng(number), 96) for _ in range(2))
        assert one.shape == (96, 96, 3)
        assert one.dtype == np.uint8
        assert np.array_equal(one, other)
