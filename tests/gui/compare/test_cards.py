"""The budget's sliders and answer, what to measure next, and the claims."""

import pytest
from PySide6.QtCore import QPoint, Qt

from engine.catalog.selection import Budget
from gui.compare.budget_card import BudgetCard
from gui.compare.claims_page import ClaimsPage
from gui.compare.limit import STEPS, Limit
from gui.compare.plan_card import PlanCard
from gui.compare.work import answer, limits_of
from gui.parts import Chip


@pytest.fixture
def budget(qtbot, theme, found) -> BudgetCard:
    card = BudgetCard(theme)
    qtbot.addWidget(card)
    card.resize(340, 480)
    card.show()
    card.show_ranges(limits_of(found))
    return card


def test_a_limit_at_its_loose_end_is_none(budget):
    assert budget.budget() == Budget()
    assert all(limit.words() == "any" for limit in budget.limits.values())


@pytest.mark.parametrize("log", [True, False])
@pytest.mark.parametrize("at_most", [True, False])
def test_a_limit_reaches_over_its_range(qtbot, light, at_most, log):
    limit = Limit(light, "Latency", "ms", at_most=at_most, log=log)
    qtbot.addWidget(limit)
    limit.show_range(2.0, 40.0)
    limit.setValue(1)
    low = limit.limit()
    limit.setValue(STEPS - 1)
    assert low < 2.4
    assert 38 < limit.limit() < 45


def test_a_limit_is_moved_by_keys_and_pointer_and_tells(qtbot, budget):
    limit = budget.limits["max_ms"]
    with qtbot.waitSignal(budget.changed, timeout=1000):
        qtbot.keyClick(limit, Qt.Key.Key_Left)
    assert limit.limit() is not None
    qtbot.mouseClick(limit, Qt.MouseButton.LeftButton, pos=QPoint(limit.width() // 2, 31))
    assert 5 < limit.limit() < 15
    assert limit.accessibleDescription() == limit.words()
    qtbot.mouseClick(budget.any_button, Qt.MouseButton.LeftButton)
    assert budget.budget() == Budget()


def test_a_limit_keeps_its_value_when_the_range_changes(budget):
    limit = budget.limits["max_ms"]
    limit.setValue(STEPS // 2)
    before = limit.limit()
    limit.show_range(1.0, 80.0)
    assert limit.limit() == pytest.approx(before, rel=0.03)


def test_the_answer_names_the_variant_the_runner_up_and_why(qtbot, budget, found):
    told = answer(found, Budget(max_ms=20), predicted=True)
    budget.show_answer(told)
    assert budget.best.name == "v1_0.75_192-int8"
    assert budget.best.isVisible()
    assert "\N{ALMOST EQUAL TO}16.0 ms" in budget.best.figures.text()  # only predicted
    assert budget.sentence.text() == told.sentence
    with qtbot.waitSignal(budget.chosen, timeout=1000) as chosen:
        qtbot.mouseClick(budget.runner_up.button, Qt.MouseButton.LeftButton)
    assert chosen.args == [told.runner_up.name]


def test_where_nothing_fits_the_nearest_is_shown(budget, found):
    budget.show_answer(answer(found, Budget(max_ms=1), predicted=True))
    assert budget.best.word.text() == "Nearest"
    assert budget.sentence.text().startswith("Nothing fits: the nearest is v1_0.25_128-int8")
    assert not budget.runner_up.isVisible()


def test_the_plan_names_one_next_action(qtbot, theme, nothing, found):
    card = PlanCard(theme)
    qtbot.addWidget(card)
    card.show()
    card.show_plan(nothing.plan, "int8", "", "")
    assert "Measure three variants" in card.said.text()
    with qtbot.waitSignal(card.chosen, timeout=1000) as chosen:
        qtbot.mouseClick(card.button, Qt.MouseButton.LeftButton)
    assert chosen.args == ["v1_0.25_128-int8"]
    card.show_plan(found.plan, "int8", found.fit, found.check)
    assert card.button.text() == "Choose v1_0.75_192-int8"
    card.show_plan(found.plan, "int8", found.fit, "")
    assert not card.button.isVisible()


def test_each_claim_has_a_verdict_of_shape_and_word(qtbot, theme, found):
    page = ClaimsPage(theme)
    qtbot.addWidget(page)
    page.resize(900, 500)
    page.show()
    page.show_rows(found.claims)
    chips = {chip.text: chip.state for chip in page.findChildren(Chip)}
    assert chips == {"Does not hold": "fail", "Holds": "ok"}
