"""Digits, charts, phone card, run panel: they show what they are given, with units."""

import time

import pytest
from PySide6.QtCore import Qt

from engine.jobs import Ended, Outcome
from engine.phones.discovery import PhoneEntry, PhoneState
from engine.phones.readings import PhoneFacts
from gui.banner import Banner, StatusLine
from gui.empty_state import EmptyState
from gui.headline_digits import HeadlineDigits
from gui.live_charts import LiveCharts
from gui.phone_card import PhoneCard
from gui.recognised import Answer, Recognised
from gui.run_panel import RunPanel

READY = PhoneEntry("A1", PhoneState.READY, "Mi A1", "")
LOCKED = PhoneEntry("P3", PhoneState.UNAUTHORIZED, "Pixel 3", "Unlock it and tap Allow.")
FACTS = PhoneFacts("A1", "Xiaomi", "Mi A1", "7.1.2", 25, ("arm64-v8a",), "msm8953", "xiaomi/x")


@pytest.fixture
def make(qtbot, light):
    def build(kind):
        widget = kind(light)
        qtbot.addWidget(widget)
        widget.show()
        return widget

    return build


def test_a_figure_is_never_without_its_unit(make):
    digits = make(HeadlineDigits)
    assert [text.split()[-1] for text in digits.texts()] == ["ms", "fps", "MB"]
    digits.show_latency(41.23, 0.61, 412)
    digits.show_fps(24.14, 80.6)
    digits.show_apk(5_612_000, 1_502_000)
    assert digits.texts() == ("41.2 ms", "24.1 fps", "5.6 MB")


def test_small_and_large_figures_keep_three_digits(make):
    digits = make(HeadlineDigits)
    digits.show_latency(0.785, None, 3)
    assert digits.texts()[0] == "0.79 ms"
    digits.show_latency(1234.5, None, 3)
    assert digits.texts()[0] == "1234 ms"


def test_a_tiny_interval_is_not_told_as_none(make):
    digits = make(HeadlineDigits)
    digits.show_latency(0.785, 0.001, 900)
    assert digits._values[0][3].startswith("± < 0.01 ms")


def test_figures_that_go_leave_a_dash(make):
    digits = make(HeadlineDigits)
    digits.show_latency(12.0, 0.1, 9)
    digits.show_latency(None, None, 0)
    assert digits.texts()[0] == "\N{EN DASH} ms"


def test_the_charts_draw_what_came_in_the_last_half_minute(make, samples):
    charts = make(LiveCharts)
    charts.add_samples(samples(720, end_ns=time.monotonic_ns()))
    charts.redraw()
    assert len(charts.latency.shapes) == 5  # the slowest, and four stages
    assert charts.latency.top >= 12.4


def test_hidden_charts_do_not_tick(make):
    charts = make(LiveCharts)
    assert charts._timer.isActive()
    charts.hide()
    assert not charts._timer.isActive()


def test_another_model_begins_with_an_empty_chart(make, samples):
    charts = make(LiveCharts)
    charts.add_samples(samples(100, end_ns=time.monotonic_ns()))
    charts.clear("Waiting for the first picture")
    assert charts.held(30) is None
    assert charts.latency.empty == "Waiting for the first picture"


def test_a_ready_phone_shows_its_facts_and_no_advice(make):
    card = make(PhoneCard)
    card.show_phones((READY, LOCKED))
    card.choose("A1")
    card.show_facts(FACTS)
    card.show_health(82, 31.0, True)
    assert card.chip.text == "ready"
    assert "7.1.2" in card.facts.text()
    assert "31.0" in card.health.text()
    assert not card.advice.isVisible()


def test_a_phone_that_is_not_ready_says_what_to_do(qtbot, make):
    card = make(PhoneCard)
    card.show_phones((READY, LOCKED))
    card.choose("P3")
    assert card.chip.state == "warn"
    assert card.advice.text() == LOCKED.advice
    with qtbot.waitSignal(card.reconnect_requested, timeout=1000) as told:
        qtbot.mouseClick(card.again, Qt.MouseButton.LeftButton)
    assert told.args == ["P3"]


def test_the_chosen_phone_stays_chosen_while_it_is_listed(make):
    card = make(PhoneCard)
    card.show_phones((READY, LOCKED))
    card.choose("P3")
    card.show_phones((LOCKED,))
    assert card.serial() == "P3"
    card.show_phones((READY,))
    assert card.serial() == ""


def test_the_banner_shows_the_phones_own_note_and_only_that(make):
    banner = make(Banner)
    banner.show_text("virtual phone: this computer's speed")
    assert banner.isVisible()
    assert banner.text == "Virtual phone: this computer's speed"
    banner.show_text("")
    assert not banner.isVisible()


def test_the_status_line_counts_phones(make):
    line = make(StatusLine)
    line.show_adb("1.0.41", 5037, 1)
    assert line.adb.text() == "adb 1.0.41 · server 5037 · 1 phone"


def test_the_empty_state_starts_one_virtual_phone(qtbot, make):
    page = make(EmptyState)
    with qtbot.waitSignal(page.virtual_phone_requested, timeout=1000):
        qtbot.mouseClick(page.try_button, Qt.MouseButton.LeftButton)
    assert not page.try_button.isEnabled()
    page.show_note("It did not start.")
    assert page.try_button.isEnabled()


