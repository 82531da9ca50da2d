"""How the commands talk: results on stdout, everything else on stderr."""

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

import typer

from engine.jobs import CancelToken, Ended, Job, Outcome, Progress, Report

T = TypeVar("T")
EXIT_BUG = 1
EXIT_INPUT = 2
EXIT_CANCELLED = 130
IMPATIENT_S = 1.0
"""A Ctrl+C this long after the first one means at once; tools send two in one moment."""
POLL_S = 0.2  # on Windows a wait without an end cannot be interrupted
_INTERRUPT = object()


def say(text: str) -> None:
    """Tell the person something that is not the result."""
    typer.echo(text, err=True)


def print_json(value: Any) -> None:
    """Write a result as JSON, alone on stdout."""
    import orjson

    def plain(each: object) -> str:  # a file's name may hold bytes that are no text
        return str(each).encode("utf-8", "replace").decode()

    data = orjson.dumps(value, default=plain, option=orjson.OPT_INDENT_2)
    typer.echo(data.decode())


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write a result as a table on stdout; numbers (all but the first column's) to the right."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    names = max((len(row[0]) for row in rows), default=0)  # copied from here: never folded
    for index, column in enumerate(columns):
        numeric = bool(rows) and all(_is_number(row[index]) for row in rows)
        table.add_column(
            column,
            justify="right" if numeric else "left",
            overflow="fold",
            min_width=names if index == 0 else None,
        )
    for row in rows:
        table.add_row(*row)
    console = Console(file=sys.stdout, markup=False, highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = 1000  # a pipe has no edge
    with console.capture() as capture:
        console.print(table)
    for line in capture.get().splitlines():
        typer.echo(line.rstrip())


def work(name: str, task: Callable[[Report, CancelToken], T], *, quiet: bool = False) -> T:
    """Run long work with its progress on stderr; Ctrl+C cancels it.

    Work that ends well although it was cancelled (a run keeps what it has) returns its
    result; ask ``task``'s token, or the result itself, whether it is whole.

    Raises:
        LabError: What the work raised.
        typer.Exit: 130 when it was cancelled, 1 when it broke.
    """
    events: SimpleQueue[Any] = SimpleQueue()
    job = Job(name, task, events)
    with _progress_shown(quiet=quiet) as show, _interrupts_put_into(events):
        job.start()
        ended = _wait(job, events, show)
    if ended.outcome is Outcome.COMPLETED:
        result: T = ended.result
        return result
    if ended.outcome is Outcome.CANCELLED:
        say("Cancelled.")
        raise typer.Exit(EXIT_CANCELLED)
    if ended.error is not None:
        raise ended.error
    say(ended.message)
    raise typer.Exit(EXIT_BUG)


@contextmanager
def _interrupts_put_into(events: "SimpleQueue[Any]") -> Iterator[None]:
    """Let Ctrl+C be an event, so that it cannot break into whatever is being done."""
    usual = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or usual is signal.SIG_IGN:
        yield
        return
    signal.signal(signal.SIGINT, lambda _number, _frame: events.put(_INTERRUPT))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)


def _wait(job: Job, events: "SimpleQueue[Any]", show: Report) -> Ended:
    asked_s: float | None = None
    while True:
        try:
            event = events.get(timeout=POLL_S)
        except Empty:
            continue
        if isinstance(event, Ended):
            return event
        if event is not _INTERRUPT:
            show(event)
        elif asked_s is None:
            asked_s = time.monotonic()
            job.cancel()
        elif time.monotonic() - asked_s > IMPATIENT_S:  # it does not obey
            raise KeyboardInterrupt


@contextmanager
def _progress_shown(*, quiet: bool) -> Iterator[Report]:
    """Show steps on stderr: a bar in a terminal, one line per step elsewhere."""
    if quiet:
        yield lambda _progress: None
    elif sys.stderr.isatty():
        with _bars() as report:
            yield report
    else:
        seen: set[str] = set()

        def line(progress: Progress) -> None:
            if progress.step not in seen:
                seen.add(progress.step)
                say(progress.step)

        yield line


@contextmanager
def _bars() -> Iterator[Report]:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    bars = Bars(
        TextColumn("{task.description:<8}"),
        BarColumn(bar_width=30),
        TextColumn("{task.fields[detail]}"),
        TimeElapsedColumn(),
        console=Console(stderr=True, markup=False, highlight=False),
    )
    tasks: dict[str, Any] = {}

    def show(progress: Progress) -> None:
        if progress.step not in tasks:
            for each in tasks.values():  # a new step means that those before are done
                bars.update(each, total=1.0, completed=1.0)
            tasks[progress.step] = bars.add_task(progress.step, total=None, detail="")
        known = progress.fraction is not None
        bars.update(
            tasks[progress.step],
            total=1.0 if known else None,
            completed=progress.fraction or 0.0,
            detail=progress.detail,
        )

    with bars:
        yield show


def _is_number(text: str) -> bool:
    return text == "" or text.replace(",", "").replace(".", "").replace("%", "").isdecimal()
