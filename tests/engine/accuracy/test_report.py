from html.parser import HTMLParser

import pytest

from engine.accuracy.evaluation import evaluate
from engine.accuracy.report import write_report
from engine.errors import LabError


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.pictures, self.text, self.addresses = [], "", []

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        if tag == "img":
            self.pictures.append(named["src"])
        self.addresses += [named[key] for key in ("href", "src") if key in named]

    def handle_data(self, data):
        self.text += data


@pytest.fixture
def page(tmp_path, colour_model, picture_file):
    picture_file(tmp_path / "pictures" / "<red>" / "a.png", (220, 30, 30))
    picture_file(tmp_path / "pictures" / "<red>" / "b.png", (30, 30, 220))
    picture_file(tmp_path / "pictures" / "blue" / "c.png", (30, 30, 220))
    labels = ("<red>", "green", "blue")
    result = evaluate(colour_model, tmp_path / "pictures", labels=labels)
    write_report(result, tmp_path / "report.html")
    read = Page()
    read.feed((tmp_path / "report.html").read_text("utf-8"))
    return read


def test_the_page_has_figures_with_their_count_and_interval(page):
    assert "66.7 %" in page.text
    assert "n = 3" in page.text
    assert "20.8 to 93.9" in page.text
    assert "not the published figure" in " ".join(page.text.split())


def test_mistakes_are_in_the_page_as_pictures(page):
    assert len(page.pictures) == 1
    assert "is <red>" in page.text


def test_the_page_needs_nothing_else(page):
    assert all(each.startswith("data:") for each in page.addresses)


def test_a_report_that_cannot_be_written_says_so(tmp_path, evaluation):
    with pytest.raises(LabError, match="no folder"):
        write_report(evaluation([(0, (0,), 0.9)]), tmp_path / "gone" / "report.html")
