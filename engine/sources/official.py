"""Trained models from where they are published, listed in ``assets/official.toml``."""

import difflib
import fnmatch
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from engine.errors import LabError
from engine.jobs import CancelToken, Progress, Report, ignore_progress
from engine.models.graph import MAX_MODEL_BYTES
from engine.models.inspector import inspect_bytes
from engine.models.labels import parse_labels, read_labels
from engine.models.store import ModelStore, Note, StoredModel
from engine.paths import ASSETS, cache_dir
from engine.sources.archives import take_member
from engine.sources.download import Downloaded, Expected, download
from engine.sources.importing import import_model
from engine.sources.transport import Network

ALL: Final = "all"
_BACKGROUND: Final = "background"
_MAX_LABELS_BYTES: Final = 4 << 20
_KINDS: Final = ("float", "quant", "keras")
_SHORT_ALPHA: Final = re.compile(r"_(\d\.\d)(?=[_-]|$)")  # v1_0.5_128 for v1_0.50_128
_HEX: Final = re.compile(r"(|[0-9a-f]{32}|[0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere models are published.

    Attributes:
        id: In the list.
        title: For a person.
        page: Where it is described.
        date: Of the models.
        licence: As the publisher names it.
    """

    id: str
    title: str
    page: str
    date: str
    licence: str


@dataclass(frozen=True, slots=True)
class LabelsSource:
    """A list of labels that is published by itself."""

    url: str
    expect: Expected


@dataclass(frozen=True, slots=True)
class Official:
    """One published model.

    Attributes:
        name: ``v1_0.50_128-quant``: a variant, and ``float``, ``quant`` or ``keras``.
        url: Of the file or archive.
        member: The model's name inside the archive; empty where the file is the model.
        expect: What is known of the file at ``url``.
        place: Where it is published.
        labels: A list published by itself, the name of one inside the archive, or None.
    """

    name: str
    url: str
    member: str
    expect: Expected
    place: Place
    labels: LabelsSource | str | None = None

    def __post_init__(self) -> None:
        """Refuse what nobody could have meant."""
        if not self.name.endswith(tuple(f"-{kind}" for kind in _KINDS)):
            raise LabError(f"The list of official models has the odd name {self.name!r}.")
        if not (_HEX.fullmatch(self.expect.sha256) and _HEX.fullmatch(self.expect.md5)):
            raise LabError(f"The list of official models has an odd hash for {self.name}.")

    @property
    def file_name(self) -> str:
        """The last part of the address."""
        return self.url.rsplit("/", 1)[-1]

    @property
    def checked_by(self) -> str:
        """What the file will be checked against, for a person."""
        if self.expect.sha256:
            return "sha256"
        return "published md5" if self.expect.md5 else "the server's md5"


@dataclass(frozen=True, slots=True)
class OfficialModels:
    """All published models the lab knows, and the hosts they may come from.

    Attributes:
        models: In the order of the list.
        hosts: Names.
        loopback: Whether this computer may be asked, too: for tests.
    """

    models: tuple[Official, ...]
    hosts: tuple[str, ...]
    loopback: bool = False

    def __post_init__(self) -> None:
        """Refuse a name that is there twice and an address on another host."""
        names = [model.name for model in self.models]
        if len(set(names)) != len(names):
            raise LabError("The list of official models names one twice.")
        for model in self.models:
            self.network.check(model.url)

    @property
    def network(self) -> Network:
        """How to reach them."""
        return Network(self.hosts, loopback=self.loopback)

    @classmethod
    def load(cls, path: Path = ASSETS / "official.toml") -> "OfficialModels":
        """Read the list.

        Raises:
            LabError: If it is missing or damaged.
        """
        try:
            raw = tomllib.loads(path.read_text(encoding="utf-8"))
            listed = tuple(
                _official(raw, place, model) for place in raw["places"] for model in place["models"]
            )
            return cls(listed, tuple(str(host) for host in raw["hosts"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise LabError(
                "The list of official models cannot be read.",
                "Install the lab again.",
                detail=f"{path}: {error!r}",
            ) from error

    def choose(self, wanted: Sequence[str]) -> tuple[Official, ...]:
        """Return the models of some names, in the list's order.

        Args:
            wanted: Names, patterns such as ``v1_*-quant``, or ``all``.

        Raises:
            LabError: A name or pattern fits none; near names are named.
        """
        chosen: set[str] = set()
        names = [model.name for model in self.models]
        for each in wanted:
            pattern = "*" if each == ALL else _SHORT_ALPHA.sub(r"_\g<1>0", each)
            fitting = fnmatch.filter(names, pattern) or fnmatch.filter(names, f"{pattern}-*")
            if not fitting:
                near = difflib.get_close_matches(each, names, 3, 0.4)
                advice = f"Perhaps {', '.join(near)}?" if near else ""
                raise LabError(
                    f"No official model is called {each}.",
                    advice or "Command model fetch without a name lists them.",
                )
            chosen.update(fitting)
        return tuple(model for model in self.models if model.name in chosen)


def fetch(
    model: Official,
    *,
    store: ModelStore,
    network: Network,
    folder: Path | None = None,
    report: Report = ignore_progress,
    cancel: CancelToken | None = None,
) -> StoredModel:
    """Fetch a published model and keep it; one that is here already is not fetched again.

    A Keras file becomes a float32 ``.tflite``: nothing of its weights is lost by that.

    Args:
        model: Which.
        store: Where it is kept.
        network: How to reach the publisher.
        folder: For what comes piece by piece; by default in the lab's cache.
        report: Told of progress, under ``download``, ``unpack`` and ``model``.
        cancel: Stops it; what came is kept for the next time.

    Raises:
        LabError: It cannot be had, or is not what was published.
        Cancelled: If it was cancelled.
    """
    cancel = cancel or CancelToken()
    kept = [each for each in store.list() if each.name == model.name]
    for each in kept:
        if each.note.source == model.url and store.get(each.key) is not None:
            report(Progress("download", 1.0, "already here"))
            return each
    folder = _made(folder or cache_dir() / "downloads")
    listed = _published_labels(model, folder, network, cancel)
    archive = folder / model.file_name
    came = download(
        model.url, archive, network=network, expect=model.expect, report=report, cancel=cancel
    )
    try:
        if model.member:
            return _unpack(model, came, listed, store, report, cancel)
        return _convert(model, came, listed, store, report, cancel)
    finally:
        archive.unlink(missing_ok=True)


def _unpack(
    model: Official,
    came: Downloaded,
    listed: tuple[str, ...],
    store: ModelStore,
    report: Report,
    cancel: CancelToken,
) -> StoredModel:
    report(Progress("unpack", None, model.member))
    data = take_member(came.path, model.member, most=MAX_MODEL_BYTES, cancel=cancel)
    if isinstance(model.labels, str):
        listed = parse_labels(
            take_member(came.path, model.labels, most=_MAX_LABELS_BYTES, cancel=cancel)
        )
    facts = inspect_bytes(data, Path(model.member))
    note = Note(facts.task, model.url, model.place.licence, came.verified)
    labels = _fitting(listed, facts.classes)
    cancel.check()
    store.put(facts.sha256, data, name=model.name, built=False, labels=labels, note=note)
    return store.describe(facts.sha256, name=model.name, labels=labels, note=note)


def _convert(
    model: Official,
    came: Downloaded,
    listed: tuple[str, ...],
    store: ModelStore,
    report: Report,
    cancel: CancelToken,
) -> StoredModel:
    return import_model(
        came.path,
        listed[1:] if listed[:1] == (_BACKGROUND,) else listed,
        model.name,
        store=store,
        note=Note(source=model.url, licence=model.place.licence, verified=came.verified),
        report=report,
        cancel=cancel,
    )


def _published_labels(
    model: Official, folder: Path, network: Network, cancel: CancelToken
) -> tuple[str, ...]:
    if not isinstance(model.labels, LabelsSource):
        return ()
    path = folder / model.labels.url.rsplit("/", 1)[-1]
    if not path.is_file():  # it came whole and checked, or not at all
        download(model.labels.url, path, network=network, expect=model.labels.expect, cancel=cancel)
    return read_labels(path)


def _fitting(labels: tuple[str, ...], classes: int) -> tuple[str, ...]:
    """Return the labels that belong to so many classes; none rather than wrong ones."""
    if classes in (0, len(labels)):
        return labels
    if labels[:1] == (_BACKGROUND,) and classes == len(labels) - 1:
        return labels[1:]
    return ()


def _official(raw: dict[str, Any], place: dict[str, Any], model: dict[str, Any]) -> Official:
    where = Place(*(str(place[key]) for key in ("id", "title", "page", "date", "licence")))
    file, labels = str(model["file"]), place.get("labels")
    if "hashes" in place and place["hashes"] not in raw["hashes"]:
        raise KeyError(place["hashes"])
    if labels in raw["labels"]:
        listed = raw["labels"][labels]
        labels = LabelsSource(
            str(listed["url"]), Expected(int(listed["size_bytes"]), str(listed["sha256"]))
        )
    return Official(
        str(model["name"]),
        str(place["url"]).format(file=file),
        str(place.get("member", "")).format(file=file),
        Expected(None, str(model.get("sha256", "")), str(model.get("md5", ""))),
        where,
        labels,
    )


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LabError(f"The folder {folder} cannot be made.", detail=str(error)) from error
    return folder
