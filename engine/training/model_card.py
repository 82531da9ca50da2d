"""What a retrained model is made of and how right it is, for whoever gets the file."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from html import escape
from itertools import pairwise
from typing import Any, Final

SUFFIX: Final = ".card"
"""Between a model's name and ``.json`` or ``.md``."""

NO_SECOND_STAGE: Final = "There was no second stage."

NOT_TESTED: Final = (
    (
        "Pictures of other places, cameras and lights than this folder's: real figures there are "
        "usually lower. Night, rain and grey pictures were imitated in training, not tested."
    ),
    "Pictures of none of the classes: the model names one all the same.",
    "Latency and heat on a phone: measure them there.",
)


@dataclass(frozen=True, slots=True)
class ClassCard:
    """One class.

    Attributes:
        name: Of its folder.
        train: Pictures that were learned from.
        validation: Pictures that decided when to stop.
        test: Pictures that were tested with, once.
    """

    name: str
    train: int
    validation: int
    test: int


@dataclass(frozen=True, slots=True)
class PrecisionCard:
    """One file.

    Attributes:
        precision: ``float32``, ``float16`` or ``int8``.
        sha256: Of the file.
        size_bytes: Of the file.
        right: Test pictures told right.
        n: Test pictures.
        accuracy: Fraction 0..1.
        interval: Wilson's 95 % interval.
        per_class: Name, right and n of each class.
        calibration: What int8 ranges were measured on; else empty.
    """

    precision: str
    sha256: str
    size_bytes: int
    right: int
    n: int
    accuracy: float
    interval: tuple[float, float]
    per_class: tuple[tuple[str, int, int], ...]
    calibration: str = ""


