"""Variants and models: all that needs neither phone nor APK."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.errors import LabError
from engine.jobs import CancelToken, Report
from engine.terminal.console import print_json, print_table, say, work
from engine.terminal.phone_commands import JsonOption

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine.apk.inspector import ApkFacts
    from engine.deploy import Payload
    from engine.models.finding import Found
    from engine.models.inspector import ModelFacts
    from engine.models.interpreter import HostModel
    from engine.models.recognition import Recognition
    from engine.models.tasks import TensorFacts
    from engine.models.worker import Workers

model_app = typer.Typer(
    help="Build, inspect and run models on this computer.", rich_markup_mode=None
)

ModelArgument = Annotated[
    str,
    typer.Argument(
        metavar="MODEL",
        help="A .tflite file, a name that model list gives, or a variant such as "
        "v1_0.50_128-int8: built untrained if need be.",
    ),
]
LabelsOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="One label per line; else the model's own.")
]
ThreadsOption = Annotated[
    int, typer.Option(min=1, max=64, metavar="N", help="Threads of the interpreter.")
]
OutputOption = Annotated[
    Path, typer.Option("--output", "-o", metavar="FILE", help="Where the APK goes.")
]
DelegateOption = Annotated[
    str, typer.Option(metavar="cpu|xnnpack|nnapi|gpu", help="What executes the graph.")
]
SourceOption = Annotated[
    str, typer.Option(metavar="camera|pictures|loop", help="Where pictures come from.")
]

FitOption = Annotated[
    str,
    typer.Option(
        metavar="crop|letterbox|stretch",
        help="How a picture is laid into the model's input; its task's own way by default.",
    ),
]


@model_app.command("build")
def model_build(  # noqa: PLR0913 - one option each
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME...", help="v1_0.50_128-int8, or a pattern: 'v1_*-int8'."),
    ] = None,
    *,
    every: Annotated[
        bool, typer.Option("--all", help="All 16 MobileNet v1 in all precisions.")
    ] = False,
    weights: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A .tflite, .h5 or .keras to take the weights from."),
    ] = None,
    labels: LabelsOption = None,
    calibration: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Pictures to measure int8 ranges on.")
    ] = None,
    classes: Annotated[
        int | None,
        typer.Option(min=2, max=100_000, metavar="N", help="Outputs; 1000, of a detector 90."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="Of random weights.")] = 0,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Copy the one model here too."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Build variants as .tflite; without --weights they are untrained."""
    from engine.catalog.variants import ModelName, match_names
    from engine.models.converter import build_models
    from engine.models.inspector import inspect_model
    from engine.models.labels import read_labels
    from engine.models.store import ModelStore

    wanted = match_names([*(names or ()), *(["v1_*"] if every else ())])
    if not wanted:
        raise LabError("No model is named.", "Name one, or say --all.")
    if output is not None and len(wanted) > 1:
        raise LabError(f"{len(wanted)} models do not fit into one file.", "Leave out --output.")
    known = read_labels(labels) if labels else ()
    if output is not None:
        check_folder(output)

    def build(report: Report, cancel: CancelToken) -> dict[ModelName, Path]:
        return build_models(
            wanted,
            classes=classes,
            seed=seed,
            weights=weights,
            labels=known,
            calibration=calibration,
            store=ModelStore(),
            report=report,
            cancel=cancel,
        )

    built = work("model build", build)
    paths = [built[name] for name in wanted]
    if output is not None:
        paths = [copy_file(paths[0], output)]
    told = [inspect_model(path) for path in paths]
    if json:
        print_json(facts_json(told[0]) if len(told) == 1 else [facts_json(each) for each in told])
        return
    for path in paths:
        typer.echo(str(path))
    _say_of_built(told, synthetic=calibration is None)


def _say_of_built(told: "list[ModelFacts]", *, synthetic: bool) -> None:
    from engine.models.fallback import float_operations

    eights = [facts for facts in told if facts.precision == "int8"]
    if any(facts.untrained for facts in told):
        say("Weights are random: good for speed, not for answers.")
    elif eights and synthetic:
        say("int8 ranges come from synthetic pictures; --calibration FOLDER takes yours.")
    for facts in eights:
        if found := float_operations(facts.path):
            say(f"{facts.name} computes with floats in {', '.join(found)}.")


