"""Scripted phone apps for the link's tests."""

from collections.abc import Iterator

import pytest

from engine.link.client import Link
from tests.engine.link.scripted import ScriptedApp


@pytest.fixture
def app() -> Iterator[ScriptedApp]:
    """An app that has said HELLO and answers every command."""
    scripted = ScriptedApp()
    yield scripted
    scripted.close()


@pytest.fixture
def link(app: ScriptedApp) -> Iterator[Link]:
    """A link to ``app``, not started."""
    opened = Link.open(app)
    yield opened
    opened.close()
