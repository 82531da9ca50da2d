"""Getting trained models: fetch, import, carry as a pack, list, remove."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.errors import LabError
from engine.jobs import CancelToken, Progress, Report
from engine.terminal.console import EXIT_INPUT, print_json, print_table, say, work
from engine.terminal.model_commands import LabelsOption
from engine.terminal.phone_commands import JsonOption

if TYPE_CHECKING:
    from engine.models.store import ModelStore, StoredModel
    from engine.sources.official import Official, OfficialModels

KEY_DIGITS = 8


def register(app: typer.Typer) -> None:
    """Add these commands to ``mobilenet-lab model``."""
    app.command("list")(model_list)
    app.command("fetch")(model_fetch)
    app.command("import")(model_import)
    app.command("pack")(model_pack)
    app.command("remove")(model_remove)


def model_list(*, json: JsonOption = False) -> None:
    """List the models on this computer."""
    from engine.models.store import ModelStore

    _show(ModelStore().list(), json=json)


def model_fetch(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME...|all]", help="Or a pattern: 'v1_*-quant'. None: a list."),
    ] = None,
    *,
    json: JsonOption = False,
) -> None:
    """Fetch trained models from where they are published; no names: list them."""
    from engine.models.store import ModelStore
    from engine.sources.official import OfficialModels

    official, store = OfficialModels.load(), ModelStore()
    if not names:
        _show_official(official, store, json=json)
        return
    chosen = official.choose(names)

    def fetch(report: Report, cancel: CancelToken) -> tuple[list["StoredModel"], int]:
        return fetch_all(chosen, official, store, report, cancel)

    kept, failed = work("model fetch", fetch)
    _show(kept, json=json)
    if failed:
        raise typer.Exit(EXIT_INPUT)


def fetch_all(
    chosen: Sequence["Official"],
    official: "OfficialModels",
    store: "ModelStore",
    report: Report,
    cancel: CancelToken,
) -> tuple[list["StoredModel"], int]:
    """Fetch one after the other; one that cannot be had does not keep the others away.

    Args:
        chosen: Which.
        official: How to reach their publishers.
        store: Where they are kept.
        report: Told of progress, with each model's name as the step.
        cancel: Stops it; what came whole before is kept.

    Returns:
        What is here now, and how many could not be had.

    Raises:
        LabError: If there is no network, or the only one cannot be had.
        Cancelled: If it was cancelled.
    """
    from engine.sources.official import fetch
    from engine.sources.transport import OfflineError

    kept: list[StoredModel] = []
    for model in chosen:

        def named(progress: Progress, name: str = model.name) -> None:
            report(Progress(name, progress.fraction, progress.detail or progress.step))

        try:
            network = official.network
            kept.append(fetch(model, store=store, network=network, report=named, cancel=cancel))
        except OfflineError:
            raise
        except LabError as error:
            if len(chosen) == 1:
                raise
            say(f"{model.name}: {error}")
    return kept, len(chosen) - len(kept)


def model_import(
    source: Annotated[
        Path,
        typer.Argument(metavar="FILE|PACK", help="A .tflite, a Keras file, or an offline pack."),
    ],
    *,
    labels: LabelsOption = None,
    name: Annotated[
        str, typer.Option(metavar="NAME", help="What to call it; the file's name by default.")
    ] = "",
    variant: Annotated[
        str, typer.Option(metavar="VARIANT", help="Whose weights a Keras file holds.")
    ] = "",
    json: JsonOption = False,
) -> None:
    """Keep a model file, or all models of an offline pack, on this computer."""
    from engine.models.labels import read_labels
    from engine.models.store import ModelStore
    from engine.sources.importing import import_model
    from engine.sources.pack import read_pack
    from engine.sources.packed_files import is_pack

    packed = is_pack(source)
    if packed and (labels or name or variant):
        raise LabError(
            "A pack brings its own names and labels.", "Leave --labels, --name and --variant out."
        )
    known = read_labels(labels) if labels else ()

    def keep(report: Report, cancel: CancelToken) -> "Sequence[StoredModel]":
        store = ModelStore()
        if packed:
            return read_pack(source, store=store, report=report, cancel=cancel)
        kept = import_model(
            source, known, name, variant=variant, store=store, report=report, cancel=cancel
        )
        return [kept]

    _show(work("model import", keep), json=json)


def model_pack(
    target: Annotated[
        Path, typer.Argument(metavar="OUT", help="A .zip, or a folder that is new or empty.")
    ],
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME...]", help="As model list names them.")
    ] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Pack every model here.")] = False,
    json: JsonOption = False,
) -> None:
    """Write models as an offline pack for computers without a network."""
    from engine.models.store import ModelStore
    from engine.sources.pack import Packed, write_pack

    store = ModelStore()
    if everything == bool(names):
        raise LabError("Name the models to pack, or say --all.", "Command model list names them.")
    models = store.list() if everything else tuple(store.find(name) for name in names or ())

    def write(report: Report, cancel: CancelToken) -> Packed:
        return write_pack(models, target, report=report, cancel=cancel)

    packed = work("model pack", write)
    if json:
        print_json(
            {
                "path": packed.path,
                "size_bytes": packed.size_bytes,
                "models": [model.name for model in models],
            }
        )
        return
    typer.echo(str(packed.path))
    say(f"{packed.models} models, {packed.size_bytes / 1e6:.1f} MB.")
    say(f"On the other computer: mobilenet-lab model import {packed.path.name}")


def model_remove(
    names: Annotated[
        list[str], typer.Argument(metavar="NAME...", help="As model list names them, or a key.")
    ],
) -> None:
    """Forget models that are on this computer."""
    from engine.models.store import ModelStore

    store = ModelStore()
    for model in [store.find(name) for name in names]:
        store.remove(model.key)
        say(f"{model.name} is removed.")


def _show(models: "Sequence[StoredModel]", *, json: bool) -> None:
    if json:
        print_json([stored_json(model) for model in models])
        return
    if not models:
        say("There are no models here yet; model fetch, import and build bring some.")
        return
    rows = [
        (
            model.name,
            model.key[:KEY_DIGITS],
            f"{model.size_bytes / 1e6:.2f}",
            "built" if model.built else "",
            "labels" if model.labels else "",
            model.note.source,
        )
        for model in models
    ]
    print_table(("model", "key", "MB", "", "", "from"), rows)


def stored_json(model: "StoredModel") -> dict[str, Any]:
    """Return what is known of a stored model as JSON values."""
    from dataclasses import asdict

    told = asdict(model)
    note: dict[str, Any] = told.pop("note")
    return told | note


def _show_official(official: "OfficialModels", store: "ModelStore", *, json: bool) -> None:
    here = {model.note.source for model in store.list()}
    if json:
        print_json(
            [
                {
                    "name": model.name,
                    "url": model.url,
                    "date": model.place.date,
                    "licence": model.place.licence,
                    "page": model.place.page,
                    "checked_by": model.checked_by,
                    "here": model.url in here,
                }
                for model in official.models
            ]
        )
        return
    rows = [
        (
            model.name,
            model.place.date,
            model.place.licence,
            model.checked_by,
            "here" if model.url in here else "",
        )
        for model in official.models
    ]
    print_table(("model", "of", "licence", "checked by", ""), rows)
    say("float and quant are .tflite files inside archives; keras becomes a float32 .tflite.")
