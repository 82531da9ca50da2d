"""Databases and facts of runs for the records' tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.records.database import Database
from engine.records.values import RunFacts


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