@model_app.command("inspect")
def model_inspect(
    model: ModelArgument,
    *,
    json: JsonOption = False,
) -> None:
    """Say what is in a model."""
    from engine.models.inspector import inspect_model
    from engine.models.preprocessing import default_fit

    facts = inspect_model(take_model(model).path)
    if json:
        print_json(facts_json(facts))
        return
    tensors = [
        (kind, each.name, "x".join(map(str, each.shape)), each.dtype, *_step(each))
        for kind, group in (("input", facts.inputs), ("output", facts.outputs))
        for each in group
    ]
    typer.echo(f"{facts.name}: {facts.task}, {facts.precision}")
    typer.echo(
        f"{facts.size_bytes / 1e6:.2f} MB, {facts.macs / 1e6:.1f} M MACs, "
        f"{facts.params / 1e6:.2f} M parameters, {len(facts.labels)} labels"
    )
    if facts.scores_are:
        how = f"by {facts.scores}" if facts.scores_are != facts.scores else "to be softmaxed"
        typer.echo(f"scores: {facts.scores_are} of {facts.classes} classes, {how}")
    typer.echo(f"fit: {default_fit(facts.task)}, unless told otherwise")
    if facts.untrained:
        typer.echo("untrained: its answers mean nothing")
    print_table(("", "tensor", "shape", "dtype", "scale", "zero point"), tensors)
    print_table(("operation", "times"), [(op, str(n)) for op, n in sorted(facts.ops.items())])


def _step(tensor: "TensorFacts") -> tuple[str, str]:
    return (f"{tensor.scale:.6g}", str(tensor.zero_point)) if tensor.scale else ("", "")


@model_app.command("run")
def model_run(
    model: ModelArgument,
    pictures: Annotated[list[Path], typer.Argument(metavar="PICTURE...", help="Pictures.")],
    *,
    labels: LabelsOption = None,
    threads: ThreadsOption = 1,
    fit: FitOption = "",
    json: JsonOption = False,
) -> None:
    """Run a model on pictures, on this computer's CPU."""
    from engine.models.inspector import check_labels
    from engine.models.interpreter import HostModel
    from engine.models.labels import label_of, read_labels
    from engine.models.pictures import read_picture

    found = take_model(model)
    labels = labels or found.labels
    known = read_labels(labels) if labels else ()
    with HostModel(found.path, threads=threads, labels=known, fit=fit) as host:
        check_labels(host.facts, known)
        seen = [(picture, host.predict(read_picture(picture))) for picture in pictures]
    if json:
        print_json([_seen_json(picture, each, host) for picture, each in seen])
    elif host.task == "embedding":
        vectors = [(picture.name, *_vector_row(each)) for picture, each in seen]
        print_table(("picture", "length", "norm", "begins with"), vectors)
    else:
        rows = [
            (picture.name, label_of(host.labels, entry.index), f"{100 * entry.score:.1f} %")
            for picture, each in seen
            for entry in each.entries[:5]
        ]
        score = "share" if host.task == "segmentation" else "score"
        print_table(("picture", "label", score), rows)


def _vector_row(seen: "Recognition") -> tuple[str, str, str]:
    values: list[float] = seen.vector.tolist() if seen.vector is not None else []
    norm = sum(value * value for value in values) ** 0.5
    first = " ".join(f"{value:.4g}" for value in values[:6])
    return str(len(values)), f"{norm:.4g}", first


def _seen_json(picture: Path, seen: "Recognition", host: "HostModel") -> dict[str, Any]:
    from engine.models.labels import label_of

    return {
        "picture": picture,
        "kind": seen.kind,
        "fit": host.fit,
        "untrained": host.facts.untrained,
        "entries": [
            {"label": label_of(host.labels, entry.index), **_entry_json(entry)}
            for entry in seen.entries
        ],
        "vector": seen.vector.tolist() if seen.vector is not None else None,
        "map": _map_json(seen.cells) if seen.cells is not None else None,
        "convert_ms": seen.convert_ns / 1e6,
        "infer_ms": seen.infer_ns / 1e6,
        "post_ms": seen.post_ns / 1e6,
    }


