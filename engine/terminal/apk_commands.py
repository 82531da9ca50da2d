"""APKs: build one, check one, say what is in one, and where the bytes go."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.errors import LabError
from engine.jobs import CancelToken, Report, ignore_progress
from engine.terminal.console import print_json, print_table, say, work
from engine.terminal.deploy_commands import FitOption, NameOption
from engine.terminal.model_commands import (
    DelegateOption,
    LabelsOption,
    ModelArgument,
    OutputOption,
    SourceOption,
    ThreadsOption,
    apk_json,
    check_folder,
    resolve_model,
)
from engine.terminal.phone_commands import JsonOption

if TYPE_CHECKING:
    from engine.apk.inspector import ApkFacts
    from engine.apk.sizes import ApkSizes, SizeChoice, SizedModel

apk_app = typer.Typer(
    help="Build APKs, check them, and see where their bytes go.", rich_markup_mode=None
)

ALL, NONE = "all", "none"
BAR_CELLS = 24
_EIGHTHS = " ▏▎▍▌▋▊▉"

ApkArgument = Annotated[Path, typer.Argument(metavar="FILE.apk", help="An APK.")]


@apk_app.command("build")
def apk_build(  # noqa: PLR0913 - one option each
    model: ModelArgument,
    *,
    output: OutputOption,
    labels: LabelsOption = None,
    name: NameOption = "",
    abi: Annotated[
        list[str] | None,
        typer.Option(metavar="ABI|all", help="Keep this one, may be repeated; all by default."),
    ] = None,
    fit: FitOption = "",
    pictures: Annotated[
        str, typer.Option(metavar="FOLDER|none", help="PNG files to bring; the lab's by default.")
    ] = "",
    threads: ThreadsOption = 4,
    delegate: DelegateOption = "xnnpack",
    source: SourceOption = "camera",
    json: JsonOption = False,
) -> None:
    """Build and sign the APK of a model."""
    from engine.apk.builder import build_apk
    from engine.apk.pictures import pictures_in
    from engine.apk.signing import SigningKey

    check_folder(output)
    shown = () if pictures == NONE else pictures_in(Path(pictures)) if pictures else None

    def build(report: Report, cancel: CancelToken) -> "ApkFacts":
        payload = resolve_model(model, labels, name, report, cancel)
        return build_apk(
            payload.model,
            payload.labels,
            output,
            name=payload.name,
            untrained=payload.untrained,
            key=SigningKey.load_or_create(),
            abis=None if ALL in (abi or [ALL]) else abi,
            threads=threads,
            delegate=delegate,
            source=source,
            fit=fit,
            pictures=shown,
            report=report,
            cancel=cancel,
        )

    facts = work("apk build", build)
    if json:
        print_json(apk_json(facts))
    else:
        typer.echo(f"{facts.path}: {facts.size_bytes / 1e6:.2f} MB, {', '.join(facts.abis)}")


@apk_app.command("verify")
def apk_verify(apk: ApkArgument, *, json: JsonOption = False) -> None:
    """Check an APK's signatures as a phone does; exit code 2 if it must not be installed."""
    from engine.apk.verification import verify_apk

    verified = work("apk verify", lambda _report, cancel: verify_apk(apk, cancel=cancel))
    if json:
        print_json(asdict(verified))
        return
    schemes = " and ".join(verified.schemes)
    typer.echo(f"{apk.name} is as it was signed (scheme {schemes}, API {verified.min_sdk} on).")
    typer.echo(f"signer {verified.certificate_sha256}")


