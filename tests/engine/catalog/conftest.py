"""Runs of a phone for the tests of choosing."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.apk.sizes import model_size
from engine.catalog.variants import Catalog
from engine.records.database import Database
from engine.records.values import Digest, End, Flag, RunFacts

FACTS = RunFacts(
    name="",
    task="classification",
    model_sha256="",
    model_size_bytes=0,
    untrained=False,
    apk_sha256="",
    apk_size_bytes=None,
    serial="A1",
    phone={"model": "Pixel 6a", "abis": ["arm64-v8a"]},
    phone_note="",
    app_version="0.1.0",
    app_runtime="TensorFlow Lite 2.16.1",
    lab_version="0.1.0",
    delegate="xnnpack",
    delegate_applied="xnnpack",
    delegate_note="",
    threads=4,
    source="camera",
    mirror="paused",
    generation=1,
    load_ms=1.0,
    first_ms=1.0,
    seconds_asked=10.0,
    started_utc="2026-01-02T03:04:05.678Z",
)


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """The catalog that ships."""
    return Catalog.load()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty file of runs."""
    opened = Database(tmp_path / "lab.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def keep(database: Database) -> Callable[..., int]:
    """Keep a run of ``name`` that took ``ms``; facts by name, ``flags`` and ``end`` too."""

    def kept(
        name: str,
        ms: float,
        *,
        flags: tuple[Flag, ...] = (),
        end: End = End.COMPLETED,
        fps: float | None = 25.0,
        width: float = 0.02,
        **facts: Any,
    ) -> int:
        variant, _, precision = name.partition("-")
        size = model_size(variant, precision) if variant.startswith("v1_") else 4_000_000
        usual = {"name": name, "model_sha256": name.encode().hex(), "model_size_bytes": size}
        run = database.begin_run(replace(FACTS, **{**usual, **facts}))
        digest = Digest(ms, ms * (1 - width), ms * (1 + width), ms * 1.2, fps, 400)
        database.finish(run, end, flags, digest)
        return run

    return kept
