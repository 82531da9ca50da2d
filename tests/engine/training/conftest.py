import cv2
import numpy as np
import pytest

from engine.training.dataset import Dataset, Picture


@pytest.fixture
def noise():
    """Write a picture of coarse noise; another seed looks quite different."""

    def write(path, seed, *, side=64, quality=90):
        path.parent.mkdir(parents=True, exist_ok=True)
        cells = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), np.uint8)
        rgb = cv2.resize(cells, (side, side), interpolation=cv2.INTER_CUBIC)
        options = [cv2.IMWRITE_JPEG_QUALITY, quality] if path.suffix == ".jpg" else []
        path.write_bytes(cv2.imencode(path.suffix, rgb, options)[1].tobytes())
        return path

    return write


@pytest.fixture
def folder(tmp_path, noise):
    """Two classes with six quite different pictures each."""
    for label, name in enumerate(("not_road", "road")):
        for at in range(6):
            noise(tmp_path / name / f"{at}.jpg", 100 * label + at)
    return tmp_path


@pytest.fixture
def dataset(tmp_path):
    """Make a dataset from (label, look) pairs, without files."""

    def make(rows, classes=("a", "b")):
        pictures = tuple(
            Picture(tmp_path / f"{at}.jpg", label, f"{at:064x}", look, 8, 8)
            for at, (label, look) in enumerate(rows)
        )
        return Dataset(tmp_path, tuple(classes), pictures, ())

    return make
