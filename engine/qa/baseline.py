"""What a QA session is compared with: the blocks of an earlier series."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from engine.errors import LabError
from engine.jobs import CancelToken
from engine.measuring.plan import Plan
from engine.measuring.sweep_plan import Place
from engine.measuring.sweep_result import steady_ms
from engine.records.database import Database
from engine.records.values import RunRow, name_of_phone

Blocks = list[NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class _Key:
    """What has to be the same for two blocks to be compared."""

    phone: str
    serial: str
    model: str
    delegate: str
    threads: int
    source: str


@dataclass(frozen=True, slots=True)
class Baseline:
    """The valid blocks of an earlier series.

    Attributes:
        name: Where it is from, for a person.
    """

    name: str
    _blocks: dict[_Key, Blocks] = field(default_factory=dict)

    def blocks_of(self, phone: str, serial: str, model: str, place: Place) -> Blocks:
        """Return the blocks of the same configuration on the same phone, or else the same make.

        Args:
            phone: Maker and model.
            serial: The phone's.
            model: The model's name; its weights may differ, that is what is compared.
            place: Threads as the phone had them.
        """
        alike = {
            key: blocks
            for key, blocks in self._blocks.items()
            if (key.phone, key.model, key.delegate, key.source)
            == (phone, model, place.delegate, place.source)
            and key.threads == (place.threads or key.threads)
        }
        own = [each for key, blocks in alike.items() if key.serial == serial for each in blocks]
        return own or [each for blocks in alike.values() for each in blocks]


def load_baseline(plan: Plan, database: Database, cancel: CancelToken) -> Baseline | None:
    """Return what a plan compares with; None where it names nothing.

    A ``.zip`` is read into a file of its own and leaves the person's records as they are.

    Raises:
        LabError: There is no such series or file, or nothing in it counts.
        Cancelled: It was cancelled.
    """
    if plan.baseline is None:
        return None
    if isinstance(plan.baseline, int):
        database.series.load(plan.baseline)
        rows = database.runs(series_id=plan.baseline)
        return _read(f"series {plan.baseline}", rows, database, cancel)
    from engine.records.exchange import import_zip

    path = plan.file(plan.baseline)
    with TemporaryDirectory() as folder, closing(Database(Path(folder) / "base.sqlite")) as apart:
        import_zip(path, apart, cancel=cancel)
        return _read(path.name, apart.runs(), apart, cancel)


def _read(name: str, rows: Sequence[RunRow], database: Database, cancel: CancelToken) -> Baseline:
    latest: dict[tuple[_Key, object], RunRow] = {}
    for row in sorted(rows, key=lambda row: row.id):
        if row.valid:
            latest[_key(row), (row.facts.series_id, row.facts.block or f"run {row.id}")] = row
    blocks: dict[_Key, Blocks] = {}
    for (key, _), row in latest.items():
        cancel.check()
        record = database.load(row.id)
        if record.analysis.parts:
            blocks.setdefault(key, []).append(steady_ms(record))
    if not blocks:
        raise LabError(f"Nothing in the baseline, {name}, counts.", "Choose another, or none.")
    return Baseline(name, blocks)


def _key(row: RunRow) -> _Key:
    facts = row.facts
    phone = name_of_phone(facts.phone) or facts.serial
    return _Key(phone, facts.serial, facts.name, facts.delegate, facts.threads, facts.source)
