"""Choose: what to ship within a budget, what to measure next, and the report's claims."""

from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.errors import LabError
from engine.files import write_whole
from engine.terminal.console import print_json, print_table, say
from engine.terminal.model_commands import check_folder
from engine.terminal.phone_commands import JsonOption
from engine.terminal.run_commands import open_database

if TYPE_CHECKING:
    from engine.catalog.candidates import Survey
    from engine.catalog.prediction import Fit
    from engine.catalog.selection import Candidate
    from engine.records.document.charts import Point

MeasuredOnOption = Annotated[
    str,
    typer.Option(
        "--phone", metavar="SERIAL", help="The phone whose runs count; else the one with most."
    ),
]


def choose(  # noqa: PLR0913 - one option each
    *,
    max_ms: Annotated[
        float | None, typer.Option(min=0, metavar="MS", help="Median latency, at most.")
    ] = None,
    max_mb: Annotated[
        float | None, typer.Option(min=0, metavar="MB", help="APK, at most, 10^6 bytes.")
    ] = None,
    min_top1: Annotated[
        float | None, typer.Option(min=0, max=100, metavar="%", help="Top-1, at least, percent.")
    ] = None,
    min_fps: Annotated[
        float | None, typer.Option(min=0, metavar="N", help="Pipeline FPS, at least.")
    ] = None,
    phone: MeasuredOnOption = "",
    accuracy: Annotated[
        str,
        typer.Option(metavar="published|FOLDER", help="Whose top-1: models judged on FOLDER."),
    ] = "published",
    measured_only: Annotated[
        bool, typer.Option("--measured-only", help="Leave out what was only predicted.")
    ] = False,
    json: JsonOption = False,
    svg: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw top-1 against latency there.")
    ] = None,
    csv_file: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write the table there.")
    ] = None,
) -> None:
    """Say which variant to ship, its runner-up, and what each gives up."""
    from engine.catalog.selection import Budget, front, recommend
    from engine.catalog.table import table_csv

    for file in (svg, csv_file):
        if file is not None:
            check_folder(file)
    found = _survey(phone, accuracy)
    budget = Budget(max_ms, max_mb, None if min_top1 is None else min_top1 / 100, min_fps)
    answer = recommend(found.candidates, budget, measured_only=measured_only)
    shown = [
        each
        for each in found.candidates
        if each.latency_ms is not None and not (measured_only and each.latency_origin != "measured")
    ]
    on_front, dominated = front(shown)
    if svg is not None:
        write_whole(svg, _drawn(shown, on_front, dominated, found).encode())
    if csv_file is not None:
        write_whole(csv_file, table_csv(shown, on_front, found.setting).encode())
    if json:
        print_json(
            {
                "setting": asdict(found.setting) if found.setting else None,
                "accuracy": found.accuracy,
                "recommended": answer.best.name if answer.best else None,
                "runner_up": answer.runner_up.name if answer.runner_up else None,
                "ties": [each.name for each in answer.ties],
                "nearest": answer.nearest.name if answer.nearest else None,
                "misses": [asdict(each) for each in answer.misses],
                "sentence": answer.sentence,
                "candidates": [
                    {
                        **asdict(each),
                        "front": index in on_front,
                        "dominated_by": shown[dominated[index]].name if index in dominated else "",
                    }
                    for index, each in enumerate(shown)
                ],
            }
        )
        return
    if shown:
        print_table(
            ("model", "top-1", "latency, ms", "95 %", "FPS", "APK, MB", "model, MB", "what"),
            [
                _row(each, index in on_front, dominated.get(index), shown)
                for index, each in enumerate(shown)
            ],
        )
    if found.setting:
        typer.echo(_holds_for(found))
    typer.echo(answer.sentence)


def predict(
    *,
    phone: MeasuredOnOption = "",
    precision: Annotated[
        str,
        typer.Option(metavar="float32|float16|int8", help="Which; else the one most measured."),
    ] = "",
    json: JsonOption = False,
) -> None:
    """Say which three variants to measure, or what the measured ones predict."""
    from engine.catalog.prediction import choose_three
    from engine.catalog.variants import Catalog

    catalog = Catalog.load()
    found = _survey(phone, "published")
    chosen = precision or _most_measured(found)
    measured = {each.name for each in found.measured if each.valid}
    plan = choose_three(catalog, chosen, sorted(measured))
    fitted = found.fits.get(chosen)
    check = found.check_next(catalog, chosen)
    rows = [each for each in found.candidates if each.precision == chosen and each.latency_ms]
    if json:
        print_json(
            {
                "precision": chosen,
                "setting": asdict(found.setting) if found.setting else None,
                "measure": [{"name": name, "why": why} for name, why in plan],
                "fit": _fit_json(fitted) if fitted else None,
                "verify_with": check,
                "latencies": [asdict(each) for each in rows] if fitted else [],
            }
        )
        return
    if fitted is None:
        print_table(
            ("measure", "why", "state"),
            [(name, why, "measured" if name in measured else "to do") for name, why in plan],
        )
        say(f"Then the other {len(catalog.variants) - 3} {chosen} variants can be predicted.")
        return
    print_table(
        ("model", "latency, ms", "95 %", "what"),
        [(each.name, f"{each.latency_ms:.1f}", _interval(each), _what(each)) for each in rows],
    )
    typer.echo(_holds_for(found))
    typer.echo(f"latency = {fitted.formula}, fitted on {fitted.kind} of {len(fitted.points)} runs")
    typer.echo(
        f"left out, a measured variant is missed by {100 * fitted.error:.1f} % (root mean square)"
    )
    for name, off in fitted.residuals:
        typer.echo(f"  {name}: fitted {100 * off:+.1f} % off")
    for doubt in fitted.doubts:
        typer.echo(f"beware: {doubt}")
    if check:
        typer.echo(f"to verify it, measure {check}")


