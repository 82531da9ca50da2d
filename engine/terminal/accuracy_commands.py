"""How often a model is right, and which of two is right more often."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.errors import LabError
from engine.jobs import CancelToken, Report
from engine.terminal.console import print_json, print_table, say, work
from engine.terminal.model_commands import LabelsOption, ModelArgument, take_model
from engine.terminal.phone_commands import JsonOption

if TYPE_CHECKING:
    from engine.accuracy.comparison import Comparison
    from engine.accuracy.evaluation import Evaluation
    from engine.accuracy.shares import Share
    from engine.models.finding import Found

FolderArgument = Annotated[
    Path,
    typer.Argument(
        metavar="FOLDER", help="Folders of pictures named by class, or pictures named by class."
    ),
]
TruthOption = Annotated[
    Path | None,
    typer.Option("--truth", metavar="FILE", help="A list with 'picture class' on each line."),
]
FitOption = Annotated[
    str,
    typer.Option("--fit", metavar="crop|letterbox|stretch", help="The task's own by default."),
]
MISTAKES = 10
"""Shown in the terminal; all of them are in the JSON and the report."""


def evaluate(
    model: ModelArgument,
    folder: FolderArgument,
    *,
    labels: LabelsOption = None,
    truth: TruthOption = None,
    fit: FitOption = "",
    report: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Write all of it with pictures.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Try a classifier on pictures whose class is known."""
    from engine.accuracy.report import write_report

    if report is not None:
        _check_html(report)
    found = take_model(model)
    result = work(
        "evaluate", lambda said, cancel: _try(found, folder, labels, truth, fit, said, cancel)
    )
    remember((result, found.name))
    if report is not None:
        write_report(result, report)
    if json:
        print_json(evaluation_json(result))
        return
    typer.echo(f"{result.model}: measured on your pictures, n = {result.n}")
    typer.echo(f"top-1 {result.top1}")
    typer.echo(f"top-5 {result.top5}")
    typer.echo(f"{result.preprocessing}; classes by {result.pictures.how}")
    for sentence in notices(result):
        say(sentence)
    label = result.pictures.label
    print_table(
        ("class", "right", "of", "top-1"),
        [
            (label(index), str(share.hits), str(share.n), f"{100 * share.value:.1f} %")
            for index, share in result.per_class().items()
        ],
    )
    if wrong := result.mistakes():
        print_table(
            ("surest mistakes", "is", "said", "score"),
            [
                (
                    str(each.path.relative_to(folder)),
                    label(each.truth),
                    label(each.said[0]),
                    f"{100 * each.score:.1f} %",
                )
                for each in wrong[:MISTAKES]
            ],
        )
    if report is not None:
        typer.echo(str(report))


def compare(
    first: ModelArgument,
    second: ModelArgument,
    folder: FolderArgument,
    *,
    labels: LabelsOption = None,
    truth: TruthOption = None,
    fit: FitOption = "",
    json: JsonOption = False,
) -> None:
    """Try two classifiers on the same pictures and say whether one is better."""
    from engine.accuracy.comparison import compare as compare_both

    found = [take_model(model) for model in (first, second)]

    def run(said: Report, cancel: CancelToken) -> "Comparison":
        one, other = (_try(model, folder, labels, truth, fit, said, cancel) for model in found)
        return compare_both(one, other)

    result = work("compare", run)
    remember((result.first, found[0].name), (result.second, found[1].name))
    if json:
        print_json(comparison_json(result))
        return
    for each in (result.first, result.second):
        typer.echo(f"{each.model}: top-1 {each.top1}")
    typer.echo(
        f"They say the same on {100 * result.agreement:.1f} % of the pictures; only the first is "
        f"right on {result.only_first}, only the second on {result.only_second}."
    )
    typer.echo(result.verdict)
    print_table(
        ("where they differ", "is", "first said", "second said"),
        [
            (
                str(each.path.relative_to(folder)),
                result.first.pictures.label(each.first.truth),
                result.first.pictures.label(each.first.said[0]),
                result.second.pictures.label(each.second.said[0]),
            )
            for each in result.differences
        ],
    )


