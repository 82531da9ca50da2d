"""The lab's app as it is drawn: nothing outside its place, nothing cut off, in either language."""

import string
from itertools import pairwise, permutations
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.models.recognition import Box, ClassScore
from engine.virtual_phone.app import picture_view
from engine.virtual_phone.app.layout import fit_inside, lay_out
from engine.virtual_phone.app.numbers import Answer, LabView, Numbers, ShownModel, Trouble
from engine.virtual_phone.app.page import LabPage
from engine.virtual_phone.app.picture_view import PALETTE, TINT, class_colour, draw_picture
from engine.virtual_phone.app.settings import AppSettings
from engine.virtual_phone.app.words import ENGLISH, GERMAN, digits, words_for
from engine.virtual_phone.screen.pages import page_area
from engine.virtual_phone.screen.paint import INK, Canvas, Rect

SIZES = ((720, 1560), (1560, 720))
WHITE = np.full((480, 640, 3), 255, np.uint8)
GREY = np.full((480, 640, 3), 100, np.uint8)
SSD = ShownModel("ssd", task="detection", fit="stretch", columns=300, rows=300, dtype="uint8")
CLASSIFIER = ShownModel("a model", task="classification", fit="crop", columns=128, rows=128)
CLASSES = Answer("classes", (("tench", ClassScore(1, 0.9)), ("", ClassScore(7, 0.05))))
BOXES = Answer(
    "boxes",
    (
        ("all of it", Box(0, 0.9, -0.5, -0.5, 1.5, 1.5)),
        ("at the edge", Box(17, 0.8, 0.0, 0.9, 1.0, 1.0)),
        ("a very long name " * 5, Box(80, 0.7, 0.9, 0.95, 1.0, 1.0)),
        ("too faint to be drawn", Box(3, 0.3, 0.1, 0.1, 0.9, 0.9)),
        ("inside out", Box(3, 0.6, 0.9, 0.9, 0.1, 0.1)),
    ),
)
VECTOR = Answer("vector", vector=np.linspace(-2, 3, 1001, dtype=np.float32))
CELLS = np.array([[0, 1], [2, 2]], np.uint8)
MAP = Answer("map", (("road", ClassScore(2, 0.5)), ("", ClassScore(0, 0.25))), cells=CELLS)
TROUBLES = (
    *("background", "no_model", "bad_model", "inference", "some new one"),
    *("no_camera", "camera_busy", "camera_permission", "no_pictures"),
)


def show(view: LabView, size: tuple[int, int] = SIZES[0], pressed: str = "") -> Canvas:
    app = SimpleNamespace(view=lambda: view, drew=lambda _: None, animated=True)
    canvas = Canvas(*size)
    LabPage(app).draw(canvas, page_area(*size), pressed)
    return canvas


def picture_of(view: LabView, rect: Rect) -> Canvas:
    canvas = Canvas(rect.right + 40, rect.bottom + 40)
    draw_picture(canvas, rect, view, WHITE, ENGLISH)
    return canvas


def seen_at(canvas: Canvas, rect: Rect, across: float, down: float) -> tuple[int, ...]:
    x, y = rect.left + round(across * rect.width), rect.top + round(down * rect.height)
    return tuple(int(channel) for channel in canvas.pixels[y, x])


def test_every_part_of_the_app_fits_on_the_screen():
    for size in SIZES:
        area, layout = page_area(*size), lay_out(page_area(*size))
        parts = (layout.header, layout.picture, layout.answers, layout.digits, layout.stages)
        parts += (layout.button, layout.note)
        for number, part in enumerate(parts):
            assert area.cut(part) == part
            for other in parts[number + 1 :]:
                assert not part.touches(other), (part, other)
        assert layout.picture.cut(layout.camera_button) == layout.camera_button


@pytest.mark.parametrize("size", SIZES, ids=["portrait", "landscape"])
@pytest.mark.parametrize("locale", ["en-US", "de-DE"])
@pytest.mark.parametrize("answer", [None, CLASSES, BOXES, VECTOR, MAP], ids=str)
def test_nothing_is_drawn_outside_the_page(size, locale, answer):
    model = SSD if answer is BOXES else CLASSIFIER
    numbers = Numbers(1234.5, 1114.2, 10.0, 20.0, 30.0, 40.0)
    view = LabView(model=model, preview=WHITE, cameras=2, linked=True, answer=answer,
                   numbers=numbers, locale=locale, note="note " * 30)  # fmt: skip
    canvas, area = show(view, size), page_area(*size)
    assert canvas.pixels[area.top : area.bottom, area.left : area.right].any()
    canvas.fill(area, (0, 0, 0))
    assert not canvas.pixels.any()


