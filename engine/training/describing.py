"""Writes down in a card how a retrained model came about."""

import platform
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from engine.about import lab_version
from engine.accuracy.evaluation import Answer, Evaluation
from engine.models.inspector import inspect_model
from engine.training.corrections import Corrected
from engine.training.head import HeadOptions, TrainedHead
from engine.training.model_card import (
    NO_SECOND_STAGE,
    ClassCard,
    ModelCard,
    PrecisionCard,
)
from engine.training.second_stage import SecondStage


@dataclass(frozen=True, slots=True)
class Made:
    """What a retraining was given and gave.

    Attributes:
        variant: ``v1_0.50_128``.
        weights: The file that the backbone's weights are from; None for random ones.
        backbone_sha256: Of the frozen part.
        options: Of the head.
        views: Of each picture that was learned from.
        calibration: How many pictures int8 ranges were measured on.
        models: The file of each precision.
    """

    variant: str
    weights: Path | None
    backbone_sha256: str
    options: HeadOptions
    views: int
    calibration: int
    models: Mapping[str, Path]


def describe(
    made: Made,
    corrected: Corrected,
    trained: TrainedHead,
    second: SecondStage | None,
    evaluations: Mapping[str, Evaluation],
    answers: Mapping[int, Answer],
) -> ModelCard:
    """Return the card; the same for the same pictures, settings and seed."""
    split, dataset = corrected.split, corrected.dataset
    validated = [answers[at].right for at in split.validation]
    return ModelCard(
        variant=made.variant,
        weights=_weights_said(made.weights),
        weights_sha256=inspect_model(made.weights).sha256 if made.weights else "",
        backbone_sha256=made.backbone_sha256,
        classes=_classes(corrected),
        left_out=len(dataset.problems),
        near_copies=split.near_copies,
        excluded=corrected.excluded,
        relabelled=corrected.relabelled,
        corrected_in_test=corrected.in_test,
        views=made.views,
        real=len(split.train),
        augmented=len(split.train) * (made.views - 1),
        seed=split.seed,
        settings=_settings(made, second),
        epochs=trained.epochs[-1].number,
        kept=trained.kept,
        tuned_blocks=second.options.blocks if second is not None and second.layers else 0,
        second_stage=second.said if second is not None else NO_SECOND_STAGE,
        validation_accuracy=sum(validated) / len(validated),
        preprocessing=next(iter(evaluations.values())).preprocessing if evaluations else "",
        precisions=tuple(_precision(made, name, each) for name, each in evaluations.items()),
        notices=(*_notices(made, trained), *_collapses(evaluations)),
        versions={
            "mobilenet-lab": lab_version(),
            "tensorflow": _version("tensorflow-cpu", "tensorflow"),
            "ai-edge-litert": _version("ai-edge-litert"),
            "numpy": _version("numpy"),
            "python": platform.python_version(),
        },
    )


def _weights_said(weights: Path | None) -> str:
    if weights is None:
        return "The frozen part has random weights"
    return f"The frozen part has the weights of {weights.name}"


def _classes(corrected: Corrected) -> tuple[ClassCard, ...]:
    split, pictures = corrected.split, corrected.dataset.pictures
    sides = (split.train, split.validation, split.test)
    return tuple(
        ClassCard(name, *(sum(pictures[at].label == label for at in side) for side in sides))
        for label, name in enumerate(corrected.dataset.classes)
    )


def _precision(made: Made, name: str, evaluation: Evaluation) -> PrecisionCard:
    label = evaluation.pictures.label
    return PrecisionCard(
        precision=name,
        sha256=evaluation.model_sha256,
        size_bytes=made.models[name].stat().st_size,
        right=evaluation.top1.hits,
        n=evaluation.n,
        accuracy=evaluation.top1.value,
        interval=evaluation.top1.interval,
        per_class=tuple(
            (label(index), share.hits, share.n) for index, share in evaluation.per_class().items()
        ),
        calibration=f"{made.calibration} training pictures" if name == "int8" else "",
    )


def _notices(made: Made, trained: TrainedHead) -> tuple[str, ...]:
    said = []
    if made.weights is None:
        said.append("Only the head was trained; behind it is a network with random weights.")
    if trained.notice:
        said.append(trained.notice)
    return tuple(said)


def _collapses(evaluations: Mapping[str, Evaluation]) -> Iterator[str]:
    """Say of which models nothing can be expected: they have one answer for everything."""
    fell = [name for name, each in evaluations.items() if each.one_answer is not None]
    if fell:
        each = evaluations[fell[0]]
        label = each.pictures.label(each.one_answer or 0)
        yield (
            f"As {', '.join(fell)} it takes every test picture for {label}: it tells nothing "
            "apart. Look whether the folders hold what their names say, add pictures, or choose "
            "other weights."
        )


def _settings(made: Made, second: SecondStage | None) -> dict[str, float | int | bool]:
    settings = asdict(made.options) | {"views": made.views}
    if second is not None:
        tuned = asdict(second.options) | {"views": second.views}
        settings |= {f"second_stage_{name}": value for name, value in tuned.items()}
    return settings


def _version(*names: str) -> str:
    from importlib.metadata import PackageNotFoundError

    for name in names:
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return "not installed"
