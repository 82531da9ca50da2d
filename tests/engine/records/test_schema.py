"""run.json is what assets/run.schema.json says, key by key."""

import json

import pytest

from engine.paths import ASSETS
from engine.records.export import SCHEMA, dump_run, dump_runs, run_json
from engine.records.values import End, Flag
from tests.engine.records.conftest import keep_run, make_samples

TYPES = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "object": dict,
    "array": list,
    "null": type(None),
}


@pytest.fixture(scope="module")
def schema():
    return json.loads((ASSETS / "run.schema.json").read_text("utf-8"))


def faults(rule, value, root, where="$"):
    """What a JSON value breaks of the part of JSON Schema that ours uses."""
    if "$ref" in rule:
        name = rule["$ref"].removeprefix("#/$defs/")
        return faults(root["$defs"][name], value, root, where)
    if "anyOf" in rule:
        tried = [faults(each, value, root, where) for each in rule["anyOf"]]
        return min(tried, key=len)
    found = _leaf_faults(rule, value, where)
    if isinstance(value, list) and not found:
        for index, each in enumerate(value):
            found += faults(rule["items"], each, root, f"{where}[{index}]")
    elif isinstance(value, dict) and not found:
        found += _object_faults(rule, value, root, where)
    return found


def _leaf_faults(rule, value, where):
    if "const" in rule:
        return [] if value == rule["const"] else [f"{where} is not {rule['const']}"]
    kinds = rule["type"] if isinstance(rule["type"], list) else [rule["type"]]
    if not any(_is(value, kind) for kind in kinds):
        return [f"{where} is {value!r:.40}, not {kinds}"]
    if "enum" in rule and value not in rule["enum"]:
        return [f"{where} is {value!r}"]
    return []


def _object_faults(rule, value, root, where):
    known, others = rule.get("properties", {}), rule.get("additionalProperties", True)
    found = [f"{where} lacks {name}" for name in rule.get("required", ()) if name not in value]
    for name, each in value.items():
        if name in known:
            found += faults(known[name], each, root, f"{where}.{name}")
        elif others is False:
            found.append(f"{where} has {name}")
        elif isinstance(others, dict):
            found += faults(others, each, root, f"{where}.{name}")
    return found


def _is(value, kind):
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, TYPES[kind])


def test_the_schema_is_of_this_version(schema):
    assert schema["$defs"]["RunFile"]["properties"]["schema"] == {"const": SCHEMA}
    run = schema["$defs"]["Run"]["properties"]
    assert run["end"]["enum"] == [each.value for each in End]
    assert run["flags"]["items"]["enum"] == [each.value for each in Flag]


def test_every_kind_of_run_is_as_the_schema_says(schema, database, facts):
    empty = database.begin_run(facts)
    throttled = database.begin_run(facts)
    samples = make_samples(2000)
    samples["infer_ns"][1200:] = samples["infer_ns"][1200:] * 1.5
    database.append(throttled, samples)
    database.finish(throttled, End.LINK_LOST, (Flag.THROTTLED, Flag.CUT_SHORT))
    whole = keep_run(database, apk_size_bytes=5, series_id=None, start_c=30.0)
    database.history.add_tag(whole, "warm")
    assert database.load(throttled).analysis.throttling is not None
    for run in (empty, throttled, whole):
        written = json.loads(dump_run(database.load(run)))
        assert faults(schema, written, schema) == []
    several = json.loads(dump_runs(map(database.load, (throttled, whole))))
    assert faults(schema, several, schema) == []


def test_a_file_without_its_samples_is_as_the_schema_says(schema, database):
    told = run_json(database.load(keep_run(database)), samples=False)
    assert faults(schema, json.loads(json.dumps(told)), schema) == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda told: told["run"].pop("threads"),
        lambda told: told["run"].update(threads="4"),
        lambda told: told["run"].update(flags=["purple"]),
        lambda told: told["run"].update(more=1),
        lambda told: told["analysis"]["parts"][0].pop("summary"),
        lambda told: told["samples"]["infer_ns"].append(None),
        lambda told: told.update(schema=1),
    ],
)
def test_the_check_sees_what_is_wrong(schema, database, spoil):
    told = json.loads(dump_run(database.load(keep_run(database))))
    spoil(told)
    assert faults(schema, told, schema)
