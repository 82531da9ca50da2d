"""Runs as a database gives them back, made without a phone."""

import math

import numpy as np

from engine.link.messages import SAMPLE_DTYPE
from engine.measuring.analysis import analyse
from engine.phones.readings import Reading, Vitals
from engine.records.values import End, RunFacts, RunRecord, RunRow, digest_of

BEGIN_NS = 10**9
MS = 10**6


def made_samples(seconds, *, fps=30, slower=1.0, at_s=math.inf):
    """Return samples of a camera run: 12 ms with 3 % noise, ``slower`` times that from ``at_s``."""
    n = round(seconds * fps)
    array = np.zeros(n, SAMPLE_DTYPE)
    at_ns = np.round((np.arange(n) + 1) * 1e9 / fps)
    noise = 1 + 0.03 * np.random.default_rng(1).normal(size=n)
    latency_ms = 12 * noise * np.where(at_ns >= at_s * 1e9, slower, 1)
    array["sequence"] = np.arange(n)
    array["generation"] = 1
    array["finished_ns"] = BEGIN_NS + at_ns
    array["captured_ns"] = array["finished_ns"] - 30 * MS
    array["camera_ns"] = 5 * MS
    array["convert_ns"], array["post_ns"], array["draw_ns"] = 2 * MS, MS // 2, MS
    array["infer_ns"] = latency_ms * MS
    return array


def made_readings(
    seconds, *, battery_percent=80, charging=True, temperature_c=31.0, thermal_status=None
):
    """Return what the shell tells once per second."""
    vitals = Vitals(battery_percent, temperature_c, charging, thermal_status, (2_000_000,) * 4)
    return tuple(
        Reading(BEGIN_NS + second * 10**9, vitals, (2_000_000,) * 4, 4.0)
        for second in range(int(seconds))
    )


def made_record(samples, readings=None, health=(), flags=(), **facts):
    """Return the run that these amount to; ``facts`` replace those of a calm one."""
    if readings is None:
        span_s = (int(samples["finished_ns"][-1]) - BEGIN_NS) / 1e9 if len(samples) else 0
        readings = made_readings(math.ceil(span_s))
    calm = {
        "name": "v1_0.50_128-int8",
        "task": "classification",
        "model_sha256": "ab" * 32,
        "model_size_bytes": 1_400_000,
        "untrained": False,
        "apk_sha256": "cd" * 32,
        "apk_size_bytes": 5_300_000,
        "serial": "0123",
        "phone": {"manufacturer": "Xiaomi", "model": "Mi A1"},
        "phone_note": "",
        "app_version": "1.0",
        "app_runtime": "LiteRT 1.0.1",
        "lab_version": "0.1",
        "delegate": "xnnpack",
        "delegate_applied": "xnnpack",
        "delegate_note": "",
        "threads": 4,
        "source": "camera",
        "mirror": "paused",
        "generation": 1,
        "load_ms": 12.5,
        "first_ms": 31.0,
        "seconds_asked": 60.0,
        "started_utc": "2026-01-02T03:04:05.678Z",
        "threads_asked": 4,
        "camera": "back",
        "fit": "crop",
        "app_debuggable": False,
        "swapped": False,
        "preset": "lab",
    }
    analysis = analyse(samples, tuple(health), tuple(readings))
    row = RunRow(
        id=1,
        facts=RunFacts(**{**calm, **facts}),
        end=End.COMPLETED,
        ended_utc="2026-01-02T03:05:05.678Z",
        sample_count=len(samples),
        flags=tuple(flags),
        digest=digest_of(analysis.summary),
    )
    return RunRecord(row, samples, tuple(health), tuple(readings), analysis)
