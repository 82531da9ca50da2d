import os
import shutil

import numpy as np
import pytest

from engine.errors import Cancelled, LabError
from engine.jobs import CancelToken
from engine.models.pictures import read_picture
from engine.training import feature_cache
from engine.training.dataset import scan
from engine.training.feature_cache import FeatureCache
from engine.training.features import compute_features
from engine.training.head import Head
from engine.training.views import view

VIEWS = 4


@pytest.fixture
def pictures(tmp_path, colours):
    return scan(colours(tmp_path / "pictures", counts=(6, 6))).pictures


@pytest.fixture
def root(tmp_path):
    return tmp_path / "cache"


def every(pictures):
    return dict.fromkeys(range(len(pictures)), VIEWS)


def test_features_are_what_the_backbone_says_of_each_view(backbone, pictures, root):
    seen = compute_features(backbone, pictures, every(pictures), root=root)
    assert len(seen) == VIEWS * len(pictures)
    for picture in pictures:
        rgb = read_picture(picture.path)
        for number in range(VIEWS):
            mean = view(rgb, 16, picture.sha256, number).mean(axis=(0, 1)) / 127.5 - 1
            np.testing.assert_allclose(seen[picture.sha256, number], mean, atol=1e-3)


def test_what_was_seen_once_is_not_looked_at_again(backbone, pictures, root):
    first = compute_features(backbone, pictures, every(pictures), root=root)
    for picture in pictures:
        picture.path.unlink()
    second = compute_features(backbone, pictures, every(pictures), root=root)
    assert all((first[key] == second[key]).all() for key in first)


def test_a_renamed_picture_is_the_same_picture(backbone, pictures, root, tmp_path):
    compute_features(backbone, pictures, every(pictures), root=root)
    shutil.move(tmp_path / "pictures", tmp_path / "elsewhere")
    moved = scan(tmp_path / "elsewhere").pictures
    for picture in moved:
        picture.path.unlink()
    assert compute_features(backbone, moved, every(moved), root=root)


def test_only_what_is_missing_is_computed(backbone, pictures, root):
    compute_features(backbone, pictures, {0: 1, 1: 1}, root=root)
    said = []
    compute_features(backbone, pictures, {0: 2, 1: 1}, root=root, report=said.append)
    assert [each.detail for each in said if "of" in each.detail] == ["1 of 1 views"]


def test_progress_rises_to_the_end(backbone, pictures, root):
    said = []
    compute_features(backbone, pictures, every(pictures), root=root, report=said.append)
    fractions = [each.fraction for each in said]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    assert {each.step for each in said} == {"features"}


def test_cancelling_keeps_what_was_seen(backbone, pictures, root):
    cancel = CancelToken()

    def stop(progress):
        if progress.fraction and progress.fraction > 0.4:
            cancel.cancel()

    with pytest.raises(Cancelled):
        compute_features(backbone, pictures, every(pictures), root=root, report=stop, cancel=cancel)
    said = []
    compute_features(backbone, pictures, every(pictures), root=root, report=said.append)
    left = next(each.detail for each in said if "of" in each.detail)
    assert int(left.split(" of ")[1].split()[0]) < VIEWS * len(pictures)


def test_a_full_disk_ends_in_a_sentence_and_costs_nothing(backbone, pictures, root):
    before = [each.path.read_bytes() for each in pictures]
    with pytest.raises(LabError, match="no room left"):
        compute_features(
            backbone, pictures, dict.fromkeys(range(12), 40), root=root, most_bytes=20_000
        )
    assert [each.path.read_bytes() for each in pictures] == before
    assert len(compute_features(backbone, pictures, every(pictures), root=root)) == 48


def test_a_damaged_cache_is_begun_anew(backbone, pictures, root):
    compute_features(backbone, pictures, every(pictures), root=root)
    (path,) = root.glob("*.sqlite")
    path.write_bytes(b"no database at all" * 1000)
    assert len(compute_features(backbone, pictures, every(pictures), root=root)) == 48


def test_a_folder_that_cannot_be_written_ends_in_a_sentence(backbone, pictures, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(LabError, match="cannot be used"):
        compute_features(backbone, pictures, every(pictures), root=tmp_path / "file" / "cache")


def test_a_picture_that_changed_is_named(backbone, pictures, root):
    shutil.copyfile(pictures[3].path, pictures[1].path)
    with pytest.raises(LabError, match=r"001\.png has changed"):
        compute_features(backbone, pictures, every(pictures), root=root)


def test_a_picture_that_is_gone_is_named(backbone, pictures, root):
    pictures[1].path.unlink()
    with pytest.raises(LabError, match=r"001\.png cannot be read"):
        compute_features(backbone, pictures, every(pictures), root=root)


def test_a_classifier_is_no_backbone(networks, pictures, root):
    head = Head(np.eye(3, 2, dtype=np.float32), np.zeros(2, np.float32))
    classifier = networks.retrained(
        "", None, head, ("a", "b"), "float32", (), seed=0, report=None, cancel=None
    )
    with pytest.raises(LabError, match="is no backbone"):
        compute_features(classifier, pictures, every(pictures), root=root)


def test_each_backbone_has_its_own_cache(root):
    vector = np.arange(3, dtype=np.float32)
    first, second = (FeatureCache(digit * 64, 3, root=root) for digit in "ab")
    first.keep([(("0" * 64, 1), vector)])
    assert second.find([("0" * 64, 1)]) == {}
    assert (first.find([("0" * 64, 1)])["0" * 64, 1] == vector).all()
    first.close()
    second.close()


def test_the_cache_that_was_used_longest_ago_makes_room(root, monkeypatch):
    for digit in "abc":
        FeatureCache(digit * 64, 3, root=root).close()
    ages = {"a": 200, "b": 100, "c": 300}
    for path in root.glob("*.sqlite"):
        os.utime(path, (0, ages[path.name[0]]))
    size = next(root.glob("*.sqlite")).stat().st_size
    monkeypatch.setattr(feature_cache, "MOST_BYTES", 2 * size)
    FeatureCache("c" * 64, 3, root=root).close()
    assert sorted(path.name[0] for path in root.glob("*.sqlite")) == ["a", "c"]


def test_features_of_another_length_do_not_count(root):
    cache = FeatureCache("a" * 64, 3, root=root)
    cache.keep([(("0" * 64, 1), np.zeros(3, np.float32))])
    cache.close()
    longer = FeatureCache("a" * 64, 5, root=root)
    assert longer.find([("0" * 64, 1)]) == {}
    longer.close()
