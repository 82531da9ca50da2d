"""What the Sizes view's job does, on a thread of its own: asks ``engine.apk.sizes``."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from engine.errors import LabError
from gui.shelf import OwnModel
from gui.sizes.what_if import Wish
from gui.variant_list import PRECISIONS

if TYPE_CHECKING:
    from engine.apk.sizes import ApkSizes, SizeChoice, SizedModel

logger = logging.getLogger(__name__)


class Known(NamedTuple):
    """The models that are there: the person's own by name, and the bytes of what was built."""

    own: Mapping[str, OwnModel]
    built: Mapping[str, int]


class Findings(NamedTuple):
    """What the engine says of a wish.

    Attributes:
        wish: What was asked.
        wished: What that APK comes to.
        present: What a deploy would build now.
        floor: The same app without a model.
        alone: ``(switch, bytes more or less)``, each switch alone against the present choice.
        report: The report's apps, each with what it said it was and what rebuilding gives.
    """

    wish: Wish
    wished: "ApkSizes"
    present: "ApkSizes"
    floor: "ApkSizes"
    alone: tuple[tuple[str, int], ...]
    report: tuple["Reported", ...]


class Reported(NamedTuple):
    """One of the report's apps: its name, what it said, what rebuilding gives, and of what."""

    title: str
    claimed_bytes: int
    sizes: "ApkSizes"
    why: str


def find_out(wish: Wish, present: Wish, known: Known) -> Findings:
    """Ask what both wishes come to.

    Args:
        wish: What the switches ask for.
        present: What a deploy would build now.
        known: The models that are there.

    Raises:
        LabError: Something of it is not known, for instance a model's size.
    """
    from engine.apk.sizes import REPORT_APPS, what_if

    now = what_if(_choice(present, known))
    return Findings(
        wish,
        what_if(_choice(wish, known)),
        now,
        what_if(_choice(present._replace(model=""), known)),
        tuple(_alone(present, known, now.total_bytes)),
        tuple(
            Reported(app.name, app.claimed_bytes, what_if(app.choice), app.why)
            for app in REPORT_APPS
        ),
    )


def _alone(present: Wish, known: Known, now_bytes: int) -> "Iterator[tuple[str, int]]":
    from engine.apk.sizes import what_if

    for words, other in _neighbours(present, fixed=present.model in known.own):
        try:
            yield words, what_if(_choice(other, known)).total_bytes - now_bytes
        except LabError as error:  # a library is not there: nothing to compare with
            logger.info("%s: %s", words, error)


def _neighbours(present: Wish, *, fixed: bool) -> Iterator[tuple[str, Wish]]:
    for precision in PRECISIONS:
        if precision != present.precision and not fixed:
            yield precision, present._replace(precision=precision)
    yield "all ABIs", present._replace(abi="")
    yield "TensorFlow Mobile", present._replace(mobile=True)
    words = "no GPU library" if present.gpu else "GPU library"
    yield words, present._replace(gpu=not present.gpu)


def _choice(wish: Wish, known: Known) -> "SizeChoice":
    from engine.apk.sizes import SizeChoice

    names = [name for name in (wish.model, wish.second) if name]
    return SizeChoice(
        models=tuple(_model(name, wish.precision, known) for name in names),
        abis=(wish.abi,) if wish.abi else (),
        runtime="mobile" if wish.mobile else "lite",
        gpu=wish.gpu,
    )


def _model(name: str, precision: str, known: Known) -> "SizedModel":
    from engine.apk.sizes import SizedModel, model_size

    if name not in known.own:
        built = f"{name}-{precision}"
        size = known.built.get(built)
        return SizedModel(built, model_size(name, precision) if size is None else size)
    facts, labels = known.own[name]
    return SizedModel(name, facts.size_bytes, labels, facts.untrained, facts.task, facts.scores_are)


def packed_abi(abis: Sequence[str]) -> str:
    """Return the ABI that a deploy packs for a phone with these, best first.

    Raises:
        InstallError: The phone app has no code for any of them.
    """
    from engine.apk.archive import ArchiveReader
    from engine.apk.builder import BASE_APK
    from engine.apk.inspector import abis_of
    from engine.deploy import choose_abi

    with ArchiveReader(BASE_APK) as base:
        return choose_abi(abis_of(base), abis)


def measure(path: Path) -> "ApkSizes":
    """Return where the bytes of an APK go that was deployed."""
    from engine.apk.sizes import measure_sizes

    return measure_sizes(path)
