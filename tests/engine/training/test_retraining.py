import hashlib
from pathlib import Path

import numpy as np
import pytest

from engine.accuracy.evaluation import evaluate
from engine.errors import Cancelled, LabError
from engine.jobs import CancelToken
from engine.models.inspector import inspect_model
from engine.models.tuned import TuneOptions
from engine.training.head import Head, HeadOptions
from engine.training.learned import Learned
from engine.training.retraining import (
    STEPS,
    RetrainOptions,
    calibration_pictures,
    retrain,
    views_for,
)


@pytest.fixture
def folder(tmp_path, colours):
    return colours(tmp_path / "pictures")


@pytest.fixture
def run(tmp_path, networks, folder):
    """Retrain on the folder with the networks that stand for real ones."""

    def start(**given):
        usual = {
            "variant": "v1_0.25_128",
            "weights": None,
            "networks": networks,
            "precisions": ("float32", "int8"),
            "learned": Learned(tmp_path / "learned"),
            "features": tmp_path / "features",
        }
        return retrain(folder, **usual | given)

    return start


def snapshot(folder):
    return {
        path.relative_to(folder): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_folder_becomes_models_that_tell_its_classes_apart(run):
    made = run()
    assert set(made.models) == {"float32", "int8"}
    for precision, evaluation in made.evaluations.items():
        assert evaluation.top1.value == 1.0
        assert evaluation.n == len(made.corrected.split.test)
        assert inspect_model(made.models[precision]).labels == ("blue", "red")


def test_the_test_side_is_neither_learned_from_nor_calibrated_on(run, networks):
    made = run()
    tested = {made.dataset.pictures[at].path for at in made.corrected.split.test}
    assert {each.path for each in made.evaluations["int8"].answers} == tested
    assert not tested & {each.path for each in made.answers.values()}
    calibrated = dict(networks.built)["int8"]
    trained = {made.dataset.pictures[at].path for at in made.corrected.split.train}
    assert set(calibrated) <= trained
    assert dict(networks.built)["float32"] == ()


def test_the_same_seed_gives_the_same_files_and_card(run, tmp_path):
    def once(name, seed):
        made = run(seed=seed, features=tmp_path / name)
        return made.card.to_json(), *(path.read_bytes() for path in made.models.values())

    first = once("first", 1)
    assert once("second", 1) == first
    assert once("second", 1) == first  # features from the cache
    assert once("first", 2) != first


def test_the_folder_is_left_as_it_was(run, folder):
    before = snapshot(folder)
    run()
    assert snapshot(folder) == before


def test_each_step_is_told_from_begin_to_end(run):
    said = []
    made = run(report=said.append)
    seen = list(dict.fromkeys(each.step for each in said))
    made_always = tuple(step for step in STEPS if step != "tune")
    assert tuple(seen) == made_always
    assert tuple(made.seconds) == made_always
    for step in made_always:
        assert [each.fraction for each in said if each.step == step][-1] == 1


def test_every_pass_is_told(run):
    passes = []
    made = run(on_epoch=passes.append)
    assert tuple(passes) == made.trained.epochs


def test_corrections_are_made_without_looking_again(run):
    first = run()
    for picture in first.dataset.pictures:
        at = first.dataset.pictures.index(picture)
        if at not in first.corrected.split.test:
            picture.path.unlink()
    wrong = [first.dataset.pictures[at].path for at in first.corrected.split.train[:2]]
    second = run(
        dataset=first.dataset,
        relabelled={wrong[0]: "red"},
        excluded=[wrong[1]],
    )
    assert (second.card.relabelled, second.card.excluded) == (1, 1)
    assert second.corrected.split.test == first.corrected.split.test
    assert second.dataset == first.dataset


def test_a_picture_in_the_wrong_folder_is_found_among_the_answers(run, folder):
    (folder / "blue" / "000.png").rename(folder / "red" / "stray.png")
    made = run(seed=3)
    wrong = [each.path.name for each in made.answers.values() if not each.right]
    tested = {each.path.name for each in made.evaluations["int8"].answers}
    assert wrong == ["stray.png"] or "stray.png" in tested


def test_what_a_cancelled_training_learned_goes_on(run, tmp_path):
    cancel = CancelToken()
    passes = []

    def stop(epoch):
        passes.append(epoch)
        if epoch.number == 2:
            cancel.cancel()

    with pytest.raises(Cancelled):
        run(on_epoch=stop, cancel=cancel)
    best = min(each.validation_loss for each in passes)
    made = run(resume=True)
    assert made.trained.epochs[0].validation_loss == pytest.approx(best, rel=1e-3)
    assert run().trained.epochs[0].validation_loss > best  # without resume: from the beginning


def test_what_a_cancelled_training_learned_can_be_used_as_it_is(run):
    cancel = CancelToken()

    def stop(epoch):
        if epoch.number == 2:
            cancel.cancel()

    with pytest.raises(Cancelled):
        run(on_epoch=stop, cancel=cancel)
    made = run(resume=True, options=RetrainOptions(HeadOptions(epochs=0)))
    assert len(made.trained.epochs) == 1
    assert made.evaluations["int8"].top1.value > 0.9


def test_a_build_that_fails_loses_nothing_learned(run, networks, tmp_path):
    def broken(*_args, **_how):
        raise LabError("There is no room left.")

    works, networks.retrained = networks.retrained, broken
    with pytest.raises(LabError, match="no room left"):
        run()
    networks.retrained = works
    first = run(resume=True).trained.epochs[0]
    assert first.validation_accuracy > 0.8  # from the beginning: half


@pytest.mark.parametrize("step", STEPS)
def test_it_can_be_cancelled_in_each_step(run, step):
    cancel = CancelToken()

    def stop(progress):
        if progress.step == step:
            cancel.cancel()

    with pytest.raises(Cancelled):
        run(report=stop, cancel=cancel, options=RetrainOptions(tune=TuneOptions(blocks=1)))


def test_pictures_that_tell_nothing_end_in_a_sentence(run, folder):
    for at, path in enumerate(sorted((folder / "red").glob("*.png"))):
        twin = folder / "blue" / path.name
        twin.write_bytes(path.read_bytes() + bytes([at]))  # another file, the same picture
    with pytest.raises(LabError):
        run(options=RetrainOptions(HeadOptions(epochs=0)))


def test_a_backbone_without_weights_is_told_of(run):
    assert "random weights" in run().card.weights
    assert any("random weights" in each for each in run().card.notices)


def test_fewer_views_are_made_of_more_pictures():
    assert views_for(0) == views_for(900) == 10
    assert views_for(2700) == 8
    assert views_for(100_000) == 5


@pytest.mark.parametrize("views", [-1, 101])
def test_so_many_views_are_refused(views):
    with pytest.raises(LabError):
        RetrainOptions(views=views)


def test_as_many_views_as_asked_for_are_counted(run):
    card = run(options=RetrainOptions(views=3)).card
    assert card.views == 3
    assert card.augmented == 2 * card.real


def test_calibration_pictures_are_of_each_class_and_only_from_training(run):
    made = run()
    chosen = calibration_pictures(made.dataset, made.corrected.split)
    assert all(isinstance(each, Path) for each in chosen)
    assert {each.parent.name for each in chosen} == {"blue", "red"}
    labels = [each.parent.name for each in chosen[:10]]
    assert labels == ["blue", "red"] * 5


def test_scores_of_the_answers_are_the_heads(run):
    made = run()
    for answer in made.answers.values():
        assert answer.score >= 0.5
        assert answer.right == (np.argmax([answer.score, 1 - answer.score]) == 0) == answer.right


def test_a_model_with_one_answer_for_everything_is_told_on_the_card(run, networks):
    """The head is sound here; the file that was built of it is not."""
    works = networks.retrained

    def broken(variant, weights, head, labels, precision, calibration, **how):
        if precision == "int8":
            head = Head(head.kernel * 0, head.bias * 0 + np.array([0, 1], np.float32))
        return works(variant, weights, head, labels, precision, calibration, **how)

    networks.retrained = broken
    card = run().card
    said = [each for each in card.notices if "takes every test picture for" in each]
    assert len(said) == 1
    assert said[0].startswith("As int8 it takes every test picture for red")
    assert said[0] in card.to_markdown()


def test_the_card_says_what_evaluating_the_file_says(run, folder):
    """Test pictures are decoded once and kept small: that must make no difference."""
    made = run()
    again = evaluate(made.models["float32"], folder)
    said = {each.path: each for each in again.answers}
    for answer in made.evaluations["float32"].answers:
        assert said[answer.path].said == answer.said
        assert said[answer.path].score == answer.score


def test_a_model_that_cannot_be_built_ends_the_testing_of_those_before(run, networks):
    works = networks.retrained

    def second_fails(variant, weights, head, labels, precision, calibration, **how):
        if precision == "int8":
            raise LabError("There is no room left.")
        return works(variant, weights, head, labels, precision, calibration, **how)

    networks.retrained = second_fails
    with pytest.raises(LabError, match="no room left"):
        run()
