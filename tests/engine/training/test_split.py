import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import LabError
from engine.training.dataset import Dataset, Picture
from engine.training.split import NEAR, group_near_copies, split


def looks(count, seed=0):
    return [int(each) for each in np.random.default_rng(seed).integers(0, 2**63, count)]


def sides(parts):
    return [set(parts.train), set(parts.validation), set(parts.test)]


def test_every_picture_serves_one_purpose(dataset):
    found = dataset([(at % 2, look) for at, look in enumerate(looks(200))])
    parts = sides(split(found))
    assert set.union(*parts) == set(range(200))
    assert sum(map(len, parts)) == 200


def test_each_class_is_divided_by_the_same_shares(dataset):
    found = dataset([(0 if at < 40 else 1, look) for at, look in enumerate(looks(240))])
    for label, count in ((0, 40), (1, 200)):
        own = {at for at, each in enumerate(found.pictures) if each.label == label}
        shares = [len(side & own) / count for side in sides(split(found))]
        assert shares == pytest.approx([0.7, 0.15, 0.15], abs=0.02)


def test_the_same_seed_divides_alike_and_another_does_not(dataset):
    found = dataset([(at % 2, look) for at, look in enumerate(looks(100))])
    assert split(found, seed=3) == split(found, seed=3)
    assert split(found, seed=3).test != split(found, seed=4).test


def test_near_copies_stay_together(dataset):
    rows = []
    for at, look in enumerate(looks(60)):
        rows += [(at % 2, look), (at % 2, look ^ 0b101), (at % 2, look ^ (0b11 << 40))]
    parts = split(dataset(rows))
    for side in sides(parts):
        assert {index // 3 for index in side if index % 3 == 0} == {index // 3 for index in side}
    assert parts.near_copies == 180


def test_even_few_pictures_reach_every_side(dataset):
    found = dataset([(at % 2, look) for at, look in enumerate(looks(6))])
    for side in sides(split(found)):
        assert {found.pictures[at].label for at in side} == {0, 1}


def test_a_class_of_copies_is_refused(dataset):
    rows = [(0, look) for look in looks(9)] + [(1, 5), (1, 4), (1, 7)]
    with pytest.raises(LabError, match="pictures of b are nearly all the same"):
        split(dataset(rows))


@given(st.integers(0, 2**64 - 1), st.sets(st.integers(0, 63), max_size=NEAR))
def test_whatever_bits_differ_near_copies_are_found(look, bits):
    other = look
    for bit in bits:
        other ^= 1 << bit
    pictures = [Picture(None, 0, "", each, 1, 1) for each in (look, other)]
    assert group_near_copies(pictures) == [[0, 1]]


@given(st.lists(st.integers(0, 2**64 - 1), max_size=30))
def test_groups_hold_each_picture_once(found):
    groups = group_near_copies([Picture(None, 0, "", look, 1, 1) for look in found])
    assert sorted(index for group in groups for index in group) == list(range(len(found)))


def test_a_large_set_is_grouped_without_comparing_all(tmp_path):
    rows = looks(20_000)
    pictures = tuple(Picture(tmp_path, at % 2, str(at), look, 1, 1) for at, look in enumerate(rows))
    found = Dataset(tmp_path, ("a", "b"), pictures, ())
    assert len(split(found).train) == pytest.approx(14_000, rel=0.01)
