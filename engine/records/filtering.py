"""Which of the runs: by words, phone, model, tag, series, day and validity."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.errors import LabError

_PHONE_NAME = (
    "coalesce(json_extract(phone, '$.manufacturer'), '') || ' ' ||"
    " coalesce(json_extract(phone, '$.model'), '')"
)
_SEARCHED = (
    "name",
    "serial",
    _PHONE_NAME,
    "note",
    "origin",
    "place",
    "preset",
    "delegate_applied",
    "coalesce((SELECT group_concat(tag, ' ') FROM tags WHERE run_id = runs.id), '')",
    "coalesce((SELECT title FROM series WHERE series.id = runs.series_id), '')",
)
_WORDS = " || ' ' || ".join(_SEARCHED)


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs to list; what is left out does not narrow.

    Attributes:
        text: Words that all occur, in any order and case, in the model's name, the phone, the
            note, the tags, the series' title, the preset, the place or the delegate.
        phone: A serial, or part of the maker and model, in any case.
        model: Part of the model's name, in any case.
        tag: A tag, whole.
        valid: Only runs that may be ranked.
        series: Only runs of that series.
        since: Started at that time or later, ISO 8601 in UTC; see ``parse_since``.
        deleted: The deleted ones in place of those that are there.
    """

    text: str = ""
    phone: str = ""
    model: str = ""
    tag: str = ""
    valid: bool = False
    series: int | None = None
    since: str = ""
    deleted: bool = False

    def where(self) -> tuple[str, tuple[Any, ...]]:
        """Return the SQL condition and its values; ``valid`` is not part of it.

        It needs the function ``folded``, which puts text in one case.
        """
        conditions = [f"deleted_utc IS {'NOT ' if self.deleted else ''}NULL"]
        values: list[Any] = []

        def narrow(condition: str, *given: object) -> None:
            conditions.append(condition)
            values.extend(given)

        if self.series is not None:
            narrow("series_id = ?", self.series)
        if self.since:
            narrow("started_utc >= ?", self.since)
        if self.tag:
            narrow("EXISTS (SELECT 1 FROM tags WHERE run_id = runs.id AND tag = ?)", self.tag)
        if self.model:
            narrow("instr(folded(name), ?)", self.model.casefold())
        if self.phone:
            wanted = self.phone.casefold()
            narrow(f"(folded(serial) = ? OR instr(folded({_PHONE_NAME}), ?))", wanted, wanted)
        for word in self.text.casefold().split():
            narrow(f"instr(folded({_WORDS}), ?)", word)
        return " AND ".join(conditions), tuple(values)


def parse_since(text: str, now: datetime | None = None) -> str:
    """Return the time that ``2026-05-01``, ``2026-05-01T10:00`` or ``7d``, ``36h`` means.

    Args:
        text: A day or a time, UTC where it does not say otherwise; or days or hours back.
        now: From when to count back; None is the present.

    Raises:
        LabError: It is none of them.
    """
    back = re.fullmatch(r"(\d{1,5})([dh])", text.strip())
    try:
        if back:
            count = int(back.group(1))
            span = timedelta(days=count) if back.group(2) == "d" else timedelta(hours=count)
            moment = (now or datetime.now(UTC)) - span
        else:
            moment = datetime.fromisoformat(text.strip())
            moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
        return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    except (ValueError, OverflowError) as error:
        raise LabError(
            f"{text!r} is no day.", "Write 2026-05-01, or 7d for the last seven days, or 36h."
        ) from error
