"""Divide pictures into training, validation and test, near-copies always together."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.errors import LabError
from engine.training.dataset import Dataset, Picture

SHARES: Final = (0.7, 0.15, 0.15)
"""Of training, validation and test, as is usual for a few thousand pictures."""
NEAR: Final = 6
"""Bits of 64 in which near-copies may differ: the same scene, cropped or compressed anew."""

_BANDS: Final = NEAR + 1
_LEAST_GROUPS: Final = 3


@dataclass(frozen=True, slots=True)
class Split:
    """Which picture serves what; indices into ``Dataset.pictures``, in order.

    Attributes:
        train: What is learned from.
        validation: What decides when to stop.
        test: Touched once, at the end.
        near_copies: How many pictures have a near-copy; each is on the side of its copy.
        seed: Of chance.
    """

    train: tuple[int, ...]
    validation: tuple[int, ...]
    test: tuple[int, ...]
    near_copies: int
    seed: int


def split(dataset: Dataset, *, seed: int = 0, shares: Sequence[float] = SHARES) -> Split:
    """Divide the pictures: each class by the same shares, the same for the same seed.

    Near-copies (burst frames, the same picture in two sizes) stay on one side: otherwise the
    test would ask for what was learned by heart.

    Args:
        dataset: The pictures.
        seed: Of chance.
        shares: Of training, validation and test; they sum to 1.

    Raises:
        LabError: If a class has fewer than three different pictures.
    """
    groups = group_near_copies(dataset.pictures)
    sides: tuple[list[int], list[int], list[int]] = ([], [], [])
    chance = np.random.default_rng(seed)
    for label, name in enumerate(dataset.classes):
        own = [group for group in groups if _label(dataset, group) == label]
        if len(own) < _LEAST_GROUPS:
            raise LabError(
                f"The pictures of {name} are nearly all the same.",
                "Take pictures of different places, or at different times.",
            )
        _deal([own[at] for at in chance.permutation(len(own))], shares, sides)
    train, validation, test = (tuple(sorted(side)) for side in sides)
    copies = sum(len(group) for group in groups if len(group) > 1)
    return Split(train, validation, test, copies, seed)


def group_near_copies(pictures: Sequence[Picture]) -> list[list[int]]:
    """Return groups of indices whose pictures look alike, directly or by way of others.

    Every index is in just one group, lowest first; groups by their first index.
    """
    looks = np.array([each.look for each in pictures], np.uint64)
    parents = list(range(len(pictures)))

    def root(index: int) -> int:
        while parents[index] != index:
            parents[index] = parents[parents[index]]
            index = parents[index]
        return index

    for first, second in _near_pairs(looks):
        low, high = sorted((root(first), root(second)))
        parents[high] = low
    groups: dict[int, list[int]] = {}
    for index in range(len(pictures)):
        groups.setdefault(root(index), []).append(index)
    return list(groups.values())


def _near_pairs(looks: NDArray[np.uint64]) -> Iterator[tuple[int, int]]:
    """Yield pairs that differ in at most ``NEAR`` bits.

    Two such looks are equal in at least one of ``NEAR + 1`` bands of bits: only those that
    share a band are compared.
    """
    edges = np.linspace(0, 64, _BANDS + 1).astype(int)
    for low, high in pairwise(edges):
        band = (looks >> np.uint64(low)) & np.uint64((1 << (high - low)) - 1)
        order = np.argsort(band, kind="stable")
        starts = np.flatnonzero(np.diff(band[order], prepend=band[order[:1]] + np.uint64(1)))
        for start, end in pairwise([*starts, len(order)]):
            members = order[start:end]
            for at, first in enumerate(members[:-1]):
                rest = members[at + 1 :]
                near = np.bitwise_count(looks[rest] ^ looks[first]) <= NEAR
                for second in rest[near]:
                    yield int(first), int(second)


def _label(dataset: Dataset, group: Sequence[int]) -> int:
    """Return the class that most of a group has, the lower one among equals."""
    counted = Counter(dataset.pictures[index].label for index in group)
    return min(counted, key=lambda label: (-counted[label], label))


def _deal(groups: Sequence[list[int]], shares: Sequence[float], sides: Sequence[list[int]]) -> None:
    """Give each group to the side that lacks most of its share; each side gets at least one."""
    total = sum(len(group) for group in groups)
    given = [0] * len(shares)
    for at, group in enumerate(sorted(groups, key=len, reverse=True)):
        lacking = [share * total - have for share, have in zip(shares, given, strict=True)]
        left = len(groups) - at
        empty = [side for side, have in enumerate(given) if not have]
        choices = empty if len(empty) >= left else range(len(shares))
        side = max(choices, key=lambda index: lacking[index])
        sides[side].extend(group)
        given[side] += len(group)
