"""Databases and facts of runs for the records' tests."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.link.messages import NO_RESULT, NO_TEMPERATURE, SAMPLE_DTYPE, Health, SampleArray
from engine.phones.readings import Reading, Vitals
from engine.records.database import Database
from engine.records.values import End, Flag, RunFacts, digest_of


def make_facts() -> RunFacts:
    """What a run of a real phone would say."""
    return RunFacts(
        name="v1_0.50_128-int8",
        task="classification",
        model_sha256="ab" * 32,
        model_size_bytes=1_502_720,
        untrained=True,
        apk_sha256="",
        apk_size_bytes=None,
        serial="0123",
        phone={"model": "Mi A1", "abis": ["arm64-v8a"]},
        phone_note="",
        app_version="0.1.0",
        app_runtime="LiteRT 1.0.1",
        lab_version="0.1.0",
        delegate="xnnpack",
        delegate_applied="cpu",
        delegate_note="no kernels",
        threads=4,
        source="camera",
        camera="back",
        fit="crop",
        mirror="paused",
        generation=1,
        load_ms=12.5,
        first_ms=31.0,
        seconds_asked=10.0,
        started_utc="2026-01-02T03:04:05.678Z",
    )


@pytest.fixture
def facts() -> RunFacts:
    """What a run of a real phone would say."""
    return make_facts()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty file of runs."""
    opened = Database(tmp_path / "lab.sqlite")
    yield opened
    opened.close()


def make_samples(count: int, *, ms: float = 40.0, seed: int = 0) -> SampleArray:
    """Samples of about ``ms`` each, 25 per second, some without result or temperature."""
    chance = np.random.default_rng(seed)
    array = np.zeros(count, SAMPLE_DTYPE)
    array["sequence"] = np.arange(count)
    array["generation"] = 1
    array["captured_ns"] = 10**9 + np.arange(count) * 40_000_000
    array["infer_ns"] = chance.lognormal(np.log(ms * 1e6), 0.02, count)
    array["convert_ns"] = 2_000_000
    array["finished_ns"] = array["captured_ns"] + array["infer_ns"] + array["convert_ns"]
    array["result"] = np.arange(count) % 5
    array["result"][::5] = NO_RESULT
    array["temperature_dc"] = 300 + np.arange(count) % 20
    array["temperature_dc"][::7] = NO_TEMPERATURE
    return array


def keep_run(
    database: Database, facts: RunFacts | None = None, count: int = 200, **changes: object
) -> int:
    """Keep a finished run with samples, health and readings, and return its number."""
    ms, seed = float(changes.pop("ms", 40.0)), int(changes.pop("seed", 0))
    flags: tuple[Flag, ...] = changes.pop("flags", (Flag.UNTRAINED,))
    run_id = database.begin_run(replace(facts or make_facts(), **changes))
    health = (Health(10**9, battery_c=31.0, cpu_khz=(1_400_000, 652_800)), Health(2 * 10**9))
    vitals = Vitals(80, 31.5, True, 0, (1_400_000, 652_800))
    reading = Reading(2 * 10**9, vitals, (2_000_000, 2_000_000), 1.5)
    database.append(run_id, make_samples(count, ms=ms, seed=seed), health, (reading,))
    database.finish(run_id, End.COMPLETED, flags, digest_of(database.load(run_id).summary))
    return run_id
