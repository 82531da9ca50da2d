"""Rows of the file of runs into values."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

import orjson

from engine.link.messages import Health
from engine.phones.readings import Reading, Vitals
from engine.records.values import Digest, End, Flag, RunFacts, RunRow

RUNNING_S = 3.0
"""A run that is not finished counts as running if it was written to so recently."""

FACTS = tuple(field.name for field in fields(RunFacts))
_OTHERS = ("id", "outcome", "ended_utc", "seen_utc", "flags", "digest", "sample_count", "origin")
SELECT = f"SELECT {', '.join((*FACTS, *_OTHERS))} FROM runs"  # noqa: S608 - our own fields
NO_DIGEST = "null"
"""Kept in place of a digest where the samples were looked at and gave none."""

_COUNT = len(FACTS)
_PHONE = FACTS.index("phone")
_TRUTHS = tuple(FACTS.index(name) for name in ("untrained", "app_debuggable", "swapped"))
"""Facts that are true, false or unknown; SQLite has only numbers."""
_TRUE_FALSE = {None: None, 0: False, 1: True}
_ENDS = {each.value: each for each in End}


class RowReader:
    """Reads many rows at one moment; what rows have in common is decoded once.

    Rows share what they have in common, for instance the phone's facts: nobody changes it.
    """

    def __init__(self, now: str, tags: Mapping[int, Sequence[str]]) -> None:
        """Read as of now.

        Args:
            now: The time that tells a running run from a killed one.
            tags: Of each run that has any, by its id.
        """
        self._oldest_running = datetime.fromisoformat(now) - timedelta(seconds=RUNNING_S)
        self._tags = tags
        self._phones: dict[str, dict[str, Any]] = {}
        self._flags: dict[str, tuple[Flag, ...]] = {}

    def row(self, row: sqlite3.Row) -> RunRow:
        """Return one row of ``SELECT``; written for speed: a list has 10,000."""
        facts = list(row)
        run_id, outcome, ended_utc, seen_utc, flags, digest, count, origin = facts[_COUNT:]
        del facts[_COUNT:]
        phone = facts[_PHONE]
        facts[_PHONE] = self._phones.get(phone) or self._phone(phone)
        for index in _TRUTHS:
            facts[index] = _TRUE_FALSE[facts[index]]
        known = self._flags.get(flags)
        return RunRow(
            run_id,
            RunFacts(*facts),
            _ENDS[outcome] if outcome else self._unfinished(seen_utc),
            ended_utc or seen_utc,
            count,
            self._decoded_flags(flags) if known is None else known,
            None if digest is None or digest == NO_DIGEST else Digest(**orjson.loads(digest)),
            tuple(self._tags.get(run_id, ())),
            origin,
        )

    def _phone(self, text: str) -> dict[str, Any]:
        facts: dict[str, Any] = orjson.loads(text)
        self._phones[text] = facts
        return facts

    def _decoded_flags(self, text: str) -> tuple[Flag, ...]:
        flags = tuple(Flag(each) for each in orjson.loads(text))
        self._flags[text] = flags
        return flags

    def _unfinished(self, seen_utc: str) -> End:
        running = datetime.fromisoformat(seen_utc) > self._oldest_running
        return End.RUNNING if running else End.KILLED


def health_from(facts: dict[str, Any]) -> Health:
    """Return what an app told, from its JSON values."""
    clocks = facts.get("cpu_khz")
    return Health(**{**facts, "cpu_khz": None if clocks is None else tuple(clocks)})


def reading_from(facts: dict[str, Any]) -> Reading:
    """Return what a shell told, from its JSON values."""
    vitals = {**facts["vitals"], "cpu_khz": tuple(facts["vitals"]["cpu_khz"])}
    clocks = tuple(facts["cpu_max_khz"])
    return Reading(**{**facts, "vitals": Vitals(**vitals), "cpu_max_khz": clocks})
