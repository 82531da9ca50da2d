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
    result_map,
    result_vector,
)
from engine.virtual_phone.app.memory import native_heap_kb, pss_kb
from engine.virtual_phone.app.model import PACKAGE, LabModel
from engine.virtual_phone.app.settings import Limits
from engine.virtual_phone.handset import Handset
from engine.virtual_phone.packages.packages import InstalledPackage
from engine.virtual_phone.screen.camera import clock_ns

THERMAL_SDK = 29


def hello_values(
    handset: Handset, package: InstalledPackage | None, limits: Limits, pictures: int
) -> dict[str, Any]:
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
        "sources": list(limits.sources),
        "cameras": list(limits.cameras),
        "pictures": pictures,
        "delegates": list(limits.delegates),
        "max_threads": limits.max_threads,
        "clock_ns": clock_ns(),
        "pid": handset.processes.pid_of(PACKAGE) or os.getpid(),
    }


def health_values(handset: Handset, *, screen_on: bool) -> dict[str, Any]:
    """Return the values of ``HEALTH``: memory is this program's."""
    return {
        "clock_ns": clock_ns(),
        "battery_percent": handset.battery.percent,
        "battery_c": handset.battery.celsius,
        "charging": handset.battery.charging,
        "thermal": handset.heat.status if handset.sdk >= THERMAL_SDK else None,
        "screen_on": screen_on,
        "power_save": handset.settings["global"].get("low_power") == "1",
        "cpu_khz": handset.clocks_khz,
        "pss_kb": pss_kb(),
        "native_heap_kb": native_heap_kb(),
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
        "task": host.task,
        "fit": host.fit,
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


def frame_result(recognition: Recognition, sequence: int, generation: int, picture: int) -> bytes:
    """Return the framed ``RESULT`` of one sample; ``picture`` is the APK's, from 1, or 0."""
    if recognition.vector is not None:
        return result_vector(sequence, generation, recognition.vector, picture=picture)
    if recognition.kind == "boxes":
        boxes = [
            BoxEntry(one.index, one.score, one.top, one.left, one.bottom, one.right)
            for one in recognition.entries
            if isinstance(one, Box)
        ]
        return result_boxes(sequence, generation, boxes, picture=picture)
    classes = [ClassEntry(one.index, one.score) for one in recognition.entries]
    if recognition.cells is not None:
        return result_map(sequence, generation, classes, recognition.cells, picture=picture)
    return result_classes(sequence, generation, classes, picture=picture)
