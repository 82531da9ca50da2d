"""A document as one HTML file that needs nothing else: no network, no fonts, no other file."""

import base64
import hashlib
from typing import Any

from engine.paths import ASSETS
from engine.records.document.content import LONG, WHOLE, Document
from engine.records.document.palette import DARK, LIGHT
from engine.records.document.svg import legal

FOLDER = ASSETS / "report"


def html_of(document: Document) -> bytes:
    """Return the page as UTF-8; the same bytes for the same document.

    All text is escaped by the template; only the drawings, which are our own, are not. The
    page's policy lets nothing run but the page's own script, whatever a person typed.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_plain,
    )
    environment.filters["svg"] = lambda drawing: Markup(drawing.svg(inline=True))  # noqa: S704
    environment.filters["png"] = lambda data: base64.b64encode(data).decode()
    style = _colours() + (FOLDER / "page.css").read_text("utf-8")
    script = (FOLDER / "page.js").read_text("utf-8")
    page = environment.get_template("page.html.j2").render(
        document=document,
        style=Markup(style),  # noqa: S704 - our own files
        script=Markup(script),  # noqa: S704
        style_hash=_hash(style),
        script_hash=_hash(script),
        long=LONG,
        whole=WHOLE,
    )
    return page.encode("utf-8", "replace")


def _plain(value: Any) -> Any:
    """Take from a text what no page may hold; markup of our own has none."""
    return legal(value) if type(value) is str else value


def _colours() -> str:
    """Return the palette as style: the page's colours, and those of shapes by their role."""
    light = "".join(f"--{name}:{colour};" for name, colour in LIGHT.items())
    dark = "".join(f"--{name}:{colour};" for name, colour in DARK.items())
    shapes = "".join(
        f".f-{name}{{fill:var(--{name})}}.s-{name}{{stroke:var(--{name})}}" for name in LIGHT
    )
    return (
        f":root{{{light}}}\n"
        f'@media screen{{:root[data-theme="dark"]{{{dark}}}'
        f'@media(prefers-color-scheme:dark){{:root:not([data-theme="light"]){{{dark}}}}}}}\n'
        f"{shapes}\n"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
