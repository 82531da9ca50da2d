"""The last blocks are used only if validation says so: with networks that stand for real ones."""

from pathlib import Path

import numpy as np
import pytest

from engine.errors import Cancelled, LabError
from engine.jobs import CancelToken
from engine.models.tuned import MOST_BLOCKS, Maps, TunedBlocks, TuneOptions
from engine.training.learned import Learned
from engine.training.retraining import RetrainOptions, retrain
from engine.training.second_stage import judge

BOTH = RetrainOptions(views=2, tune=TuneOptions(blocks=1))


@pytest.fixture
def run(tmp_path, networks, colours):
    folder = colours(tmp_path / "pictures", (40, 40))

    def start(**given):
        usual = {
            "variant": "v1_0.25_128",
            "weights": None,
            "networks": networks,
            "precisions": ("float32",),
            "options": BOTH,
            "learned": Learned(tmp_path / "learned"),
            "features": tmp_path / "features",
        }
        return retrain(folder, **usual | given)

    return start


def judged(before, after, labels, *, kept=1, views=1, collapsed=(), weights=(1.0, 1.0)):
    """Ask of scores of the right class, one per view."""

    def scores(right):
        found = np.empty((len(labels), 2), np.float32)
        found[np.arange(len(labels)), labels] = right
        found[np.arange(len(labels)), 1 - np.asarray(labels)] = 1 - np.asarray(right)
        return found

    rows = np.arange(len(labels))
    maps = Maps(Path("none"), np.asarray(labels), rows[:0], rows, np.asarray(weights))
    head = np.zeros((1, 2), np.float32)
    tuned = TunedBlocks((), head, head[0], kept, scores(before), scores(after))
    return judge(maps, tuned, views, collapsed)


LABELS = [0, 1] * 20


def test_less_loss_on_nearly_every_picture_is_kept():
    said = judged([0.7] * 40, [0.9] * 38 + [0.6] * 2, LABELS)
    assert said.kept
    assert said.chance < 0.001
    assert (said.right_before, said.right_after, said.n) == (40, 40, 40)
    assert said.loss_after < said.loss_before


def test_less_loss_by_chance_is_not_kept():
    chance = np.random.default_rng(1)
    before = chance.uniform(0.6, 0.9, 40)
    after = np.clip(before + chance.normal(0.002, 0.1, 40), 0.55, 0.99)
    said = judged(before, after, LABELS)
    assert not said.kept
    assert "may be chance" in said.why


def test_fewer_told_right_is_never_kept():
    said = judged([0.6] * 40, [0.99] * 39 + [0.45], LABELS)
    assert said.loss_after < said.loss_before
    assert not said.kept
    assert "fewer validation pictures" in said.why


def test_a_stage_without_a_better_pass_is_not_kept():
    said = judged([0.7] * 40, [0.7] * 40, LABELS, kept=0)
    assert not said.kept
    assert "no pass was better" in said.why


def test_a_few_pictures_can_prove_nothing():
    assert not judged([0.6] * 4, [0.99] * 4, [0, 1, 0, 1]).kept


def test_views_of_one_picture_count_as_one():
    """Six views of four pictures are four pictures: too few, however alike the views are."""
    labels = np.repeat([0, 1, 0, 1], 6)
    said = judged([0.6] * 24, [0.99] * 24, labels, views=6)
    assert said.n == 4
    assert not said.kept


def test_the_weights_of_classes_count():
    before, after = [0.7] * 40, [0.9, 0.6] * 20  # class 0 gains, class 1 loses
    assert judged(before, after, LABELS, weights=(1.0, 0.01)).kept
    assert not judged(before, after, LABELS, weights=(0.01, 1.0)).kept


def test_what_validation_likes_is_in_the_card_and_the_answers(run):
    made = run()
    assert made.second.verdict.kept, made.second.said
    assert made.second.layers
    assert made.card.tuned_blocks == 1
    assert made.card.second_stage.startswith("Second stage (the last block and the head): kept")
    assert made.card.second_stage in made.card.to_markdown()
    assert made.card.settings["second_stage_blocks"] == 1
    head = run(options=RetrainOptions(views=2))
    assert head.second is None
    assert head.card.second_stage == "There was no second stage."
    firmer = [made.answers[at].score - head.answers[at].score for at in head.answers]
    assert np.mean(firmer) > 0


def test_what_validation_dislikes_leaves_the_head_alone(run, networks, surer):
    networks.tuner = surer(times=-1.0)
    made = run()
    alone = run(options=RetrainOptions(views=2))
    assert not made.second.verdict.kept
    assert made.second.layers == ()
    assert made.card.tuned_blocks == 0
    assert "not kept, because" in made.card.second_stage
    assert made.models["float32"].read_bytes() == alone.models["float32"].read_bytes()
    assert made.evaluations["float32"].top1 == alone.evaluations["float32"].top1


def test_a_fall_to_one_answer_is_told_and_undone(run, networks, surer):
    networks.tuner = surer(collapsed=True)
    made = run()
    assert not made.second.verdict.kept
    assert "2 passes gave every picture the same answer: undone" in made.card.second_stage
    assert made.evaluations["float32"].top1.value == 1.0


def test_its_passes_are_told_and_its_test_side_is_not_looked_at(run, networks, surer):
    seen, rows = [], []
    works = surer()

    def tuner(head, maps, on_epoch):
        rows.append(len(maps.labels))
        return works(head, maps, on_epoch)

    networks.tuner = tuner
    made = run(on_epoch=seen.append)
    assert [each.number for each in seen if each.stage == "blocks"] == [0, 1, 2]
    split = made.corrected.split
    assert rows == [made.second.views * (len(split.train) + len(split.validation))]


def test_cancelled_in_the_second_stage_the_head_is_kept(run, networks):
    def tuner(_head, _maps, _on_epoch):
        raise Cancelled

    networks.tuner = tuner
    with pytest.raises(Cancelled):
        run(cancel=CancelToken())
    made = run(resume=True, options=RetrainOptions(views=2))
    assert made.trained.epochs[0].validation_accuracy == 1.0
    assert made.evaluations["float32"].top1.value == 1.0


def test_no_room_for_the_maps_is_a_sentence_and_loses_nothing(run, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _path: type("Usage", (), {"free": 1000}))
    with pytest.raises(LabError, match="second stage needs"):
        run()
    monkeypatch.undo()
    assert run(resume=True, options=RetrainOptions(views=2)).trained.epochs[0].number == 0


@pytest.mark.parametrize("blocks", [-1, MOST_BLOCKS + 1])
def test_so_many_blocks_are_refused(blocks):
    with pytest.raises(LabError, match="blocks cannot be trained"):
        TuneOptions(blocks=blocks)