def claims(*, phone: MeasuredOnOption = "", json: JsonOption = False) -> None:
    """Hold the student report's claims against arithmetic and what was measured."""
    from engine.catalog.claims import check_claims
    from engine.catalog.variants import Catalog

    with closing(open_database()) as database:
        rows = check_claims(database, Catalog.load(), serial=phone)
    if json:
        print_json([asdict(each) for each in rows])
        return
    for row in rows:
        typer.echo(f"{row.claim}")
        typer.echo(f"  {row.verdict}: {row.why}" if row.why else f"  {row.verdict}")
        typer.echo(f"  arithmetic: {row.arithmetic}")
        typer.echo(f"  measured: {row.measured}")


def _survey(phone: str, accuracy: str) -> "Survey":
    from engine.catalog.candidates import survey
    from engine.catalog.variants import Catalog

    with closing(open_database()) as database:
        return survey(database, Catalog.load(), serial=phone, accuracy=accuracy)


def _most_measured(found: "Survey") -> str:
    counts: dict[str, int] = {}
    for each in found.measured:
        if each.valid and each.precision:
            counts[each.precision] = counts.get(each.precision, 0) + 1
    return max(counts, key=lambda name: counts[name]) if counts else "int8"


def _holds_for(found: "Survey") -> str:
    setting = found.setting
    if setting is None:
        return "Nothing was measured yet."
    others = f"{found.others} other setting{'s' * (found.others != 1)}"
    left = f" Runs under {others} are left out." if found.others else ""
    return f"Latencies hold for {setting.told}.{left}"


def _row(
    each: "Candidate", front: bool, by: int | None, shown: "list[Candidate]"
) -> tuple[str, ...]:
    what = _what(each)
    if front:
        what += ", on the front"
    elif by is not None:
        what += f", dominated by {shown[by].name}"
    return (
        each.name,
        "" if each.top1 is None else f"{100 * each.top1:.1f} %",
        f"{each.latency_ms:.1f}",
        _interval(each),
        "" if each.best_fps is None else f"{each.best_fps:.1f}",
        "" if each.apk_mb is None else f"{each.apk_mb:.2f}",
        "" if each.model_mb is None else f"{each.model_mb:.2f}",
        what,
    )


def _what(each: "Candidate") -> str:
    return each.latency_origin + (f" ({each.note})" if each.note else "")


def _interval(each: "Candidate") -> str:
    if each.latency_interval is None:
        return ""
    low, high = each.latency_interval
    return f"{low:.1f} to {high:.1f}"


def _fit_json(fitted: "Fit") -> dict[str, Any]:
    return {
        "kind": fitted.kind,
        "formula": fitted.formula,
        "coefficients": list(fitted.coefficients),
        "scatter": fitted.scatter,
        "leave_one_out": fitted.error,
        "r2": fitted.r2,
        "residuals": [{"name": name, "share": off} for name, off in fitted.residuals],
        "doubts": list(fitted.doubts),
    }


def _drawn(
    shown: "list[Candidate]", on_front: tuple[int, ...], dominated: dict[int, int], found: "Survey"
) -> str:
    from engine.records.document.charts import scatter_chart

    points = [_point(each, crossed=index in dominated) for index, each in enumerate(shown)]
    if not any(each.top1 is not None for each in shown):
        raise LabError(
            "There is nothing to draw: no latency with its top-1 is known.",
            "Deploy a variant and measure it first.",
        )
    drawing = scatter_chart(
        [each for each in points if each is not None],
        x_label="Latency, ms",
        y_label="Top-1, %",
        log_x=True,
        front=[shown[index].name for index in on_front],
        note=_holds_for(found),
    )
    return drawing.svg()


def _point(each: "Candidate", *, crossed: bool) -> "Point | None":
    from engine.records.document.charts import Point

    if each.top1 is None or each.latency_ms is None:
        return None
    low, high = each.top1_interval or (each.top1, each.top1)
    return Point(
        name=each.name,
        x=each.latency_ms,
        y=100 * each.top1,
        alpha=each.alpha,
        resolution=each.resolution,
        precision=each.precision,
        x_interval=each.latency_interval,
        y_interval=(100 * low, 100 * high) if each.top1_interval else None,
        dominated=crossed,
        predicted=each.latency_origin == "predicted",
    )