def test_answers_of_random_weights_are_marked(make):
    card = make(Recognised)
    classes = (("cat", 0.6), ("dog", 0.3), ("fox", 0.1), ("owl", 0.0))
    card.show_answer(Answer("classes", classes, untrained=True))
    assert card.untrained.isVisible()
    assert [row.word for row in card.bars.rows] == ["cat", "dog", "fox"]
    card.show_answer(Answer("classes", (("cat", 0.6),)))
    assert not card.untrained.isVisible()


def test_a_map_shows_the_shares_of_its_classes(make):
    card = make(Recognised)
    card.show_answer(Answer("map", (("road", 0.61), ("sky", 0.3)), picture=3))
    assert card.title.text() == "Shares of the picture"
    assert card.picture.text() == "picture 3"
    assert [(row.word, row.figure) for row in card.bars.rows] == [("road", "61 %"), ("sky", "30 %")]


def test_an_embedding_shows_how_long_it_is_and_its_norm(make):
    card = make(Recognised)
    card.show_answer(Answer("vector", length=1024, norm=3.75))
    assert card.title.text() == "Embedding"
    assert [(row.word, row.share) for row in card.bars.rows] == [("numbers", None), ("norm", None)]
    assert card.bars.rows[1].figure == "3.75"


def test_a_loop_says_why_there_are_no_answers(make):
    card = make(Recognised)
    card.show_answer(Answer("classes", (("cat", 0.6),)))
    card.show_silent("In a loop nobody reads the answers")
    assert card.bars.rows == ()
    assert card.bars.empty == "In a loop nobody reads the answers"
    card.show_silent("")
    assert card.bars.empty == "Nothing yet"


def test_engine_fps_is_one_figure_in_the_whole_window(make, samples):
    charts = make(LiveCharts)
    charts.add_samples(samples(720, end_ns=time.monotonic_ns()))
    charts.show_rates(24.0, 1000.0)  # of one second: a point of the line, no figure
    charts.show_usual_rates(24.0, 80.6)
    charts.redraw()
    assert [value for *_name, value in charts.rates_legend._entries] == ["80.6 fps", "24.0 fps"]


def test_a_held_run_says_so_and_lets_go_with_one_click(qtbot, make):
    digits = make(HeadlineDigits)
    digits.show_origin("live, last 30 s")
    assert digits.chip.isVisible()
    assert not digits.back.isVisible()
    digits.show_origin("run 3, 30 s", state="ok")
    assert digits.chip.text == "run 3, 30 s"
    with qtbot.waitSignal(digits.live_requested, timeout=1000):
        qtbot.mouseClick(digits.back, Qt.MouseButton.LeftButton)
    digits.show_origin("")
    assert not digits.chip.isVisible()


def test_a_run_that_did_not_complete_warns(make):
    digits = make(HeadlineDigits)
    digits.show_origin("run 3, 4 s", state="warn")
    assert digits.chip.state == "warn"
    assert digits.back.isVisible()


def test_a_median_has_as_many_decimals_as_its_interval(make):
    digits = make(HeadlineDigits)
    digits.show_latency(1.034, 0.021, 200)
    assert digits.texts()[0] == "1.03 ms"


def test_the_model_names_the_phone_and_the_maker_stands_apart(make):
    card = make(PhoneCard)
    card.show_phones((READY,))
    card.choose("A1")
    card.show_facts(FACTS)
    assert card.combo.currentText() == "Mi A1"
    assert "Xiaomi" in card.facts.text()
    assert "Xiaomi Mi A1" in card.combo.toolTip()


def test_phones_of_one_name_carry_their_serials(make):
    card = make(PhoneCard)
    card.show_phones((READY, PhoneEntry("A2", PhoneState.READY, "Mi A1", "")))
    assert [card.combo.itemText(at) for at in (0, 1)] == ["Mi A1 · A1", "Mi A1 · A2"]


def test_faint_boxes_do_not_count_and_the_rest_keeps_its_order(make):
    card = make(Recognised)
    card.show_answer(Answer("boxes", (("cat", 0.9), ("cat", 0.5), ("dog", 0.2))))
    assert [(row.word, row.share) for row in card.bars.rows] == [("cat", 0.9), ("cat", 0.5)]
    card.show_answer(Answer("boxes", (("dog", 0.2),)))
    assert card.bars.empty == "Nothing found"


def test_how_a_run_ended_stays_until_something_else_begins(make):
    panel = make(RunPanel)
    for ended in (Ended(Outcome.FAILED, "The link broke."), Ended(Outcome.COMPLETED)):
        panel.show_started()
        panel.show_ended(ended, "Run 3: kept")
        kept = panel.said.text()
        panel.show_ready(False, "Deploy first")
        assert panel.said.text() == kept
    panel.forget()
    panel.show_ready(False, "Deploy first")
    assert panel.said.text() == "Deploy first"


def test_the_apk_of_a_swapped_model_is_the_installed_one(make):
    digits = make(HeadlineDigits)
    digits.show_apk(5_612_000, 900_000, swapped=True)
    assert digits.texts()[2] == "5.6 MB"
    assert digits._values[2][3] == "model 0.90 MB, swapped in"


def test_a_phone_can_be_left_clean_from_its_card(qtbot, make):
    card = make(PhoneCard)
    card.show_phones((READY, LOCKED))
    card.choose("A1")
    assert not card.more.isVisible()
    card.show_facts(FACTS)
    assert card.more.isVisible()
    with qtbot.waitSignal(card.clean_requested, timeout=1000):
        card.clean_action.trigger()
    card.choose("P3")
    assert not card.more.isVisible()
