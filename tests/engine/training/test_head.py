from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import LabError
from engine.jobs import CancelToken
from engine.training.head import Head, HeadOptions, Sample, train_head

NAMES = ("meadow", "road", "water")


def clouds(counts, *, apart=3.0, seed=0, features=6):
    """Classes as clouds around points on different axes."""
    chance = np.random.default_rng(seed)
    rows, labels = [], []
    for label, count in enumerate(counts):
        cloud = chance.normal(size=(count, features))
        cloud[:, label] += apart
        rows.append(cloud)
        labels += [label] * count
    return Sample(np.concatenate(rows).astype(np.float32), np.array(labels))


def accuracy(head, sample):
    return float((head.probabilities(sample.features).argmax(axis=1) == sample.labels).mean())


def test_it_learns_to_tell_classes_apart():
    trained = train_head(clouds((80, 80, 80)), clouds((40, 40, 40), seed=1), NAMES, HeadOptions())
    assert accuracy(trained.head, clouds((200, 200, 200), seed=2)) > 0.95
    assert trained.notice == ""


def test_the_kept_head_is_that_of_the_best_validation():
    passes = []
    train = clouds((12, 12), apart=1)
    trained = train_head(
        train, clouds((50, 50), apart=1, seed=1), NAMES, HeadOptions(l2=0), on_epoch=passes.append
    )
    losses = [each.validation_loss for each in trained.epochs]
    assert losses[trained.kept] == min(losses)
    assert trained.kept < len(losses) - 1
    assert passes == list(trained.epochs)


def test_training_stops_when_validation_gets_no_better():
    options = HeadOptions(epochs=500, patience=5, l2=0)
    trained = train_head(
        clouds((12, 12), apart=1), clouds((50, 50), apart=1, seed=1), NAMES, options
    )
    assert len(trained.epochs) == trained.kept + options.patience + 1


def test_loss_on_what_is_learned_never_rises():
    passes = train_head(
        clouds((40, 40), apart=1), clouds((20, 20), seed=1), NAMES, HeadOptions(l2=0)
    ).epochs
    losses = [each.train_loss for each in passes]
    assert all(later <= earlier + 1e-6 for earlier, later in pairwise(losses))


def test_the_same_pictures_give_the_same_head():
    heads = [
        train_head(clouds((30, 40)), clouds((10, 10), seed=1), NAMES, HeadOptions()).head
        for _ in range(2)
    ]
    assert heads[0].kernel.tobytes() == heads[1].kernel.tobytes()
    assert heads[0].bias.tobytes() == heads[1].bias.tobytes()


def test_rare_classes_count_as_much_as_common_ones():
    train, test = clouds((600, 12), apart=1.5), clouds((300, 300), apart=1.5, seed=2)
    validation = clouds((150, 10), apart=1.5, seed=1)
    rare = {}
    for weighted in (True, False):
        options = HeadOptions(class_weights=weighted)
        head = train_head(train, validation, NAMES, options).head
        said = head.probabilities(test.features).argmax(axis=1)
        rare[weighted] = (said[test.labels == 1] == 1).mean()
    assert rare[True] > rare[False] + 0.2


def test_a_fall_to_one_answer_is_undone_and_told():
    """So few of one class that its pictures are best ignored, unless they weigh more."""
    train, validation = clouds((900, 6), apart=1), clouds((150, 4), apart=1, seed=1)
    trained = train_head(train, validation, NAMES, HeadOptions(class_weights=False))
    said = trained.head.probabilities(validation.features).argmax(axis=1)
    assert set(said) == {0, 1}
    assert "one answer for every picture" in trained.notice
    assert "undone" in trained.notice


def test_a_head_that_fell_to_one_answer_is_not_the_one_that_is_kept():
    train, validation = clouds((60, 60)), clouds((30, 30), seed=1)
    stubborn = Head(np.zeros((6, 2), np.float32), np.array([9, 0], np.float32))
    trained = train_head(train, validation, NAMES, HeadOptions(), start=stubborn)
    assert accuracy(trained.head, validation) > 0.9
    assert trained.kept > 0


def test_pictures_that_are_all_alike_end_in_a_sentence():
    alike = Sample(np.ones((20, 4), np.float32), np.arange(20) % 2)
    with pytest.raises(LabError, match="nothing tells meadow and road apart"):
        train_head(alike, alike, NAMES[:2], HeadOptions())


def test_features_that_are_no_numbers_end_in_a_sentence():
    broken = clouds((10, 10))
    broken.features[3, 2] = np.nan
    with pytest.raises(LabError, match="no numbers"):
        train_head(broken, clouds((5, 5), seed=1), NAMES, HeadOptions())


def test_cancelling_returns_the_best_head_until_then():
    cancel = CancelToken()

    def stop(epoch):
        if epoch.number == 3:
            cancel.cancel()

    trained = train_head(
        clouds((40, 40)),
        clouds((20, 20), seed=1),
        NAMES,
        HeadOptions(),
        on_epoch=stop,
        cancel=cancel,
    )
    assert trained.cancelled
    assert trained.epochs[-1].number == 3
    assert accuracy(trained.head, clouds((20, 20), seed=1)) > 0.8


def test_training_goes_on_where_another_stopped():
    train, validation = clouds((40, 40)), clouds((20, 20), seed=1)
    first = train_head(train, validation, NAMES, HeadOptions(epochs=5))
    second = train_head(train, validation, NAMES, HeadOptions(), start=first.head)
    resumed_at = second.epochs[0].validation_loss
    assert resumed_at == pytest.approx(min(e.validation_loss for e in first.epochs), rel=1e-3)


def test_no_pass_at_all_leaves_a_head_as_it_is():
    train, validation = clouds((40, 40)), clouds((20, 20), seed=1)
    first = train_head(train, validation, NAMES, HeadOptions(epochs=5)).head
    again = train_head(train, validation, NAMES, HeadOptions(epochs=0), start=first)
    np.testing.assert_allclose(again.head.kernel, first.kernel, atol=1e-5)
    np.testing.assert_allclose(again.head.bias, first.bias, atol=1e-4)


@pytest.mark.parametrize("wrong", [{"epochs": -1}, {"patience": 0}, {"l2": float("nan")}])
def test_options_that_make_no_sense_are_refused(wrong):
    with pytest.raises(LabError):
        HeadOptions(**wrong)


def test_time_left_is_that_of_the_passes_left():
    passes = train_head(
        clouds((40, 40)), clouds((20, 20), seed=1), NAMES, HeadOptions(epochs=8, patience=100)
    ).epochs
    assert passes[4].seconds_left == pytest.approx(passes[4].seconds)
    assert passes[8].seconds_left == 0


@given(st.integers(2, 5), st.integers(0, 2**32 - 1))
def test_scores_are_shares_of_one(classes, seed):
    chance = np.random.default_rng(seed)
    head = Head(
        chance.normal(0, 50, (4, classes)).astype(np.float32),
        chance.normal(0, 50, classes).astype(np.float32),
    )
    scores = head.probabilities(chance.normal(0, 50, (7, 4)).astype(np.float32))
    assert (scores >= 0).all()
    np.testing.assert_allclose(scores.sum(axis=1), 1, rtol=1e-5)