@pytest.mark.parametrize("size", SIZES, ids=["portrait", "landscape"])
def test_what_was_drawn_before_leaves_nothing_behind(size):
    square = ShownModel("a", task="segmentation", fit="stretch", columns=8, rows=8, dtype="int8")
    views = [
        LabView(model=CLASSIFIER, preview=WHITE, cameras=2, answer=CLASSES, note="a note"),
        LabView(model=SSD, preview=GREY, answer=BOXES, linked=True),
        LabView(model=CLASSIFIER, preview=GREY, trouble=Trouble("inference", "It fell. " * 9)),
        LabView(model=square, preview=GREY, answer=MAP, numbers=Numbers(0.03, 2996.0)),
        LabView(opening=True, locale="de-DE"),
        LabView(model=CLASSIFIER, preview=WHITE, answer=VECTOR, numbers=Numbers(9999.0, 0.1)),
        LabView(settings=AppSettings(source="loop", paused=True), model=CLASSIFIER),
        LabView(trouble=Trouble("camera_permission", "No."), model=CLASSIFIER),
    ]
    shown = iter([one for pair in permutations(views, 2) for one in pair])
    app = SimpleNamespace(view=lambda: next(shown), drew=lambda _: None, animated=True)
    canvas, page = Canvas(*size), LabPage(app)
    for _, second in permutations(views, 2):
        page.draw(canvas, page_area(*size), "")
        page.draw(canvas, page_area(*size), "")
        differs = (canvas.pixels != show(second, size).pixels).any(axis=2)
        assert not differs.any(), np.argwhere(differs)[:3]


@pytest.mark.parametrize("size", SIZES, ids=["portrait", "landscape"])
@pytest.mark.parametrize("locale", ["en-US", "de-DE"])
@pytest.mark.parametrize("code", TROUBLES)
def test_trouble_is_told_within_its_card(size, locale, code):
    text = "Something that takes a good many words to tell, and then some more of them. " * 4
    view = LabView(trouble=Trouble(code, text), model=CLASSIFIER, preview=WHITE, locale=locale)
    canvas, layout = show(view, size), lay_out(page_area(*size))
    below = Rect(layout.body.left, layout.body.bottom + 2, layout.body.width,
                 layout.button.top - layout.body.bottom - 4)  # fmt: skip
    part = canvas.pixels[below.top : below.bottom, below.left : below.right]
    assert (part == INK).all()
    bottom = canvas.pixels[layout.body.bottom - 20 : layout.body.bottom, layout.body.middle[0]]
    assert (bottom == bottom[0]).all()  # no letter runs over the card's lower edge


@pytest.mark.parametrize("view", [BOXES, Answer("boxes", BOXES.entries[:1])], ids=["some", "one"])
def test_boxes_stay_inside_the_picture(view):
    rect = Rect(40, 40, 640, 480)
    canvas = picture_of(LabView(model=SSD, preview=GREY, answer=view), rect)
    assert canvas.pixels.any()
    canvas.fill(rect, (0, 0, 0))
    assert not canvas.pixels.any()


edges = st.floats(-0.5, 1.5)
names = st.text(string.ascii_letters + " ", min_size=1, max_size=60)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(names, edges, edges, edges, edges), min_size=1, max_size=8))
def test_a_label_is_whole_and_inside_the_picture(found):
    rect = Rect(40, 40, 640, 480)
    canvas, taken = Canvas(720, 560), []
    for name, top, left, bottom, right in found:
        box = Rect(40 + round(left * 640), 40 + round(top * 480), 8, 8)
        box = rect.cut(Rect(box.left, box.top, round(right * 640), round(bottom * 480)))
        if box.width < 8 or box.height < 8:
            continue
        place = picture_view._draw_label(canvas, rect, box, name, (255, 255, 255), taken)
        taken.append(place)
        assert rect.cut(place) == place
        wanted = canvas.text_width(canvas.cut(name, 30, 616, 500), 30, 500)
        assert place.width >= wanted + 24


def test_labels_of_one_place_lie_below_each_other():
    rect, box = Rect(0, 0, 640, 480), Rect(500, 100, 100, 100)
    canvas, taken = Canvas(640, 480), []
    for name in ("one", "two", "three"):
        taken.append(picture_view._draw_label(canvas, rect, box, name, (255, 255, 255), taken))
    assert not any(one.touches(two) for one, two in pairwise(taken))


def test_a_box_is_laid_by_the_fit():
    box = Answer("boxes", (("", Box(1, 0.9, 0.25, 0.25, 0.75, 0.75)),))
    rect = Rect(0, 0, 640, 480)
    lefts = {}
    for fit in ("stretch", "crop", "letterbox"):
        model = ShownModel("ssd", task="detection", fit=fit, columns=300, rows=300)
        canvas = picture_of(LabView(model=model, preview=GREY, answer=box), rect)
        hits = np.flatnonzero((canvas.pixels[300, :640] == PALETTE[1]).all(axis=1))
        lefts[fit] = int(hits[0])
    # of 640: a quarter; a quarter of the square of 480 that begins at 80; a quarter again
    assert lefts == pytest.approx({"stretch": 160, "crop": 80 + 120, "letterbox": 160}, abs=3)