@apk_app.command("inspect")
def apk_inspect(apk: ApkArgument, *, json: JsonOption = False) -> None:
    """Say what is in an APK: package, version, ABIs, model, and who signed it."""
    from engine.apk.inspector import inspect_apk

    facts = inspect_apk(apk)
    signer, why = _signer(apk)
    manifest, model = asdict(facts.manifest), facts.model
    if json:
        found = {**apk_json(facts), **manifest, "pictures": facts.pictures}
        found |= {"model": asdict(model) if model else None, "signer": signer, "unsigned": why}
        print_json(found)
        return
    rows = [
        ("package", facts.package),
        ("version", f"{facts.version_name} ({facts.version_code})"),
        ("Android", f"API {facts.manifest.min_sdk} on, written for {facts.manifest.target_sdk}"),
        ("ABIs", ", ".join(facts.abis) or "any"),
        ("permissions", ", ".join(facts.manifest.permissions) or "none"),
        ("debuggable", "yes: too slow to measure" if facts.manifest.debuggable else "no"),
        ("size", f"{facts.size_bytes:,} bytes"),
        ("sha256", facts.sha256),
        ("signer", signer or why),
    ]
    if model:
        trained = ", untrained: its answers mean nothing" if model.untrained else ""
        start = f"{model.threads} threads, {model.delegate}, {model.source}"
        rows += [
            ("model", f"{model.name}, {model.size_bytes:,} bytes{trained}"),
            ("model sha256", model.sha256),
            ("task", " ".join(filter(None, (model.task or "not said", model.scores, model.fit)))),
            ("starts with", start),
            ("pictures", str(facts.pictures)),
        ]
    for what, said in rows:
        typer.echo(f"{what:<14}{said}")


def _signer(apk: Path) -> tuple[str, str]:
    """Return the signer's fingerprint, or why there is none to name."""
    from engine.apk.verification import verify_apk

    try:
        return verify_apk(apk).certificate_sha256, ""
    except LabError as error:
        return "", error.what


