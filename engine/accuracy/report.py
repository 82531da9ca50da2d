"""An evaluation as one HTML page that opens anywhere: figures, tables and the mistakes."""

import base64
from html import escape
from pathlib import Path
from typing import Final

import numpy as np

from engine.accuracy.evaluation import Answer, Bin, Evaluation
from engine.errors import LabError
from engine.files import write_whole
from engine.models.pictures import read_picture

MOST_MISTAKES: Final = 60
MOST_CLASSES: Final = 40
"""A confusion matrix of more would be too large to read; its largest cells are listed then."""
_SIDE: Final = 200
_STYLE: Final = """
body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}
body{background:#fff;color:#1b1f23}
h1{font-size:1.8rem;margin:0}h2{margin-top:2.5rem}.big{font-size:3rem;font-weight:600}
.quiet{color:#57606a}table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:.25rem .6rem;text-align:right;border-bottom:1px solid #d8dee4}
th:first-child,td:first-child{text-align:left}td.hit{background:#d7ecf9}td.miss{background:#fbe3c0}
.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(12rem,1fr));gap:1rem}
figure{margin:0}figure img{width:100%;border-radius:8px}figcaption{font-size:.85rem}
@media(prefers-color-scheme:dark){body{background:#14181c;color:#e6edf3}.quiet{color:#9aa4ae}
th,td{border-color:#30363d}td.hit{background:#0f3a55}td.miss{background:#5a3a08}}
"""


def write_report(result: Evaluation, path: Path) -> None:
    """Write the page; pictures are in it, so it can be moved alone.

    Raises:
        LabError: If it cannot be written.
    """
    body = "\n".join(
        (
            _head(result),
            _classes(result),
            _confusion(result),
            _calibration(result.calibration()),
            _mistakes(result),
        )
    )
    title = escape(f"{result.model}: accuracy on your pictures")
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><style>{_STYLE}</style><body>{body}</body></html>\n"
    )
    try:
        write_whole(path, page.encode("utf-8", "replace"))
    except OSError as error:
        raise LabError(f"{path} cannot be written.", detail=str(error)) from error


def _head(result: Evaluation) -> str:
    left_out = sum(n for _, n in result.pictures.left_out) + len(result.unreadable)
    top1, top5 = escape(str(result.top1)), escape(str(result.top5))
    return f"""<h1>{escape(result.model)}</h1>
<p class="quiet">Measured on your pictures, n = {result.n}; not the published figure on
ILSVRC-2012.</p>
<p class="big">{100 * result.top1.value:.1f} %</p>
<p>top-1 {top1}<br>top-5 {top5}</p>
<p class="quiet">{escape(result.preprocessing)}. Classes by {escape(result.pictures.how)}.
Model sha256 {result.model_sha256}. {left_out} pictures left out. Intervals are Wilson's, 95 %.</p>
"""


def _classes(result: Evaluation) -> str:
    rows = "".join(
        f"<tr><td>{escape(result.pictures.label(index))}<td>{share.hits}<td>{share.n}"
        f"<td>{100 * share.value:.1f} %<td>{100 * share.interval[0]:.1f} to "
        f"{100 * share.interval[1]:.1f}</tr>"
        for index, share in result.per_class().items()
    )
    return (
        "<h2>Classes</h2><table><tr><th>class<th>right<th>of<th>top-1<th>interval, %</tr>"
        f"{rows}</table>"
    )


def _confusion(result: Evaluation) -> str:
    counts, names = result.confusion(), [result.pictures.label(each) for each in result.seen]
    if len(names) > MOST_CLASSES:
        return _largest_cells(counts - np.diag(np.diag(counts)), names)
    head = "".join(f"<th>{escape(name)}" for name in names)
    rows = ""
    for at, name in enumerate(names):
        cells = "".join(
            f'<td class="{"" if not n else "hit" if to == at else "miss"}">{n or ""}'
            for to, n in enumerate(counts[at])
        )
        rows += f"<tr><td>{escape(name)}{cells}</tr>"
    return (
        '<h2>Confusion</h2><p class="quiet">Rows: what it is. Columns: what the model said.</p>'
        f"<table><tr><th>{head}</tr>{rows}</table>"
    )


def _largest_cells(wrong: np.ndarray[tuple[int, int], np.dtype[np.int64]], names: list[str]) -> str:
    order = np.argsort(-wrong, axis=None, kind="stable")[:MOST_CLASSES]
    rows = "".join(
        f"<tr><td>{escape(names[at // len(names)])}<td>{escape(names[at % len(names)])}"
        f"<td>{wrong.flat[at]}</tr>"
        for at in map(int, order)
        if wrong.flat[at]
    )
    return f"<h2>Confused most often</h2><table><tr><th>is<th>said<th>times</tr>{rows}</table>"


def _calibration(bins: tuple[Bin, ...]) -> str:
    """Draw how right the model is over how sure it is; on the diagonal it would be honest."""
    side = 240
    marks = "".join(
        f'<circle cx="{20 + side * each.mean_score:.1f}" '
        f'cy="{20 + side * (1 - each.right / each.n):.1f}" r="5" fill="#0072b2">'
        f"<title>{each.n} pictures</title></circle>"
        for each in bins
        if each.n
    )
    rows = "".join(
        f"<tr><td>{100 * each.low:.0f} to {100 * each.high:.0f} %<td>{each.n}"
        f"<td>{100 * each.mean_score:.1f} %<td>{100 * each.right / each.n:.1f} %</tr>"
        for each in bins
        if each.n
    )
    return (
        "<h2>How sure, how right</h2>"
        f'<svg width="{side + 40}" height="{side + 40}" role="img" '
        'aria-label="Share right over score"><rect x="20" y="20" '
        f'width="{side}" height="{side}" fill="none" stroke="#8c959f"/>'
        f'<line x1="20" y1="{20 + side}" x2="{20 + side}" y2="20" stroke="#8c959f" '
        f'stroke-dasharray="4"/>{marks}</svg>'
        f"<table><tr><th>score<th>pictures<th>mean score<th>right</tr>{rows}</table>"
    )


def _mistakes(result: Evaluation) -> str:
    wrong = result.mistakes()
    if not wrong:
        return "<h2>Mistakes</h2><p>None.</p>"
    figures = "".join(_figure(result, each) for each in wrong[:MOST_MISTAKES])
    return f'<h2>Mistakes, the surest first</h2><div class="grid">{figures}</div>'


def _figure(result: Evaluation, answer: Answer) -> str:
    label = result.pictures.label
    return (
        f'<figure><img alt="" src="data:image/jpeg;base64,{_thumbnail(answer.path)}"><figcaption>'
        f"is {escape(label(answer.truth))}<br>said {escape(label(answer.said[0]))}, "
        f'{100 * answer.score:.0f} %<br><span class="quiet">{escape(answer.path.name)}</span>'
        "</figcaption></figure>"
    )


def _thumbnail(path: Path) -> str:
    import cv2

    rgb = read_picture(path)
    scale = min(1.0, _SIDE / min(rgb.shape[:2]))
    size = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    _, data = cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR))
    return base64.b64encode(data.tobytes()).decode()