def test_a_map_tints_its_classes_where_the_model_looks():
    rect = Rect(0, 0, 640, 480)
    canvas = picture_of(LabView(model=CLASSIFIER, preview=GREY, answer=MAP), rect)
    outside = seen_at(canvas, rect, 0.06, 0.3)
    ground = seen_at(canvas, rect, 0.35, 0.3)
    first, second = seen_at(canvas, rect, 0.65, 0.3), seen_at(canvas, rect, 0.6, 0.7)
    assert max(outside) < 60
    assert ground == (100, 100, 100)
    for seen, colour in ((first, class_colour(0)), (second, class_colour(1))):
        wanted = [100 * (1 - TINT) + channel * TINT for channel in colour]
        assert seen == pytest.approx(wanted, abs=2)


def test_the_front_camera_shows_as_a_mirror_with_all_that_lies_on_it():
    half = np.zeros((480, 640, 3), np.uint8)
    half[:, :320] = 200
    cells = np.array([[0, 1]], np.uint8)
    answer = Answer("map", (), cells=cells)
    rect = Rect(0, 0, 640, 480)
    views = [
        LabView(settings=AppSettings(camera=camera), model=SSD, preview=half, answer=answer)
        for camera in ("back", "front")
    ]
    back, front = (picture_of(view, rect).pixels[200, :640] for view in views)
    assert tuple(back[100]) == (200, 200, 200)
    assert np.array_equal(back, front[::-1])


def test_a_bundled_picture_keeps_its_proportions():
    assert fit_inside(Rect(0, 0, 720, 540), 320, 240) == Rect(0, 0, 720, 540)
    assert fit_inside(Rect(0, 0, 720, 540), 100, 200) == Rect(225, 0, 270, 540)
    assert fit_inside(Rect(10, 10, 720, 540), 200, 50) == Rect(10, 190, 720, 180)
    tall = np.full((200, 100, 3), 255, np.uint8)
    view = LabView(settings=AppSettings(source="pictures"), preview=tall, preview_number=2,
                   pictures=6)  # fmt: skip
    canvas = show(view)
    picture = lay_out(page_area(*SIZES[0])).picture
    assert seen_at(canvas, picture, 0.5, 0.5) == (255, 255, 255)
    assert seen_at(canvas, picture, 0.1, 0.5) == INK
    assert picture_view.source_text(view, ENGLISH) == "Picture 2 of 6"


@pytest.mark.parametrize(
    "values",
    [[5.0], [0.0, 0.0], [-1.0, -2.0], [np.nan, np.inf, 1.0], [1e30] * 65_536],
    ids=["one", "zero", "below", "odd", "long"],
)
def test_any_vector_has_a_strip(values):
    answer = Answer("vector", vector=np.array(values, np.float32))
    layout = lay_out(page_area(*SIZES[0]))
    canvas = show(LabView(model=CLASSIFIER, answer=answer))
    part = canvas.pixels[layout.answers.top : layout.answers.bottom, layout.answers.left :]
    drawn = (part == picture_view.SKY).all(axis=2).any() or (
        (part == picture_view.ORANGE).all(axis=2).any()
    )
    assert drawn == (values != [0.0, 0.0])


def test_both_languages_say_the_same_things():
    assert GERMAN.keys() == ENGLISH.keys()
    for key, text in ENGLISH.items():
        fields = [name for _, name, _, _ in string.Formatter().parse(text) if name]
        assert [n for _, n, _, _ in string.Formatter().parse(GERMAN[key]) if n] == fields
    assert words_for("de-AT") is GERMAN
    assert words_for("en-GB") is words_for("fr-FR") is ENGLISH


def test_a_change_of_language_is_drawn_at_once():
    views = [LabView(model=CLASSIFIER, answer=CLASSES, locale="en-US"),
             LabView(model=CLASSIFIER, answer=CLASSES, locale="de-DE")]  # fmt: skip
    app = SimpleNamespace(view=lambda: views[0], drew=lambda _: None, animated=True)
    canvas, page, area = Canvas(*SIZES[0]), LabPage(app), page_area(*SIZES[0])
    page.draw(canvas, area, "")
    english = canvas.pixels.copy()
    canvas.begin()
    page.draw(canvas, area, "")
    assert not canvas.changed
    del views[0]
    page.draw(canvas, area, "")
    assert not np.array_equal(canvas.pixels, english)
    assert np.array_equal(canvas.pixels, show(views[0]).pixels)


def test_numbers_have_three_digits_and_the_languages_point():
    assert [digits(value, ENGLISH) for value in (0.987, 12.34, 1234.5)] == ["0.99", "12.3", "1234"]
    assert digits(12.34, GERMAN) == "12,3"


def test_colours_can_be_written_on():
    for index in range(256):
        red, green, blue = class_colour(index)
        assert 0.3 * red + 0.59 * green + 0.11 * blue > 110, index
