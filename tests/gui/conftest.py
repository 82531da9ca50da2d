"""What the window's tests share: a theme, a full window, values as the engine makes them."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from pathlib import Path

import numpy as np
import pytest

from engine.link.messages import SAMPLE_DTYPE
from gui.main_window import MainWindow
from gui.theme import Theme
from gui.variant_rows import VariantRow

MACS = {
    1.0: (569, 418, 291, 186),
    0.75: (317, 233, 162, 104),
    0.5: (150, 110, 77, 49),
    0.25: (41, 34, 21, 14),
}
TOP1 = {
    1.0: (70.7, 69.3, 67.2, 64.1),
    0.75: (68.4, 67.4, 65.2, 61.8),
    0.5: (64.0, 62.1, 59.9, 56.2),
    0.25: (50.6, 49.0, 46.0, 41.3),
}
PARAMS = {1.0: 4.24, 0.75: 2.59, 0.5: 1.34, 0.25: 0.47}


def make_rows() -> list[VariantRow]:
    """The 16 variants with the report's numbers."""
    return [
        VariantRow(
            name=f"v1_{alpha:.2f}_{side}",
            alpha=alpha,
            resolution=side,
            top1=TOP1[alpha][at] / 100,
            macs=MACS[alpha][at] * 1e6,
            params=PARAMS[alpha] * 1e6,
            size_bytes=(("int8", int(PARAMS[alpha] * 1.1e6)),),
            reference=(("int8", "Pixel 3: 1.7 ms", "hosted models"),),
        )
        for alpha in (1.0, 0.75, 0.5, 0.25)
        for at, side in enumerate((224, 192, 160, 128))
    ]


def make_samples(
    count: int,
    *,
    end_ns: int = 60_000_000_000,
    fps: float = 24.0,
    infer_ms: float = 12.4,
    seed: int = 1,
) -> np.ndarray:
    """Samples whose last one finished at ``end_ns`` on the phone's clock."""
    random = np.random.default_rng(seed)
    samples = np.zeros(count, SAMPLE_DTYPE)
    samples["sequence"] = np.arange(count)
    samples["finished_ns"] = end_ns - (np.arange(count)[::-1] * 1e9 / fps).astype(np.int64)
    for stage, ms in (("convert", 3.1), ("infer", infer_ms), ("post", 0.8), ("draw", 2.2)):
        jitter = random.normal(1, 0.05, count) + (random.random(count) < 0.03) * random.random(
            count
        )
        samples[f"{stage}_ns"] = (ms * 1e6 * np.clip(jitter, 0.7, 3)).astype(np.uint64)
    return samples


@pytest.fixture(params=["light", "dark"])
def theme(request: pytest.FixtureRequest, qapp) -> Theme:
    return Theme(qapp, request.param)


@pytest.fixture
def light(qapp) -> Theme:
    return Theme(qapp, "light")


@pytest.fixture
def window(qtbot, light) -> MainWindow:
    window = MainWindow(light)
    qtbot.addWidget(window)
    return window


@pytest.fixture
def rows() -> list[VariantRow]:
    return make_rows()


@pytest.fixture
def samples():
    return make_samples


@pytest.fixture
def photos() -> Path:
    folder = Path(__file__).parents[2] / ".." / "shared" / "pictures"
    if not folder.is_dir():
        pytest.skip("the shared pictures are not here")
    return folder


@pytest.fixture(autouse=True)
def no_qt_warnings(qtlog):
    """Fail a test in which Qt warned, as an unexpected log warning would."""
    yield
    warned = [
        record.message
        for record in qtlog.records
        if record.type.name in {"QtWarningMsg", "QtCriticalMsg", "QtFatalMsg"}
        and "does not support propagateSizeHints" not in record.message  # offscreen's own
    ]
    assert not warned, warned
