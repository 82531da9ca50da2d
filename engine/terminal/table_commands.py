"""The variants and all models, with counted, published and measured figures."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.terminal.console import print_json, print_table, say
from engine.terminal.model_commands import check_folder
from engine.terminal.phone_commands import JsonOption

if TYPE_CHECKING:
    from engine.catalog.variants import Baseline, Variant
    from engine.model_table import ModelTable

FIGURES = ("macs", "params", "top1", "top5", "coco_map", "latency_ms")


def register(app: typer.Typer) -> None:
    """Add these commands to ``mobilenet-lab model``."""
    app.command("table")(model_table)


def variants(*, json: JsonOption = False) -> None:
    """List the variants and the baselines with their published numbers."""
    from engine.catalog.variants import Catalog

    catalog = Catalog.load()
    if json:
        print_json(
            [
                {"name": each.name, "family": each.network, **asdict(each)}
                for each in catalog.entries
            ]
        )
        return
    rows, family = [], ""
    for each in catalog.entries:
        if each.network != family:
            family = each.network
            rows.append((f"{family}:", *[""] * 5))
        accuracies = (
            each.figure("top1", "float32"),
            each.figure("top5", "float32"),
            _quant(each),
        )
        rows.append(
            (
                each.name,
                f"{each.macs[0].value / 1e6:.0f}",
                f"{each.params[0].value / 1e6:.2f}",
                *(f"{100 * figure.value:.1f} %" if figure else "" for figure in accuracies),
            )
        )
    print_table(
        ("variant", "MACs, M", "parameters, M", "top-1 float", "top-5 float", "top-1 8-bit"), rows
    )
    say("Published accuracies of trained networks; assets/catalog.toml has their sources.")


def _quant(entry: "Variant | Baseline") -> Any:
    return next((each for each in entry.figures("top1") if each.precision == "quant"), None)


def model_table(
    *,
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE.csv", help="Write it as a table.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Show every model the lab can know: counted, published and measured figures."""
    from engine.model_table import TableReader, rows
    from engine.models.store import ModelStore
    from engine.terminal.run_commands import open_database

    if csv is not None:
        check_folder(csv)
    with closing(open_database()) as database:
        table = TableReader(ModelStore()).read(database.judged())
    if csv is not None:
        _write_csv(rows(table), csv)
    if json:
        print_json(_table_json(table))
    elif csv is not None:
        typer.echo(str(csv))
    else:
        _print(table)


def _print(table: "ModelTable") -> None:
    from engine.model_table import rows

    lines, family = [], ""
    for row in rows(table):
        if row["kind"] == "network" and row["family"] != family:
            family = row["family"]
            lines.append((f"{family}:", *[""] * 12))
        lines.append(tuple(_cells(row)))
    print_table(
        (
            "model", "weights", "MACs, M", "published", "par., M", "published", "top-1", "8-bit",
            "top-5", "8-bit", "MB float32", "float16", "8-bit",
        ),
        lines,
    )  # fmt: skip
    for row in rows(table):
        if row["top1_measured"] is not None:
            share = 100 * row["top1_measured"]
            say(f"{row['name']}: {share:.1f} % on your pictures, n = {row['pictures_measured']}.")
    say(
        "MACs and parameters are counted, beside them what was published; accuracies are of "
        "trained networks, as first published. --json has every figure with its source."
    )


def _cells(row: dict[str, Any]) -> Iterator[str]:
    network = row["kind"] == "network"
    yield row["name"] if network else f"  {row['name']}"
    yield row["weights"] or ""
    for key, digits in (("macs", 1), ("params", 2)):
        yield _scaled(row[f"{key}_counted"], digits)
        yield _scaled(row[f"{key}_published"], digits)
    for key in ("top1_float", "top1_8bit", "top5_float", "top5_8bit"):
        yield f"{100 * row[key]:.1f}" if row[key] is not None else ""
    sizes = [row[f"{precision}_bytes"] for precision in ("float32", "float16", "int8")]
    if not network and row["file_bytes"] is not None:
        place = {"float32": 0, "float16": 1}.get(row["precision"], 2)
        sizes[place] = row["file_bytes"]
    for size in sizes:
        yield _scaled(size, 2)


def _scaled(count: float | None, digits: int) -> str:
    return "" if count is None else f"{count / 1e6:.{digits}f}"


def _write_csv(flat: list[dict[str, Any]], path: Path) -> None:
    import csv
    import io

    from engine.files import write_whole
    from engine.model_table import COLUMNS

    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(flat)
    write_whole(path, text.getvalue().encode("utf-8", "replace"))


def _table_json(table: "ModelTable") -> dict[str, Any]:
    """Return the rows, every figure with its source, and where sources differ."""
    from engine.model_table import differences, rows

    sources = table.catalog.sources
    return {
        "rows": rows(table),
        "figures": {
            network.name: {
                quantity: [asdict(figure) for figure in network.entry.figures(quantity)]
                for quantity in FIGURES
            }
            for network in table.networks
        },
        "differences": {
            network.name: differences(network.entry, sources) for network in table.networks
        },
        "sources": {key: asdict(source) for key, source in sources.items()},
    }
