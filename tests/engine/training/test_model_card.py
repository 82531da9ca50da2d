import json
from dataclasses import replace

import pytest

from engine.training.model_card import ClassCard, ModelCard, PrecisionCard
from engine.training.reporting import write_card


@pytest.fixture
def card():
    def precision(name, right):
        return PrecisionCard(
            name, "ab" * 32, 1234567, right, 40, right / 40, (0.8, 0.99),
            (("🛣️ road", right - 20, 20), ("not|road", 20, 20)), "30 training pictures",
        )  # fmt: skip

    return ModelCard(
        variant="v1_0.50_128",
        weights="The frozen part has the weights of x.tflite",
        weights_sha256="cd" * 32,
        backbone_sha256="ef" * 32,
        classes=(ClassCard("🛣️ road", 140, 30, 20), ClassCard("not|road", 139, 31, 20)),
        left_out=3,
        near_copies=7,
        excluded=1,
        relabelled=2,
        corrected_in_test=1,
        views=10,
        real=279,
        augmented=2511,
        seed=5,
        settings={"epochs": 60, "views": 10},
        epochs=21,
        kept=9,
        tuned_blocks=0,
        second_stage="There was no second stage.",
        validation_accuracy=0.975,
        preprocessing="crop to 128 x 128, bilinear",
        precisions=(precision("float32", 39), precision("int8", 38)),
        notices=("Something happened.",),
        versions={"numpy": "2.4.6"},
    )


def test_the_page_says_how_right_each_precision_is_and_how_sure_that_is(card):
    page = card.to_markdown()
    assert "| float32 (30 training pictures) | 39 | 40 | 97.5 % | 80.0 to 99.0 % |" in page
    assert "| int8 (30 training pictures) | 38 | 40 | 95.0 % |" in page


def test_the_page_says_what_was_learned_from(card):
    page = card.to_markdown()
    assert "279 real pictures and 2511 augmented views" in page
    assert "| 🛣️ road | 140 | 30 | 20 |" in page
    assert "1 pictures were left out and 2 given another class; 1 of them are test" in page
    assert "seed 5" in page
    assert "**Something happened.**" in page


def test_the_page_says_what_was_not_tested(card):
    assert "## Not tested" in card.to_markdown()
    assert "other places, cameras and lights" in card.to_markdown()


def test_corrections_are_not_mentioned_where_there_were_none(card):
    page = replace(card, excluded=0, relabelled=0).to_markdown()
    assert "By hand" not in page


def test_a_name_is_never_taken_for_markup(card):
    page = card.to_markdown()
    assert "not\\|road" in page
    named = replace(card, classes=(ClassCard("<b>`x`</b>", 1, 1, 1),)).to_markdown()
    assert "<b>" not in named


def test_the_json_holds_all_of_it(card, tmp_path):
    path = write_card(card, tmp_path / "model")
    assert path.name == "model.card.md"
    said = json.loads((tmp_path / "model.card.json").read_bytes())
    assert said["title"] == "🛣️ road / not|road"
    assert said["precisions"][1]["right"] == 38
    assert said["precisions"][1]["interval"] == [0.8, 0.99]
    assert said["seed"] == 5
    assert said["not_tested"]


def test_the_same_card_is_the_same_file(card):
    assert card.to_json() == replace(card).to_json()
