"""Retrain a variant on pictures of one's own, and take such pictures."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.errors import LabError
from engine.jobs import CancelToken, Report
from engine.terminal.accuracy_commands import remember
from engine.terminal.console import EXIT_CANCELLED, print_json, print_table, say, work
from engine.terminal.model_commands import check_folder, copy_file
from engine.terminal.phone_commands import JsonOption, open_session

if TYPE_CHECKING:
    from engine.models.store import ModelStore
    from engine.training.capture import Captured, PictureSource
    from engine.training.retraining import Retrained

OFFICIAL = "official"
NONE = "none"
ALL = "all"
WEBCAM = "webcam:"


def register(app: typer.Typer) -> None:
    """Add these commands to ``mobilenet-lab``."""
    app.command()(retrain)
    app.command()(capture)


def retrain(  # noqa: PLR0913 - one option each
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="One folder of pictures per class in it.")
    ],
    *,
    variant: Annotated[str, typer.Option(metavar="NAME", help="For instance v1_0.50_128.")],
    weights: Annotated[
        str,
        typer.Option(
            metavar="FILE|official|none",
            help="Where the frozen part's weights are from; official fetches them.",
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="OUT.tflite", help="Where the model goes.")
    ],
    precision: Annotated[str, typer.Option(metavar="float32|float16|int8|all")] = "int8",
    report: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write the card, the report and the confusion there."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="Of the split.")] = 0,
    fine_tune: Annotated[
        int,
        typer.Option(
            min=0,
            max=6,
            metavar="BLOCKS",
            help="Let the last blocks learn too, for instance 2: takes minutes; used only if "
            "the validation pictures say that it is better.",
        ),
    ] = 0,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from a training that was cancelled.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Retrain a variant on a folder of class folders: nothing in it is changed."""
    from engine.catalog.variants import PRECISIONS, ModelName
    from engine.models.store import ModelStore
    from engine.models.tuned import TuneOptions
    from engine.models.worker import Workers
    from engine.training.networks import LabNetworks
    from engine.training.retraining import RetrainOptions
    from engine.training.retraining import retrain as retrain_variant

    precisions = PRECISIONS if precision == ALL else (precision,)
    for each in precisions:
        ModelName(variant, each)
    if output.suffix.lower() != ".tflite":
        raise LabError(f"{output} is not a model's name.", "End it with .tflite.")
    check_folder(output)
    if report is not None:
        _make(report)

    def run(said: Report, cancel: CancelToken) -> "Retrained":
        store = ModelStore()
        file = _weights(weights, variant, store, said, cancel)
        with Workers() as workers:
            return retrain_variant(
                folder,
                variant=variant,
                weights=file,
                networks=LabNetworks(store, workers),
                precisions=precisions,
                seed=seed,
                options=RetrainOptions(tune=TuneOptions(blocks=fine_tune)),
                resume=resume,
                report=said,
                cancel=cancel,
            )

    result = work("retrain", run)
    files = {
        each: copy_file(path, _output(output, each, len(precisions)))
        for each, path in result.models.items()
    }
    card = _write_card(result, report, output)
    remember(*((tested, files[each].stem) for each, tested in result.evaluations.items()))
    if json:
        print_json({**result.card.as_json(), "files": files, "seconds": result.seconds})
        return
    _tell(result)
    for path in (*files.values(), card):
        typer.echo(str(path))


