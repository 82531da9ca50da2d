"""QA plans: whatever is written, it is a plan or a sentence with its place."""

import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import LabError
from engine.measuring.plan import (
    LIMITS,
    ManualStep,
    Plan,
    PlanError,
    dump_plan,
    missing_files,
    parse_plan,
    plan_of,
    read_plan,
    write_plan,
)
from engine.measuring.plan_reader import Complaint
from engine.measuring.presets import PRESETS, Preset
from engine.qa.template import TEMPLATE

LEAST = {"title": "A", "models": ["m"], "limits": {"median_ms": 60}}

KEYS = st.sampled_from(
    ["title", "models", "preset", "blocks", "threads", "delegate", "source", "start_c", "seed",
     "limits", "margin_percent", "pictures", "baseline", "regression_percent", "manual"]
)  # fmt: skip
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from([*PRESETS, "xnnpack", "loop", "a.zip", "m.tflite"])
)
INNER = st.sampled_from([*[kind.name for kind in LIMITS], "min_s", "max_s", "title", "instruction"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(INNER, inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(KEYS | st.text(max_size=8), VALUES, max_size=8))
def test_any_values_are_a_plan_or_a_sentence_with_its_place(values):
    complaints: tuple[Complaint, ...] = ()
    try:
        plan = plan_of({**LEAST, **values})
    except PlanError as error:
        complaints = error.complaints
    else:
        assert parse_plan(dump_plan(plan)) == plan
        assert plan.sweep.blocks == plan.blocks
    assert all(each.text.endswith((".", "?")) for each in complaints)


@given(st.text(max_size=60) | st.text(string.printable, max_size=60))
def test_any_text_is_a_plan_or_a_sentence(text):
    with pytest.raises(PlanError) as caught:
        parse_plan(text)
    assert str(caught.value).startswith("The plan cannot be used.")


def complaint(**values: object) -> tuple[str, str]:
    """Return the only complaint's place and text."""
    with pytest.raises(PlanError) as caught:
        plan_of({**LEAST, **values})
    (only,) = caught.value.complaints
    return only.place, only.text


@pytest.mark.parametrize(
    ("values", "place", "says"),
    [
        ({"titel": "B"}, "titel", "Did you mean title?"),
        ({"title": 3}, "title", "must be a text, not 3."),
        ({"title": " "}, "title", "must not be empty."),
        ({"models": "m"}, "models", "must be a list of texts"),
        ({"models": []}, "models", "one model at least"),
        ({"models": ["m", "m"]}, "models", "has 'm' twice."),
        ({"models": ["a/m.tflite", "b/m.tflite"]}, "models", "two that are called m."),
        ({"preset": "fast"}, "preset", "must be one of quick, lab, mlperf, sustained"),
        ({"preset": {"min_s": 1, "max_s": 0.5}}, "preset.max_s", "not be less than min_s."),
        ({"preset": {"max_s": 0.5}}, "preset.min_s", "is missing."),
        ({"preset": {"min_s": 1, "max_s": 2, "n": 3}}, "preset.n", "is not known here."),
        ({"blocks": 2}, "blocks", "must be from 3 to 100, not 2."),
        ({"blocks": 3.5}, "blocks", "must be a whole number, not 3.5."),
        ({"blocks": True}, "blocks", "must be a whole number, not True."),
        ({"threads": 0}, "threads", "from 1 to 64"),
        ({"delegate": "tpu"}, "delegate", "must be one of cpu, xnnpack, nnapi, gpu"),
        ({"start_c": float("nan")}, "start_c", "from 0 to 60 degrees Celsius, not nan."),
        ({"start_c": 900}, "start_c", "from 0 to 60"),
        ({"seed": -1}, "seed", "from 0 to"),
        ({"limits": {"median_ms": "fast"}}, "limits.median_ms", "must be a number"),
        ({"limits": {"median_ms": 0}}, "limits.median_ms", "must be over 0"),
        ({"limits": {"median": 3}}, "limits.median", "Did you mean median_ms?"),
        ({"limits": 3}, "limits", "must be a table, not 3."),
        ({"limits": {}}, "limits", "nothing is decided."),
        ({"limits": {"top1_percent": 90}}, "pictures", "needs a folder of pictures."),
        ({"limits": {"top1_percent": 101}}, "limits.top1_percent", "from 0 to 100 %"),
        ({"baseline": "run.html"}, "baseline", "the number of a series, or the name of a .zip."),
        ({"baseline": 0}, "baseline", "from 1 to"),
        ({"baseline": 1.5}, "baseline", "the number of a series"),
        ({"manual": {"title": "A"}}, "manual", "must be a list of steps"),
        ({"manual": [{"title": "A"}]}, "manual 1.instruction", "is missing."),
        ({"manual": [{"title": "A", "instruction": "B", "model": "x"}]}, "manual 1.model",
         "one of the plan's models."),
        ({"manual": [{"title": "A", "instruction": "B"}] * 2}, "manual 2.title", "is there twice."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(values, place, says):
    found = complaint(**values)
    assert found[0] == place
    assert says in found[1]


def test_all_that_is_wrong_is_said_at_once():
    with pytest.raises(PlanError) as caught:
        plan_of({"title": 3, "models": ["m"], "blocks": 1, "limits": {"p90_ms": -1}}, name="a.toml")
    places = [each.place for each in caught.value.complaints]
    assert places == ["title", "blocks", "limits.p90_ms"]
    assert str(caught.value).startswith("a.toml cannot be used. title: must be a text")


def test_no_toml_says_where():
    with pytest.raises(PlanError, match="line 2"):
        parse_plan('title = "A"\nmodels = what\nblocks = 3')


def test_the_template_is_a_plan():
    plan = parse_plan(TEMPLATE)
    assert plan.limit("median_ms") == 60
    assert [each.kind for each in plan.steps] == ["measure", "manual"]


def full_plan(folder: Path) -> Plan:
    return Plan(
        title="All",
        models=("v1_0.50_128-int8", "own.tflite"),
        preset=Preset("own", 1.0, 2.0, 50, 0.015),
        blocks=4,
        threads=2,
        delegate="cpu",
        source="camera",
        start_c=31.5,
        seed=7,
        limits={"median_ms": 60.0, "top1_percent": 90.0},
        margin_percent=0.0,
        pictures="pictures",
        baseline="base.zip",
        regression_percent=3.0,
        manual=(ManualStep("Look", "Look.", "A road", "road.png", "own.tflite"),),
        folder=folder,
    )


def test_a_written_plan_is_read_as_it_was(tmp_path):
    plan = full_plan(tmp_path)
    write_plan(plan, tmp_path / "plan.toml")
    assert read_plan(tmp_path / "plan.toml") == plan


def test_its_hash_is_of_what_it_says_not_of_where_it_lies(tmp_path):
    spaced = parse_plan('# a\nmodels=["m"]\n\ntitle = "A"\nlimits={median_ms=60}', tmp_path)
    assert spaced.sha256 == plan_of(LEAST).sha256
    assert plan_of({**LEAST, "seed": 1}).sha256 != spaced.sha256


def test_files_are_named_from_its_folder(tmp_path):
    plan = full_plan(tmp_path)
    assert plan.place_of("own.tflite").model == str(tmp_path / "own.tflite")
    assert [each.place for each in missing_files(plan)] == [
        "models",
        "pictures",
        "baseline",
        "manual 1.picture",
    ]
    for name in ("own.tflite", "base.zip", "road.png"):
        (tmp_path / name).touch()
    (tmp_path / "pictures").mkdir()
    assert not missing_files(plan)


@pytest.mark.parametrize("data", [b"\xff\xfe", b"#" * 2_000_000])
def test_a_file_that_is_no_plan_is_refused(tmp_path, data):
    path = tmp_path / "plan.toml"
    path.write_bytes(data)
    with pytest.raises(PlanError):
        read_plan(path)
    with pytest.raises(LabError, match="cannot be read"):
        read_plan(tmp_path / "none.toml")
