"""Corrections: what counts, what waits for a training, and that each step can be undone."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.training.corrections import Corrections, Marks

A, B, C = (Path(name) for name in "abc")


@pytest.fixture
def corrections() -> Corrections:
    return Corrections()


def test_a_picture_that_is_left_out_has_no_other_class(corrections):
    corrections.relabel([A, B], "road")
    corrections.exclude([A])
    assert corrections.marks == Marks(frozenset({A}), ((B, "road"),))
    assert corrections.said(A) == ""
    assert corrections.said(B) == "road"
    assert corrections.said(C) is None


def test_a_picture_that_gets_a_class_counts_again(corrections):
    corrections.exclude([A])
    corrections.relabel([A], "road")
    assert corrections.marks == Marks(frozenset(), ((A, "road"),))


def test_undo_names_what_it_takes_back(corrections):
    corrections.relabel([A, B], "road")
    corrections.exclude([C])
    assert corrections.undoes == "1 picture left out"
    corrections.undo()
    assert corrections.undoes == "2 pictures to road"
    corrections.redo()
    assert corrections.said(C) == ""


def test_only_what_differs_from_the_last_training_waits(corrections):
    corrections.exclude([A])
    corrections.show_trained(corrections.marks)
    assert corrections.waiting == 0
    corrections.undo()
    assert corrections.waiting == 1


STEPS = st.lists(
    st.tuples(st.sampled_from(["road", "meadow", ""]), st.sets(st.sampled_from([A, B, C]))),
    max_size=12,
)


@given(STEPS)
def test_undoing_all_leads_back_to_the_beginning(steps):
    corrections = Corrections()
    seen = [corrections.marks]
    for name, paths in steps:
        if name:
            corrections.relabel(paths, name)
        else:
            corrections.exclude(paths)
        if corrections.marks != seen[-1]:
            seen.append(corrections.marks)
    for marks in reversed(seen):
        assert corrections.marks == marks
        corrections.undo()
    assert corrections.undoes == ""
