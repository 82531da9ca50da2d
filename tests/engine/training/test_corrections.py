import pytest

from engine.errors import LabError
from engine.training.corrections import correct
from engine.training.split import split


@pytest.fixture
def divided(dataset):
    """Twenty quite different pictures of each of two classes, and their split."""
    found = dataset(
        [
            (label, (1 + 2 * at + label) * 0x9E3779B97F4A7C15 % 2**64)
            for label in (0, 1)
            for at in range(20)
        ]
    )
    return found, split(found)


def test_without_corrections_all_stays(divided):
    found, sides = divided
    corrected = correct(found, sides, (), {})
    assert corrected.dataset == found
    assert corrected.split == sides
    assert (corrected.excluded, corrected.relabelled, corrected.in_test) == (0, 0, 0)


def test_what_is_left_out_is_on_no_side(divided):
    found, sides = divided
    out = [sides.train[0], sides.validation[0], sides.test[0]]
    left = correct(found, sides, [found.pictures[at].path for at in out], {})
    assert left.excluded == 3
    assert left.in_test == 1
    assert not set(out) & {*left.split.train, *left.split.validation, *left.split.test}


def test_another_class_moves_no_picture_to_another_side(divided):
    found, sides = divided
    wrong = [at for at in (*sides.train[:2], *sides.test[:1]) if found.pictures[at].label == 0]
    changed = correct(found, sides, (), {found.pictures[at].path: "b" for at in wrong})
    assert changed.split == sides
    assert changed.relabelled == len(wrong)
    assert all(changed.dataset.pictures[at].label == 1 for at in wrong)


def test_the_class_that_a_picture_has_is_no_correction(divided):
    found, sides = divided
    assert correct(found, sides, (), {found.pictures[0].path: "a"}).relabelled == 0


def test_the_dataset_that_was_given_is_left_alone(divided):
    found, sides = divided
    correct(found, sides, (), {found.pictures[0].path: "b"})
    assert found.pictures[0].label == 0


def test_a_class_that_is_none_is_named(divided):
    found, sides = divided
    with pytest.raises(LabError, match=r"no class 'c'. Choose a or b"):
        correct(found, sides, (), {found.pictures[0].path: "c"})


def test_a_picture_that_is_none_is_named(divided, tmp_path):
    found, sides = divided
    for arguments in (([tmp_path / "x.jpg"], {}), ((), {tmp_path / "x.jpg": "b"})):
        with pytest.raises(LabError, match=r"x\.jpg is not among the pictures"):
            correct(found, sides, *arguments)


def test_a_class_that_is_all_but_left_out_ends_in_a_sentence(divided):
    found, sides = divided
    out = [each.path for each in found.pictures[:17]]
    with pytest.raises(LabError, match="Too few pictures of a are left"):
        correct(found, sides, out, {})


def test_a_side_without_a_class_ends_in_a_sentence(divided):
    found, sides = divided
    out = [found.pictures[at].path for at in sides.test if found.pictures[at].label == 1]
    with pytest.raises(LabError, match="b are left: 14 to learn from, 3 to validate and 0 to test"):
        correct(found, sides, out, {})
