"""What the lab's app on this phone tells the lab, as the protocol's values and bytes."""

import os
from importlib.metadata import version
from typing import Any

from engine.models.interpreter import HostModel
from engine.models.recognition import Box, Recognition
from engine.virtual_phone.app.link_messages import (
    BoxEntry,
    ClassEntry,
    result_boxes,
    result_classes,
)
from engine.virtual_phone.app.model import DELEGATES, MAX_THREADS, PACKAGE, SOURCES, LabModel
from engine.virtual_phone.handset import Handset
from engine.virtual_phone.packages.packages import InstalledPackage
from engine.virtual_phone.screen.camera import clock_ns


def hello_values(handset: Handset, package: InstalledPackage | None) -> dict[str, Any]:
    """Return the values of ``HELLO``."""
    properties = handset.properties
    return {
        "app": {
            "version": package.version_name if package else "",
            "version_code": package.version_code if package else 0,
            "package": PACKAGE,
            "debuggable": package.debuggable if package else False,
            "runtime": f"LiteRT {version('ai-edge-litert')}",
        },
        "phone": {
            "manufacturer": properties["ro.product.manufacturer"],
            "model": handset.name,
            "android": handset.android,
            "sdk": handset.sdk,
            "fingerprint": properties["ro.build.fingerprint"],
            "abis": list(handset.abis),
            "soc": properties.get("ro.soc.model", properties["ro.board.platform"]),
        },
        "sources": list(SOURCES),
        "delegates": list(DELEGATES),
        "max_threads": MAX_THREADS,
        "clock_ns": clock_ns(),
        "pid": handset.processes.pid_of(PACKAGE) or os.getpid(),
    }


def health_values(handset: Handset, *, screen_on: bool) -> dict[str, Any]:
    """Return the values of ``HEALTH``.

    This computer's clocks and this program's memory are not the phone's: they are null.
    """
    return {
        "clock_ns": clock_ns(),
        "battery_percent": handset.battery.percent,
        "battery_c": handset.battery.celsius,
        "charging": handset.battery.charging,
        "thermal": None,
        "screen_on": screen_on,
        "cpu_khz": None,
        "pss_kb": None,
    }


def model_values(
    model: LabModel, host: HostModel, generation: int, first_ns: int
) -> dict[str, Any]:
    """Return the values of ``MODEL``."""
    taken = host.facts.inputs[0]
    return {
        "generation": generation,
        "name": model.name,
        "sha256": model.sha256,
        "size_bytes": len(model.data),
        "task": "detection" if host.facts.task == "detection" else "classification",
        "untrained": is_untrained(model, host),
        "input": {
            "shape": list(taken.shape),
            "dtype": taken.dtype,
            "scale": taken.scale,
            "zero_point": taken.zero_point,
        },
        "labels": list(host.labels),
        "load_ms": host.load_ms,
        "first_ms": first_ns / 1e6,
    }


def is_untrained(model: LabModel | None, host: HostModel | None) -> bool:
    """Whether the lab said so or the file itself does."""
    said = model is not None and model.untrained
    return said or (host is not None and host.facts.untrained)


def frame_result(recognition: Recognition, sequence: int, generation: int) -> bytes:
    """Return the framed ``RESULT`` of one sample."""
    if recognition.kind == "boxes":
        boxes = [
            BoxEntry(one.index, one.score, one.top, one.left, one.bottom, one.right)
            for one in recognition.entries
            if isinstance(one, Box)
        ]
        return result_boxes(sequence, generation, boxes)
    classes = [ClassEntry(one.index, one.score) for one in recognition.entries]
    return result_classes(sequence, generation, classes)