@apk_app.command("sizes")
def apk_sizes(
    what: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FILE.apk | MODEL...",
            help="An APK; or one or more models in one app, each a file or a variant"
            " such as v1_0.50_128.",
        ),
    ] = None,
    *,
    abi: Annotated[
        str, typer.Option(metavar="ABI|all", help="Whose libraries are in it.")
    ] = "arm64-v8a",
    precision: Annotated[
        str, typer.Option(metavar="float32|float16|int8", help="Of variants named without one.")
    ] = "int8",
    table: Annotated[
        bool, typer.Option("--table", help="4 variants x 3 precisions x 3 ABIs instead.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Say where the bytes of an APK go, and where they would go if it were made otherwise."""
    from engine.apk.sizes import SizeChoice, measure_sizes

    if table:
        _print_matrix(json=json)
        return
    asked = what or ["v1_0.50_128"]
    if len(asked) == 1 and asked[0].lower().endswith(".apk"):
        sizes = measure_sizes(Path(asked[0]))
        print_json(_sizes_json(sizes)) if json else _print_parts(asked[0], sizes)
        return
    choice = SizeChoice(
        tuple(_sized(name, precision) for name in asked), () if abi == ALL else (abi,)
    )
    _print_what_if(choice, json=json)


def _sized(name: str, precision: str) -> "SizedModel":
    """Return a model as far as an APK's size goes: a file is looked into, a variant looked up."""
    from engine.apk.sizes import SizedModel, model_size
    from engine.catalog.variants import ModelName
    from engine.models.inspector import inspect_model

    if Path(name).suffix == ".tflite" or Path(name).exists():
        payload = resolve_model(name, None, "", ignore_progress, CancelToken())
        facts = inspect_model(payload.model)
        told = (facts.untrained, facts.task, facts.scores_are)
        return SizedModel(payload.name, facts.size_bytes, payload.labels, *told)
    variant, dash, own = name.partition("-")
    known = ModelName(variant, own if dash else precision)
    return SizedModel(str(known), model_size(known.variant, known.precision))


def _print_what_if(choice: "SizeChoice", *, json: bool) -> None:
    from engine.apk.sizes import REPORT_APPS, what_if

    sizes = what_if(choice)
    others = [(said, what_if(other).total_bytes) for said, other in _others(choice)]
    reports = [(app, what_if(app.choice)) for app in REPORT_APPS]
    if json:
        print_json(
            {
                **_sizes_json(sizes),
                "what_if": [{"what": said, "total_bytes": total} for said, total in others],
                "report": [
                    {"name": app.name, "claimed_bytes": app.claimed_bytes, **_sizes_json(rebuilt)}
                    for app, rebuilt in reports
                ],
            }
        )
        return
    abis = ", ".join(choice.abis) or "all ABIs"
    _print_parts(f"{' and '.join(model.name for model in choice.models)}, {abis}", sizes)
    typer.echo()
    most = max(total for _, total in others)
    print_table(
        ("what if", "MB", "more or less", ""),
        [
            (said, _mb(total), f"{(total - sizes.total_bytes) / 1e6:+.2f}", _bar(total, most))
            for said, total in others
        ],
    )
    typer.echo()
    print_table(
        ("the report's apps", "said, MB", "rebuilt, MB", "off by", "models, MB", "runtime, MB"),
        [
            (
                app.name,
                _mb(app.claimed_bytes),
                _mb(rebuilt.total_bytes),
                f"{rebuilt.total_bytes / app.claimed_bytes - 1:+.1%}",
                *_model_and_runtime(rebuilt),
            )
            for app, rebuilt in reports
        ]
        + [("this one", "", _mb(sizes.total_bytes), "", *_model_and_runtime(sizes))],
    )
    say("The report's MB are 2^20 bytes. What its apps held beside models and TensorFlow Mobile")
    say("is not known and counted as nothing; assets/sizes.toml has the sources.")


def _model_and_runtime(sizes: "ApkSizes") -> tuple[str, str]:
    return _mb(sizes.model_bytes), _mb(sum(count for _, count in sizes.native_bytes))


def _others(choice: "SizeChoice") -> Iterator[tuple[str, "SizeChoice"]]:
    """Yield what else could be chosen, in words and as a choice."""
    from engine.apk.ingredients import BASE_APK, GPU_LIBRARIES
    from engine.apk.inspector import inspect_apk
    from engine.catalog.variants import PRECISIONS

    for abi in inspect_apk(BASE_APK).abis:
        if choice.abis != (abi,):
            yield f"{abi} alone", replace(choice, abis=(abi,))
    if choice.abis:
        yield "all ABIs", replace(choice, abis=())
    for precision in PRECISIONS:
        models = tuple(_other_precision(model, precision) for model in choice.models)
        if models != choice.models:
            yield precision, replace(choice, models=models)
    second = _sized("v1_1.00_224", "float32")
    yield f"with {second.name} besides", replace(choice, models=(*choice.models, second))
    yield "without a model", replace(choice, models=())
    if GPU_LIBRARIES.exists():
        yield "with the GPU's library", replace(choice, gpu=True)
    yield "TensorFlow Mobile", replace(choice, runtime="mobile")
    yield "TensorFlow Mobile, all ABIs", replace(choice, runtime="mobile", abis=())


def _other_precision(model: "SizedModel", precision: str) -> "SizedModel":
    """Return the same variant in another precision, or the model itself if it is none."""
    from engine.catalog.variants import ModelName

    try:
        variant = ModelName.parse(model.name).variant
    except LabError:
        return model
    return _sized(variant, precision)


def _print_matrix(*, json: bool) -> None:
    """Write what each variant's APK comes to, by precision and ABI."""
    from engine.apk.ingredients import BASE_APK
    from engine.apk.inspector import inspect_apk
    from engine.apk.sizes import SizeChoice, what_if
    from engine.catalog.variants import ALPHAS, PRECISIONS

    abis = inspect_apk(BASE_APK).abis
    models = [
        _sized(f"v1_{alpha:.2f}_128", precision) for alpha in ALPHAS for precision in PRECISIONS
    ]
    totals = {
        model.name: [what_if(SizeChoice((model,), (abi,))).total_bytes for abi in abis]
        for model in models
    }
    if json:
        print_json({name: dict(zip(abis, row, strict=True)) for name, row in totals.items()})
        return
    print_table(
        ("MB", "model", *abis),
        [(each.name, *map(_mb, (each.size_bytes, *totals[each.name]))) for each in models],
    )
    say("A variant's size does not depend on its resolution.")


def _print_parts(title: str, sizes: "ApkSizes") -> None:
    total = sizes.total_bytes
    rows = [
        (what, f"{count:,}", f"{100 * count / total:.1f} %", _bar(count, total))
        for what, count in sizes.parts
    ]
    typer.echo(title)
    print_table(("part", "bytes", "share", ""), [*rows, ("total", f"{total:,}", "", "")])


def _sizes_json(sizes: "ApkSizes") -> dict[str, Any]:
    return {"total_bytes": sizes.total_bytes, "parts": dict(sizes.parts)}


def _bar(count: int, most: int) -> str:
    """Return a bar of blocks, to an eighth of a cell; the shortest is never nothing."""
    eighths = max(1, round(8 * BAR_CELLS * count / most)) if count else 0
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def _mb(count: int) -> str:
    return f"{count / 1e6:.2f}"
