"""The optional second stage: the last blocks learn too, and stay only if validation says so.

The first stage leaves a head on a frozen backbone. Here the last blocks and the head go on from
there with a small learning rate, and both networks are then asked about the same validation
pictures. The new one is used only if those pictures say, beyond chance, that it is better;
otherwise the first stage's head is what is built, as if nothing had been tried.
"""

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.errors import LabError
from engine.jobs import CancelToken, Progress, Report
from engine.models.inspector import inspect_model
from engine.models.tune_order import map_side
from engine.models.tuned import Maps, TunedBlocks, TuneOptions, unwritable
from engine.models.weights import Layer
from engine.training.corrections import Corrected
from engine.training.features import look_at
from engine.training.head import BLOCKS, Epoch, Head, OnEpoch, class_weights_of
from engine.training.networks import Networks
from engine.training.views import PLAIN

STEP: Final = "tune"

MOST_ROWS: Final = 12_000
"""Views that are learned from: a pass over them takes seconds, not minutes."""
MOST_BYTES: Final = 2 << 30
"""Of the maps on the disk."""
CHANCE: Final = 0.025
"""How likely such an improvement may be where there is none: that of one end of a 95 % interval, as
everywhere in the lab."""
_FLIPS: Final = 20_000
_LEAST: Final = 1e-12
MAPS_SHARE: Final = 0.25
"""Of the step's progress until the first pass."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What validation says of the second stage.

    Attributes:
        kept: Whether its weights are used.
        why: Why, in a sentence that goes on after "kept, because" or "not kept, because".
        short: The same in a few words.
        loss_before: Mean cross entropy over the validation pictures, as weighted in training.
        loss_after: The same with the new weights.
        right_before: Validation pictures, as they are, told right.
        right_after: The same with the new weights.
        n: Validation pictures.
        chance: How likely so much less loss is by chance, 0..1.
    """

    kept: bool
    why: str
    short: str
    loss_before: float
    loss_after: float
    right_before: int
    right_after: int
    n: int
    chance: float


@dataclass(frozen=True, slots=True)
class SecondStage:
    """What came of the second stage.

    Attributes:
        options: How it was trained.
        views: Of each picture.
        epochs: All passes, the first is where it began.
        used: The pass that was judged; 0 where none was better than the first.
        verdict: Whether it is used, and why.
        layers: Of the blocks, in the order they run; none if it is not used.
        head: To go with them, else the first stage's.
        scores: Of pictures for training and validation as they are, if it is used: index into
            the dataset's pictures -> shape (classes,).
    """

    options: TuneOptions
    views: int
    epochs: tuple[Epoch, ...]
    used: int
    verdict: Verdict
    layers: tuple[Layer, ...]
    head: Head
    scores: dict[int, NDArray[np.float32]]

    @property
    def said(self) -> str:
        """Say how it ended, in a sentence."""
        kept = "kept" if self.verdict.kept else "not kept"
        blocks = "block" if self.options.blocks == 1 else f"{self.options.blocks} blocks"
        return f"Second stage (the last {blocks} and the head): {kept}, because {self.verdict.why}"


def tune(  # noqa: PLR0913 - what is trained is many things
    networks: Networks,
    variant: str,
    weights: Path | None,
    corrected: Corrected,
    head: Head,
    options: TuneOptions,
    *,
    most_views: int,
    class_weights: bool,
    seed: int,
    report: Report,
    on_epoch: OnEpoch,
    cancel: CancelToken,
) -> SecondStage:
    """Train the last blocks further and ask validation.

    Args:
        networks: Does it.
        variant: ``v1_0.50_128``.
        weights: The file that the backbone's weights are from; None for random ones.
        corrected: The pictures and their split.
        head: What the first stage learned.
        options: How.
        most_views: Of each picture, itself included.
        class_weights: Whether rare classes count as much as common ones.
        seed: The same seed gives the same weights on the same computer.
        report: Told of progress under the step ``tune``.
        on_epoch: Told of each pass, on this thread.
        cancel: Obeyed at once; the head is still what it was.

    Raises:
        LabError: If it cannot be done, for instance for lack of disk; the head is untouched.
        Cancelled: If it was cancelled.
    """
    epochs: list[Epoch] = []
    collapsed: list[int] = []

    def passed(said: dict[str, Any]) -> None:
        if said.pop("one_answer") and said["number"]:
            collapsed.append(said["number"])
        epochs.append(Epoch(**said, stage=BLOCKS))
        on_epoch(epochs[-1])

    with tempfile.TemporaryDirectory(prefix="mobilenet-lab-") as folder:
        model = networks.maps(variant, weights, options.blocks, report=report, cancel=cancel)
        sides = (corrected.split.train, corrected.split.validation)
        views = _views(model, [len(side) for side in sides], most_views)
        maps = _write_maps(
            model,
            options.blocks,
            corrected,
            views,
            Path(folder),
            class_weights=class_weights,
            report=report,
            cancel=cancel,
        )
        tuned = networks.tuned(
            variant,
            weights,
            head,
            maps,
            options,
            seed=seed,
            report=report,
            on_epoch=passed,
            cancel=cancel,
        )
    verdict = judge(maps, tuned, views, collapsed)
    if not verdict.kept:
        return SecondStage(options, views, tuple(epochs), tuned.kept, verdict, (), head, {})
    plain = tuned.after[PLAIN::views]
    scores = dict(zip([*sides[0], *sides[1]], plain, strict=True))
    return SecondStage(
        options, views, tuple(epochs), tuned.kept, verdict, tuned.layers,
        Head(tuned.kernel, tuned.bias), scores,
    )  # fmt: skip


