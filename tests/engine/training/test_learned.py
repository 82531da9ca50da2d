import numpy as np
import pytest

from engine.errors import LabError
from engine.training import learned as learned_module
from engine.training.head import Head
from engine.training.learned import Learned, learned_key

KEY = "0" * 64


@pytest.fixture
def head():
    return Head(np.arange(6, dtype=np.float32).reshape(3, 2), np.array([1, 2], np.float32))


def test_what_was_kept_is_found(tmp_path, head):
    Learned(tmp_path / "new").keep(KEY, head)
    found = Learned(tmp_path / "new").find(KEY)
    np.testing.assert_array_equal(found.kernel, head.kernel)
    np.testing.assert_array_equal(found.bias, head.bias)


def test_nothing_is_found_where_nothing_was_kept(tmp_path):
    assert Learned(tmp_path).find(KEY) is None


def test_what_is_forgotten_is_gone(tmp_path, head):
    kept = Learned(tmp_path)
    kept.keep(KEY, head)
    kept.forget(KEY)
    kept.forget(KEY)
    assert kept.find(KEY) is None


@pytest.mark.parametrize("damage", [b"", b"no zip", b"PK\x03\x04 cut off"])
def test_a_damaged_file_counts_as_none(tmp_path, head, damage):
    kept = Learned(tmp_path)
    kept.keep(KEY, head)
    (tmp_path / f"{KEY}.npz").write_bytes(damage)
    assert kept.find(KEY) is None


def test_a_head_that_does_not_fit_together_counts_as_none(tmp_path):
    Learned(tmp_path).keep(KEY, Head(np.zeros((3, 2), np.float32), np.zeros(3, np.float32)))
    assert Learned(tmp_path).find(KEY) is None


def test_only_so_many_are_kept(tmp_path, head, monkeypatch):
    monkeypatch.setattr(learned_module, "MOST_KEPT", 3)
    for digit in "123456":
        Learned(tmp_path).keep(digit * 64, head)
    assert len(list(tmp_path.glob("*.npz"))) <= 4


def test_a_folder_that_cannot_be_made_ends_in_a_sentence(tmp_path, head):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(LabError, match="cannot be kept"):
        Learned(tmp_path / "file" / "learned").keep(KEY, head)


def test_another_backbone_or_other_classes_are_another_training(tmp_path):
    usual = (tmp_path, "v1_0.25_128", "a" * 64, ("road", "🌧"))
    others = [
        (tmp_path / "x", *usual[1:]),
        (tmp_path, "v1_0.50_128", *usual[2:]),
        (*usual[:2], "b" * 64, usual[3]),
        (*usual[:3], ("road", "rail")),
    ]
    assert len({learned_key(*each) for each in (usual, usual, *others)}) == 5
