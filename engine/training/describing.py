"""Writes down in a card how a retrained model came about."""

import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from engine.about import lab_version
from engine.accuracy.evaluation import Answer, Evaluation
from engine.models.inspector import inspect_model
from engine.training.corrections import Corrected
from engine.training.head import HeadOptions, TrainedHead
from engine.training.model_card import ClassCard, ModelCard, PrecisionCard


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
        settings=asdict(made.options) | {"views": made.views},
        epochs=trained.epochs[-1].number,
        kept=trained.kept,
        validation_accuracy=sum(validated) / len(validated),
        preprocessing=next(iter(evaluations.values())).preprocessing if evaluations else "",
        precisions=tuple(_precision(made, name, each) for name, each in evaluations.items()),
        notices=_notices(made, trained),
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


def _version(*names: str) -> str:
    from importlib.metadata import PackageNotFoundError

    for name in names:
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return "not installed"