def judge(maps: Maps, tuned: TunedBlocks, views: int, collapsed: Sequence[int] = ()) -> Verdict:
    """Say whether the tuned network is to be used.

    The rule: on the validation pictures the mean loss falls, by more than chance gives one time
    in forty (paired, each picture with its views is one; signs are flipped at random), and not
    fewer of them are told right. One answer for everything never counts as better.

    Args:
        maps: With views of each picture in a row, itself first.
        tuned: With the scores before and after.
        views: Of each picture.
        collapsed: Passes after which every validation picture got the same answer.
    """
    labels = maps.labels[maps.validation][::views]
    weights = maps.class_weights[labels]
    before, after = (
        _losses(scores[maps.validation], maps.labels[maps.validation], views)
        for scores in (tuned.before, tuned.after)
    )
    right = [
        int((scores[maps.validation][::views].argmax(axis=1) == labels).sum())
        for scores in (tuned.before, tuned.after)
    ]
    was, now = (float((each * weights).sum() / weights.sum()) for each in (before, after))
    chance = _chance((before - after) * weights) if tuned.kept else 1.0
    kept, why, short = _rule(tuned, (was, now), right, chance, collapsed)
    return Verdict(kept, why, short, was, now, right[0], right[1], len(labels), chance)


def _rule(
    tuned: TunedBlocks,
    losses: Sequence[float],
    right: Sequence[int],
    chance: float,
    collapsed: Sequence[int],
) -> tuple[bool, str, str]:
    fell = f"validation loss went from {losses[0]:.3f} to {losses[1]:.3f}"
    told = f"{right[0]} to {right[1]} validation pictures told right"
    if not tuned.kept:
        if collapsed:
            undone = f"{len(collapsed)} passes gave every picture the same answer: undone."
            return False, undone, "it fell to one answer"
        return False, "no pass was better on validation than the head alone.", "it is no better"
    if right[1] < right[0]:
        fewer = f"fewer validation pictures are told right ({right[0]} before, {right[1]})."
        return False, fewer, "fewer told right"
    if chance > CHANCE:
        perhaps = f"{fell}, which may be chance (p = {chance:.2g}; {told})."
        return False, perhaps, "what it gains may be chance"
    return True, f"{fell} (p = {chance:.2g}; {told}).", "it is better"


def _losses(
    scores: NDArray[np.float32], labels: NDArray[np.intp], views: int
) -> NDArray[np.float64]:
    """Return the mean cross entropy of each picture over its views."""
    own = scores[np.arange(len(labels)), labels].astype(np.float64)
    losses: NDArray[np.float64] = -np.log(np.maximum(own, _LEAST))
    means: NDArray[np.float64] = losses.reshape(-1, views).mean(axis=1)
    return means


def _chance(gains: NDArray[np.float64]) -> float:
    """Return how often random signs give at least this mean gain."""
    generator = np.random.default_rng(0)
    most = 0
    for first in range(0, _FLIPS, 1000):
        signs = generator.integers(0, 2, (min(1000, _FLIPS - first), len(gains))) * 2 - 1
        most += int((signs @ gains >= gains.sum() - 1e-12).sum())
    return (most + 1) / (_FLIPS + 1)


def _views(model: Path, pictures: Sequence[int], most: int) -> int:
    """Return how many views of each picture are learned from: as many as time and disk allow."""
    each = 2 * inspect_model(model).outputs[0].shape[-1]
    by_time = MOST_ROWS // max(1, pictures[0])
    by_disk = MOST_BYTES // max(1, each * sum(pictures))
    return max(1, min(most, by_time, by_disk))


def _write_maps(  # noqa: PLR0913 - what they are made of is many things
    model: Path,
    blocks: int,
    corrected: Corrected,
    views: int,
    folder: Path,
    *,
    class_weights: bool,
    report: Report,
    cancel: CancelToken,
) -> Maps:
    facts = inspect_model(model)
    side, length = facts.inputs[0].shape[1], facts.outputs[0].shape[-1]
    split, pictures = corrected.split, corrected.dataset.pictures
    indices = [*split.train, *split.validation]
    labels = np.repeat([pictures[at].label for at in indices], views)
    learned = len(split.train) * views
    path = folder / "maps.npy"
    _check_room(folder, 2 * length * len(labels))
    edge = map_side(blocks, side)
    shape = (len(labels), edge, edge, length // (edge * edge))
    work = [(pictures[at], range(views)) for at in indices]
    row = 0
    try:
        with path.open("wb") as file:
            head = {"descr": "<f2", "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(file, head)
            for seen in look_at(model, side, work, cancel):
                file.writelines(vector.astype("<f2").tobytes() for _, vector in seen)
                row += len(seen)
                share = row / len(labels)
                report(Progress(STEP, MAPS_SHARE * share, f"looking, {row} of {len(labels)} views"))
    except OSError as error:
        raise unwritable(error) from error
    return Maps(
        path,
        labels,
        np.arange(learned),
        np.arange(learned, len(labels)),
        class_weights_of(labels[:learned], len(corrected.dataset.classes), even=class_weights),
    )


def _check_room(folder: Path, needed: int) -> None:
    """Refuse at once what the disk has no room for, before minutes are spent."""
    free = shutil.disk_usage(folder).free
    if free < needed + (64 << 20):
        raise LabError(
            f"The second stage needs {needed / 1e6:,.0f} MB of room for what it learns from; "
            f"{free / 1e6:,.0f} MB are free.",
            "Free some space on the disk of temporary files, or train without a second stage.",
        )