@dataclass(frozen=True, slots=True)
class ModelCard:
    """A retrained model's card: the same for the same pictures, settings and seed.

    Attributes:
        variant: ``v1_0.50_128``.
        weights: Where the backbone's weights are from, in words.
        weights_sha256: Of that file; empty for random weights.
        backbone_sha256: Of the frozen part as it was run.
        classes: In the order of the output.
        left_out: Files of the folder that could not be used.
        near_copies: Pictures with a near-copy, each on the side of its copy.
        excluded: Pictures left out by hand.
        relabelled: Pictures given another class by hand.
        corrected_in_test: How many of both are test pictures.
        views: Of each picture that was learned from, itself and its mirror image included.
        real: Pictures learned from as they are.
        augmented: Views of them learned from besides.
        seed: Of the split.
        settings: Of the training.
        epochs: Passes that were made.
        kept: The pass whose head the first stage ends with.
        tuned_blocks: How many of the last blocks are the second stage's; 0 for none.
        second_stage: How that ended, in a sentence.
        validation_accuracy: On validation pictures as they are, fraction 0..1.
        preprocessing: How a picture becomes the input.
        precisions: One entry per file.
        notices: What happened in training that a reader must know.
        versions: Of what made the files.
        not_tested: What nothing is known of.
    """

    variant: str
    weights: str
    weights_sha256: str
    backbone_sha256: str
    classes: tuple[ClassCard, ...]
    left_out: int
    near_copies: int
    excluded: int
    relabelled: int
    corrected_in_test: int
    views: int
    real: int
    augmented: int
    seed: int
    settings: dict[str, float | int | bool]
    epochs: int
    kept: int
    tuned_blocks: int
    second_stage: str
    validation_accuracy: float
    preprocessing: str
    precisions: tuple[PrecisionCard, ...]
    notices: tuple[str, ...]
    versions: dict[str, str]
    not_tested: tuple[str, ...] = NOT_TESTED

    @property
    def title(self) -> str:
        """Return the classes by name, for instance ``not_road / road``."""
        return " / ".join(each.name for each in self.classes)

    def as_json(self) -> dict[str, Any]:
        """Return the card as JSON values."""
        return {"title": self.title, **asdict(self)}

    def to_json(self) -> bytes:
        """Return the card as UTF-8 JSON."""
        return (json.dumps(self.as_json(), ensure_ascii=False, indent=2) + "\n").encode(
            "utf-8", "replace"
        )

    def to_markdown(self) -> str:
        """Return the card as a page to read."""
        parts = [
            f"# {_cell(self.title)}",
            f"MobileNet {self.variant}, retrained on {self._pictures()} pictures. {self.weights}.",
            *self._accuracy(),
            "## Not tested",
            *(f"- {each}" for each in self.not_tested),
            "## Pictures",
            _table(
                ("class", "training", "validation", "test"),
                [(c.name, str(c.train), str(c.validation), str(c.test)) for c in self.classes],
            ),
            self._corrections(),
            *self._training(),
            "## Files",
            *(f"- {each.precision}: sha256 `{each.sha256}`" for each in self.precisions),
            f"- weights: sha256 `{self.weights_sha256 or 'none'}`",
            f"- backbone: sha256 `{self.backbone_sha256}`",
            f"Made with {_listed(self.versions)}.",
        ]
        return _joined(parts)

    def _accuracy(self) -> list[str]:
        how = "Measured once, on pictures that nothing was learned from; Wilson's intervals, 95 %."
        table = _table(
            ("precision", "right", "of", "accuracy", "interval", "bytes"),
            [self._accuracy_row(each) for each in self.precisions],
        )
        prepared = f"A picture becomes the input by {self.preprocessing}."
        return ["## Accuracy", how, table, *self._class_tables(), prepared]

    def _training(self) -> list[str]:
        how = (
            f"The head was trained on a frozen backbone, with {self.real} real pictures and "
            f"{self.augmented} augmented views of them (mirrored, cropped, turned, darker, in "
            f"rain, grey); {self.epochs} passes, of which the one after pass {self.kept} is used."
        )
        second = (
            f"{self.second_stage} The files hold what comes of both stages: "
            f"{100 * self.validation_accuracy:.1f} % on validation."
        )
        if not self.tuned_blocks:
            second = (
                f"{self.second_stage} The backbone is as it was: "
                f"{100 * self.validation_accuracy:.1f} % on validation."
            )
        settings = f"Settings: {_listed(self.settings)}, seed {self.seed}."
        return ["## Training", how, second, *(f"**{each}**" for each in self.notices), settings]

    def _pictures(self) -> int:
        return sum(each.train + each.validation + each.test for each in self.classes)

    def _accuracy_row(self, each: PrecisionCard) -> tuple[str, ...]:
        low, high = each.interval
        return (
            each.precision + (f" ({each.calibration})" if each.calibration else ""),
            str(each.right),
            str(each.n),
            f"{100 * each.accuracy:.1f} %",
            f"{100 * low:.1f} to {100 * high:.1f} %",
            f"{each.size_bytes:,}",
        )

    def _class_tables(self) -> list[str]:
        if not self.precisions:
            return []
        rows = []
        for at, (name, _, n) in enumerate(self.precisions[0].per_class):
            right = (str(each.per_class[at][1]) for each in self.precisions)
            rows.append((name, str(n), *right))
        head = ("class", "test pictures", *(f"right, {p.precision}" for p in self.precisions))
        return [_table(head, rows)]

    def _corrections(self) -> str:
        said = [
            f"{self.left_out} files could not be used.",
            f"{self.near_copies} pictures have a near-copy; each is on the side of its copy.",
        ]
        if self.excluded or self.relabelled:
            said.append(
                f"By hand {self.excluded} pictures were left out and {self.relabelled} given "
                f"another class; {self.corrected_in_test} of them are test pictures."
            )
        return " ".join(said)


def _listed(values: Mapping[str, object]) -> str:
    return ", ".join(f"{key} {value}" for key, value in values.items())


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, ("---", *("---:" for _ in head[1:])), *rows]
    return "\n".join(
        "| " + " | ".join(cell if at == 1 else _cell(cell) for cell in line) + " |"
        for at, line in enumerate(lines)
    )


def _cell(text: str) -> str:
    """Return text that stays text in Markdown, whatever a folder is called."""
    return escape(text, quote=False).replace("|", "\\|").replace("`", "'")


def _joined(parts: list[str]) -> str:
    """Join paragraphs, list items without a blank line between them."""
    page = parts[0]
    for before, part in pairwise(parts):
        both = part.startswith("- ") and before.startswith("- ")
        page += ("\n" if both else "\n\n") + part
    return page + "\n"
