"""Runs whose truth is known: latencies of a chosen shape, and the noises they are judged with."""

import math
from statistics import NormalDist

import numpy as np

from engine.link.messages import SAMPLE_DTYPE

NOISES = ("normal", "log-normal", "bimodal", "outliers")
STANDARD = NormalDist()


def samples(latency_ms, *, gap_ms=1.0, begin_ns=10**9):
    """Return samples of an engine loop: each begins when the one before has ended."""
    latency_ns = np.round(np.asarray(latency_ms, float) * 1e6)
    array = np.zeros(len(latency_ns), SAMPLE_DTYPE)
    finished = begin_ns + np.cumsum(latency_ns + gap_ms * 1e6)
    array["sequence"] = np.arange(len(array))
    array["infer_ns"] = latency_ns
    array["finished_ns"] = finished
    array["captured_ns"] = finished - latency_ns - gap_ms * 1e6
    return array


def noise(kind, generator, shape):
    """Return factors around 1, independent of each other."""
    normal = generator.normal(size=shape)
    match kind:
        case "normal":
            return 1 + 0.05 * normal
        case "log-normal":
            return np.exp(0.1 * normal)
        case "bimodal":
            return np.where(generator.random(shape) < 0.7, 1, 1.2) + 0.02 * normal
        case "outliers":
            return (1 + 0.02 * normal) * np.where(generator.random(shape) < 0.04, 1.8, 1)
    raise ValueError(kind)


def true_quantile(kind, q, drift):
    """Return the quantile of all that noise times a drift; ``drift`` holds a run's factors."""

    def below(value):
        at = value / drift
        match kind:
            case "normal":
                return np.mean([STANDARD.cdf((each - 1) / 0.05) for each in at])
            case "log-normal":
                return np.mean([STANDARD.cdf(math.log(each) / 0.1) for each in at])
            case "bimodal":
                fast = np.mean([STANDARD.cdf((each - 1) / 0.02) for each in at])
                slow = np.mean([STANDARD.cdf((each - 1.2) / 0.02) for each in at])
                return 0.7 * fast + 0.3 * slow
        raise ValueError(kind)

    low, high = 0.5, 2.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle) < q else (low, middle)
    return low


def alike_neighbours(generator, shape, phi):
    """Return standard normal values along the last axis, each like the one before by ``phi``."""
    fresh = generator.normal(size=shape)
    values = fresh.copy()
    for i in range(1, shape[-1]):
        values[..., i] = phi * values[..., i - 1] + math.sqrt(1 - phi**2) * fresh[..., i]
    return values
