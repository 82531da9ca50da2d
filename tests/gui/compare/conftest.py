"""What was found in the records, without records."""

import pytest

from engine.catalog.candidates import PUBLISHED, Setting, Survey
from engine.catalog.claims import ClaimRow, Verdict
from engine.catalog.reference import ReferenceSeries
from engine.catalog.selection import Candidate
from gui.compare.work import Found

SETTING = Setting("A1", "Pixel 6a", "xnnpack", 4, "camera", "virtual phone: this computer's speed")


def candidate(name: str, top1: float, ms: float | None, origin: str = "measured", **more):
    alpha, side = name.split("_")[1:3]
    interval = (0.9 * ms, 1.1 * ms) if ms else None
    values = {
        "alpha": float(alpha),
        "resolution": int(side.split("-")[0]),
        "precision": name.split("-")[1],
        "latency_interval": interval,
        "apk_mb": 4 + float(alpha),
        "model_mb": float(alpha) * 4,
        "macs": 1e8 * float(alpha),
        "fps": 1000 / ms if ms and origin == "measured" else None,
    }
    return Candidate(
        name=name, top1=top1, top1_origin="published", latency_ms=ms, latency_origin=origin,
        **{**values, **more},
    )  # fmt: skip


CANDIDATES = (
    candidate("v1_1.00_224-int8", 0.70, 34.0),
    candidate("v1_0.50_160-int8", 0.57, 7.0),
    candidate("v1_0.25_128-int8", 0.395, 2.0),
    candidate("v1_0.75_128-int8", 0.55, 9.0),  # dominated by 0.50@160
    candidate("v1_0.75_160-int8", 0.62, 12.0, valid=False, note="not valid: unstable"),
    candidate("v1_0.75_192-int8", 0.66, 16.0, "predicted"),
    candidate("v1_0.50_128-float32", 0.56, None, ""),
)
GREY = Candidate(
    name="v1_1.00_224-int8", alpha=1.0, resolution=224, precision="int8", top1=0.70,
    top1_origin="published", latency_ms=13.0, latency_origin="reference", macs=5.7e8,
    note="Pixel 3; not comparable: another phone",
)  # fmt: skip
CLAIMS = (
    ClaimRow("fps", "40 ms and 30 fps", "40 ms is 25 FPS", "-", Verdict.FAILS, "contradiction"),
    ClaimRow("ratio", "31.94 times", "51.1 / 1.6", "-", Verdict.HOLDS, ""),
)
PLAN = (
    ("v1_0.25_128-int8", "least MACs", True),
    ("v1_0.50_160-int8", "the middle", True),
    ("v1_1.00_224-int8", "most MACs", True),
)


@pytest.fixture
def found() -> Found:
    survey = Survey(SETTING, (SETTING,), PUBLISHED, (PUBLISHED, "road"), CANDIDATES, {})
    series = ReferenceSeries("Pixel 3", "another phone", "hosted models", (GREY,))
    return Found(survey, CLAIMS, (series,), PLAN, "int8", "v1_0.75_192-int8", "int8: a line")


@pytest.fixture
def nothing(found) -> Found:
    """Before anything was measured."""
    rest = tuple(
        candidate(each.name, each.top1, None, "") for each in CANDIDATES if each.name != GREY.name
    )
    survey = Survey(None, (), PUBLISHED, (PUBLISHED,), rest, {})
    plan = tuple((name, why, False) for name, why, _done in PLAN)
    return found._replace(survey=survey, plan=plan, check="", fit="")