def notices(result: "Evaluation") -> list[str]:
    """Return what a reader must know besides the figures."""
    said = []
    if result.pictures.left_out:
        count = sum(n for _, n in result.pictures.left_out)
        names = ", ".join(name for name, _ in result.pictures.left_out[:3])
        said.append(f"Left out: {count} pictures of classes that the model lacks ({names}).")
    if result.unreadable:
        first = result.unreadable[0][0].name
        said.append(f"Left out: {len(result.unreadable)} pictures that cannot be read ({first}).")
    return said


def evaluation_json(result: "Evaluation") -> dict[str, Any]:
    """Return an evaluation as JSON values, the figures first."""
    label = result.pictures.label
    return {
        "top1": result.top1.value,
        "top1_interval": result.top1.interval,
        "top5": result.top5.value,
        "top5_interval": result.top5.interval,
        "n": result.n,
        "model": result.model,
        "model_sha256": result.model_sha256,
        "folder": result.pictures.folder,
        "truth": result.pictures.how,
        "preprocessing": result.preprocessing,
        "seconds": result.seconds,
        "threads": result.threads,
        "classes": [
            {"label": label(index), **_share_json(share)}
            for index, share in result.per_class().items()
        ],
        "confusion": {
            "labels": [label(index) for index in result.seen],
            "rows_truth_columns_said": result.confusion().tolist(),
        },
        "mistakes": [
            {
                "picture": each.path,
                "is": label(each.truth),
                "said": [label(index) for index in each.said],
                "score": each.score,
            }
            for each in result.mistakes()
        ],
        "calibration": [
            {"low": b.low, "high": b.high, "n": b.n, "mean_score": b.mean_score, "right": b.right}
            for b in result.calibration()
        ],
        "left_out": dict(result.pictures.left_out),
        "unreadable": [path for path, _ in result.unreadable],
    }


def comparison_json(result: "Comparison") -> dict[str, Any]:
    """Return a comparison as JSON values."""
    return {
        "n": result.first.n,
        "first": {"model": result.first.model, **_share_json(result.first.top1)},
        "second": {"model": result.second.model, **_share_json(result.second.top1)},
        "agreement": result.agreement,
        "only_first": result.only_first,
        "only_second": result.only_second,
        "p_value": result.p_value,
        "verdict": result.verdict,
        "differences": [
            {
                "picture": each.path,
                "is": result.first.pictures.label(each.first.truth),
                "first": result.first.pictures.label(each.first.said[0]),
                "second": result.second.pictures.label(each.second.said[0]),
            }
            for each in result.differences
        ],
    }


def _share_json(share: "Share") -> dict[str, Any]:
    return {"right": share.hits, "n": share.n, "top1": share.value, "interval": share.interval}


def remember(*tried: "tuple[Evaluation, str]") -> None:
    """Record how often models were right, each with its name: for the window and for choosing.

    Where that cannot be it is only said: the figures themselves are not lost.
    """
    from contextlib import closing

    from engine.accuracy.judging import judged_of
    from engine.terminal.run_commands import open_database

    try:
        with closing(open_database()) as database:
            for evaluation, name in tried:
                database.record_judged(judged_of(evaluation, name))
    except LabError as error:
        say(f"Not recorded: {error}")


def _try(
    model: "Found",
    folder: Path,
    labels: Path | None,
    truth: Path | None,
    fit: str,
    report: Report,
    cancel: CancelToken,
) -> "Evaluation":
    from engine.accuracy.evaluation import evaluate as evaluate_model
    from engine.models.labels import read_labels

    labels = labels or model.labels
    return evaluate_model(
        model.path,
        folder,
        labels=read_labels(labels) if labels else (),
        truth=truth,
        fit=fit,
        report=report,
        cancel=cancel,
    )


def _check_html(path: Path) -> None:
    from engine.terminal.model_commands import check_folder

    if path.suffix.lower() != ".html":
        raise LabError(f"{path} is not a report's name.", "End it with .html.")
    check_folder(path)