def _map_json(cells: "NDArray[np.uint8]") -> dict[str, Any]:
    rows, columns = cells.shape
    return {"columns": columns, "rows": rows, "cells_hex": cells.tobytes().hex()}


def take_model(model: str) -> "Found":
    """Return the model that was typed, building a variant first if need be, with progress.

    Raises:
        LabError: It is none, or cannot be built.
    """
    from engine.catalog.variants import ModelName
    from engine.models.finding import find_model
    from engine.models.store import ModelStore

    found = find_model(model, ModelStore())
    if not isinstance(found, ModelName):
        return found
    return work("model build", lambda report, cancel: locate_model(model, report, cancel))


def locate_model(
    model: str, report: Report, cancel: CancelToken, workers: "Workers | None" = None
) -> "Found":
    """Return the model that was typed, building a variant untrained if need be.

    Args:
        model: See ``engine.models.finding.find_model``.
        report: Told of the build.
        cancel: Stops the build.
        workers: Where TensorFlow is warm, for who asks often.

    Raises:
        LabError: It is none, or cannot be built.
    """
    from engine.catalog.variants import ModelName
    from engine.models.converter import build_model
    from engine.models.finding import Found, find_model
    from engine.models.store import ModelStore

    store = ModelStore()
    found = find_model(model, store)
    if not isinstance(found, ModelName):
        return found
    return Found(build_model(found, store=store, workers=workers, report=report, cancel=cancel))


def resolve_model(
    model: str,
    labels: Path | None,
    name: str,
    report: Report,
    cancel: CancelToken,
    workers: "Workers | None" = None,
) -> "Payload":
    """Turn what was typed into a model that is ready to deploy; see ``locate_model``.

    Args:
        model: A file, the name of a model here, or of a variant, which is built untrained.
        labels: A labels file; when None, those that came with the model.
        name: What to call it; its own name when empty.
        report: Told of the build.
        cancel: Stops the build.
        workers: Where TensorFlow is warm, for who asks often.

    Raises:
        LabError: It is none of these, or cannot be used.
    """
    from engine.deploy import Payload
    from engine.models.inspector import check_runnable, inspect_model
    from engine.models.labels import read_labels

    found = locate_model(model, report, cancel, workers)
    facts = inspect_model(found.path)
    check_runnable(facts)
    labels = labels or found.labels
    known = read_labels(labels) if labels else facts.labels
    return Payload(found.path, tuple(known), name or found.name or facts.name, facts.untrained)


def check_folder(file: Path) -> None:
    """Refuse a file's name before any work is done for it.

    Raises:
        LabError: Its folder does not exist.
    """
    if not file.parent.is_dir():
        raise LabError(f"There is no folder {file.parent} for {file.name}.", "Make it first.")


def copy_file(source: Path, target: Path) -> Path:
    """Copy a file and return where it lies now.

    Raises:
        LabError: It cannot be written.
    """
    try:
        shutil.copyfile(source, target)
    except OSError as error:
        raise LabError(f"{target} cannot be written.", detail=str(error)) from error
    return target


def facts_json(facts: "ModelFacts") -> dict[str, Any]:
    """Return a model's facts as JSON values."""
    from dataclasses import asdict

    from engine.models.preprocessing import default_fit

    told = {
        "name": facts.name,
        "untrained": facts.untrained,
        "scores_are": facts.scores_are,
        "classes": facts.classes,
        "fit": default_fit(facts.task),
    }
    return told | asdict(facts)


def apk_json(facts: "ApkFacts") -> dict[str, Any]:
    """Return an APK's facts as JSON values."""
    return {
        "path": str(facts.path),
        "size_bytes": facts.size_bytes,
        "sha256": facts.sha256,
        "package": facts.package,
        "version_code": facts.version_code,
        "version_name": facts.version_name,
        "abis": list(facts.abis),
    }


def _entry_json(entry: Any) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(entry)
