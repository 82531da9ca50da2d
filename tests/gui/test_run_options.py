"""How the model runs: what is offered, what was really applied, what was refused."""

from dataclasses import replace

import pytest

from engine.link.messages import AppState
from gui.run_options import RunOptions, RunWish


@pytest.fixture
def options(qtbot, light) -> RunOptions:
    options = RunOptions(light)
    qtbot.addWidget(options)
    options.show()
    return options


@pytest.fixture
def state() -> AppState:
    return AppState(
        source="camera",
        camera="back",
        paused=False,
        threads=4,
        threads_asked=4,
        delegate="xnnpack",
        delegate_applied="xnnpack",
        delegate_note="",
        error=None,
    )


class Offer:
    """What a ``Hello`` offers."""

    sources = ("camera", "pictures", "loop")
    cameras = ("back",)
    delegates = ("cpu", "xnnpack")
    max_threads = 2


def take(combo, data) -> None:
    combo.setCurrentIndex(combo.findData(data))
    combo.activated.emit(combo.currentIndex())


def offered(combo) -> list:
    return [combo.itemData(at) for at in range(combo.count())]


def test_it_is_folded_and_says_how_the_model_runs(options, state):
    assert not options.source.isVisible()
    options.show_offer(Offer())
    options.show_state(state)
    assert options.fold.said == "camera, back · 4 threads · xnnpack"
    options.fold.click()
    assert options.source.isVisible()


def test_only_what_the_app_offers_can_be_chosen(options):
    options.show_offer(Offer())
    assert offered(options.source) == ["camera back", "pictures", "loop"]
    assert offered(options.threads) == [1, 2]
    assert offered(options.delegate)[:2] == ["cpu", "xnnpack"]


def test_without_an_app_the_choice_is_for_the_next_deploy(qtbot, options):
    with qtbot.assertNotEmitted(options.wished):
        take(options.threads, 8)
        take(options.delegate, "nnapi")
        take(options.source, "pictures")
    assert options.wish == RunWish("pictures", 8, "nnapi")
    assert options.fold.text() == "Next deploy"
    assert options.fold.said == "pictures · 8 threads · nnapi"


def test_with_an_app_the_change_is_asked_for_at_once(qtbot, options, state):
    options.show_offer(Offer())
    options.show_state(state)
    with qtbot.waitSignal(options.wished, timeout=1000) as told:
        take(options.source, "camera back")
    assert told.args == [{"source": "camera", "camera": "back"}]
    with qtbot.waitSignal(options.wished, timeout=1000) as told:
        take(options.threads, 1)
    assert told.args == [{"threads": 1}]


def test_a_refused_delegate_is_told_with_its_reason_even_folded(options, state):
    options.show_state(replace(state, delegate="nnapi", delegate_note="There is no driver."))
    assert options.trouble.isVisible()
    assert options.trouble.text() == "nnapi was refused. There is no driver."
    assert options.fold.said.endswith("xnnpack")
    options.show_state(state)
    assert not options.trouble.isVisible()


def test_threads_that_the_phone_does_not_have_are_told(options, state):
    options.show_state(replace(state, threads=2))
    assert options.fold.said == "camera, back · 2 threads (4 asked) · xnnpack"


def test_a_change_that_the_app_refuses_falls_back_to_what_stands(options, state):
    options.show_offer(Offer())
    options.show_state(replace(state, threads=2, threads_asked=2))
    take(options.threads, 1)
    options.show_refused("The app refused it.")
    assert options.trouble.text() == "The app refused it."
    assert options.threads.currentData() == 2


def test_nothing_can_be_changed_under_a_run(options):
    options.show_locked("Wait for the run to end")
    assert not options.delegate.isEnabled()
    options.show_locked("")
    assert options.delegate.isEnabled()


def test_a_delegate_whose_library_is_missing_comes_with_the_next_deploy(qtbot, options, state):
    options.show_offer(Offer())
    options.show_state(state)
    with qtbot.assertNotEmitted(options.wished):
        take(options.delegate, "gpu")
    assert options.wish.delegate == "gpu"
    assert "next deploy" in options.trouble.text()
    assert options.delegate.currentData() == "xnnpack"


def test_the_words_are_the_engines_own():
    from engine.models.preprocessing import FITS as ENGINE_FITS
    from gui.variant_card import FITS

    assert {fit for fit, _said in FITS.values()} == {"", *ENGINE_FITS}