def capture(  # noqa: PLR0913 - one option each
    source: Annotated[
        str | None,
        typer.Argument(metavar="[webcam:N|VIDEO]", help="Without it, the phone of --phone."),
    ] = None,
    *,
    phone: Annotated[
        str | None,
        typer.Option("--phone", metavar="SERIAL|webcam:N|VIDEO", help="A phone's mirrored screen."),
    ] = None,
    name: Annotated[str, typer.Option("--class", metavar="NAME", help="Of what they show.")],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FOLDER", help="Where the class folders are."),
    ],
    count: Annotated[
        int | None, typer.Option(min=1, max=10_000, metavar="N", help="How many; a video's all.")
    ] = None,
    interval: Annotated[
        float, typer.Option(min=0, max=3600, metavar="S", help="Between two, in seconds.")
    ] = 0.5,
    every: Annotated[
        int, typer.Option(min=1, metavar="N", help="Take each Nth frame of a video.")
    ] = 10,
    json: JsonOption = False,
) -> None:
    """Take pictures of one class into FOLDER/NAME; nothing there is overwritten."""
    from engine.training.album import Album, check_class_name
    from engine.training.capture import PhoneScreen, VideoFile
    from engine.training.capture import capture as take

    check_class_name(name)
    if (source is None) == (phone is None):
        raise LabError("Say where from.", "Either --phone SERIAL, or webcam:0, or a video's name.")
    if phone is not None and (phone.startswith(WEBCAM) or Path(phone).is_file()):
        source = phone

    def run(said: Report, cancel: CancelToken) -> "Captured":
        with _opened(source, phone or "", every, cancel) as pictures:
            video = isinstance(pictures, VideoFile)
            return take(
                pictures,
                Album(output, name),
                count=count or (0 if video else 1),
                interval_s=0.0 if video else interval,
                what=pictures.what if isinstance(pictures, PhoneScreen) else lambda: "",
                report=said,
                cancel=cancel,
            )

    result = work("capture", run)
    if json:
        print_json({"pictures": list(result.paths), "what": result.what})
    else:
        typer.echo(f"{len(result.paths)} pictures in {output / name}")
    if result.what:
        say(result.what)
    if result.cancelled:
        raise typer.Exit(EXIT_CANCELLED)


def _weights(
    weights: str, variant: str, store: "ModelStore", report: Report, cancel: CancelToken
) -> Path | None:
    if weights == NONE:
        return None
    if weights != OFFICIAL:
        return Path(weights)
    from engine.sources.official import OfficialModels, fetch

    official = OfficialModels.load()
    chosen = official.choose([f"{variant}-float"])[0]
    fetched = fetch(chosen, store=store, network=official.network, report=report, cancel=cancel)
    return fetched.path


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LabError(f"The folder {folder} cannot be made.", detail=str(error)) from error


def _output(output: Path, precision: str, count: int) -> Path:
    """Return a file's name: that which was asked for, or one per precision."""
    return output if count == 1 else output.with_name(f"{output.stem}-{precision}.tflite")


def _write_card(result: "Retrained", report: Path | None, output: Path) -> Path:
    """Write the card beside the model, or with all the rest into the report's folder."""
    from engine.training.reporting import write_card, write_reports

    if report is None:
        return write_card(result.card, output.with_suffix(""))
    return write_reports(result, report)


def _tell(result: "Retrained") -> None:
    card = result.card
    for sentence in (*result.dataset.warnings, *card.notices):
        say(sentence)
    for problem in result.dataset.problems[:10]:
        say(f"{problem.path}: {problem.what}")
    print_table(
        ("class", "training", "validation", "test"),
        [(c.name, str(c.train), str(c.validation), str(c.test)) for c in card.classes],
    )
    typer.echo(
        f"learned from {card.real} real pictures and {card.augmented} augmented views; "
        f"pass {card.kept} of {card.epochs}, {100 * card.validation_accuracy:.1f} % on validation"
    )
    if result.second is not None:
        typer.echo(result.second.said)
    for name, each in result.evaluations.items():
        typer.echo(f"{name}: measured once on your test pictures, {each.top1}")


@contextmanager
def _opened(
    source: str | None, phone: str, every: int, cancel: CancelToken
) -> "Iterator[PictureSource]":
    from engine.training.capture import PhoneScreen, VideoFile, Webcam

    if source is None:
        with open_session(phone, cancel, mirror=True, link=False) as session:
            yield PhoneScreen(session)
        return
    opened: Webcam | VideoFile
    if source.startswith(WEBCAM):
        number = source.removeprefix(WEBCAM)
        if not (number.isdecimal() and len(number) < 4):
            raise LabError(f"{source} is not a camera.", "Write webcam:0 for the first.")
        opened = Webcam(int(number))
    else:
        opened = VideoFile(Path(source), every)
    with closing(opened):
        yield opened
