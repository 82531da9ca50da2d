"""The candidates as a table for other programs."""

import csv
import io
from collections.abc import Collection, Sequence

from engine.catalog.candidates import Setting
from engine.catalog.selection import Candidate


def table_csv(
    candidates: Sequence[Candidate], on_front: Collection[int], setting: Setting | None = None
) -> str:
    """Return the candidates as CSV: units in the header, one row each.

    Args:
        candidates: The rows.
        on_front: Which of them are on the front, by their index.
        setting: What the latencies hold for; it stands in every row.
    """
    told = setting.told if setting else ""
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\n")
    table.writerow(
        (
            "model", "alpha", "resolution_px", "precision", "top1", "top1_low", "top1_high",
            "top1_origin", "top1_note", "latency_ms", "latency_low_ms", "latency_high_ms",
            "latency_origin", "fps", "apk_mb", "apk_reckoned", "model_mb", "macs", "valid",
            "front", "run", "note", "setting",
        )
    )  # fmt: skip
    for index, each in enumerate(candidates):
        table.writerow(
            (
                each.name, each.alpha, each.resolution, each.precision, each.top1,
                *(each.top1_interval or ("", "")), each.top1_origin, each.top1_note,
                each.latency_ms, *(each.latency_interval or ("", "")), each.latency_origin,
                each.fps, each.apk_mb, each.apk_reckoned, each.model_mb, each.macs, each.valid,
                index in on_front, each.run_id, each.note, told,
            )
        )  # fmt: skip
    return text.getvalue()
