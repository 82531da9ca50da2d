"""The page is whole in itself, well-formed, and lets nothing run that a person typed."""

import re
from html.parser import HTMLParser

from engine.records.document.html import html_of

VOID = {"meta", "img", "br", "hr", "link", "input"}


class Checker(HTMLParser):
    """Follows what is open and collects what the page would load."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.loads, self.texts = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.loads += [value for name, value in attrs if name in ("src", "href", "action", "data")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def checked(document):
    checker = Checker()
    checker.feed(html_of(document).decode())
    checker.close()
    assert checker.open == []
    return checker


def test_every_tag_is_closed_and_nothing_is_loaded(document):
    page = checked(document)
    assert page.loads
    assert all(each.startswith("data:image/png;base64,") for each in page.loads)
    text = html_of(document).decode()
    assert not re.search(r"https?:|//\w|@import|url\(", text)


def test_what_a_person_typed_stays_text(document):
    page = checked(document)
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert (
        "alert" not in html_of(document).decode().partition("<script>")[2].partition("</script>")[0]
    )
    assert any("<script>alert('1')</script> & </td> Grüße ±2 µs" in each for each in page.texts)
    assert "\x07" not in html_of(document).decode()


def test_only_the_pages_own_script_and_style_may_run(document):
    policy = next(
        attrs["content"]
        for tag, attrs in checked(document).tags
        if "content" in attrs and attrs.get("http-equiv") == "Content-Security-Policy"
    )
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert len(re.findall(r"'sha256-[A-Za-z0-9+/]{43}='", policy)) == 2


def test_columns_of_numbers_sort_by_value(document):
    page = checked(document)
    heads = [attrs for tag, attrs in page.tags if tag == "th"]
    assert [each.get("class") for each in heads[:2]] == [None, "number"]
    values = [attrs["data-value"] for tag, attrs in page.tags if "data-value" in attrs]
    assert values[:3] == ["0", "1", "2"]
    script = html_of(document).decode().partition("<script>")[2]
    assert "aria-sort" in script
    assert 'createElement("button")' in script  # a button is reached and pressed by keys


def test_the_page_is_the_same_bytes_each_time(document):
    assert html_of(document) == html_of(document)


def test_paper_is_light_whatever_the_screen_is(document):
    style = html_of(document).decode().partition("<style>")[2].partition("</style>")[0]
    assert '@media screen{:root[data-theme="dark"]' in style
    assert "prefers-color-scheme:dark" in style
    assert "@media print" in style
    assert "#161A21" not in style.partition("@media print")[2]
