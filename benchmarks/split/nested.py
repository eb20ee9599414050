"""Where scatter comes from: between groups, within them, and what goes with something that was seen beside it.

The model is nested, with effects at random: value = mean + group + residual. Its variances are estimated by the method
of moments, from the sums of squares of an analysis of variance (Searle, Casella and McCulloch, Variance Components,
1992, chapter 3), which needs no distribution and takes groups of unequal sizes. Estimates have no bias, and so may fall
below 0 where the truth is near it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


class Components(NamedTuple):
    """Variances of single values: that of what a group has in common, and that of what each value adds."""

    between: float
    within: float

    def of_mean(self, sizes: Sequence[int]) -> float:
        """The variance of the mean of a group, on average over groups of these sizes."""
        return self.between + self.within * float(np.mean(1 / np.asarray(sizes, dtype=np.float64)))


def components(groups: Sequence[Array], slopes: int = 0) -> Components | None:
    """The variances between and within groups.

    Args:
        groups: the values of each, at least one.
        slopes: how many were fitted to the values within groups and taken out.

    Returns:
        None for fewer than two groups, or where too few have two values.
    """
    sizes = np.array([len(group) for group in groups], dtype=np.float64)
    count, total = len(groups), float(sizes.sum())
    free = total - count - slopes
    if count < 2 or free <= 0:
        return None
    means = np.array([group.mean() for group in groups])
    grand = float(sizes @ means) / total
    within = sum(float(((group - mean) ** 2).sum()) for group, mean in zip(groups, means, strict=True)) / free
    between = float(sizes @ (means - grand) ** 2) / (count - 1)
    # With equal sizes it is the size.
    size = (total - float(sizes @ sizes) / total) / (count - 1)
    return Components((between - within) / size, within)


class Linked(NamedTuple):
    """Components of values, and of what is left of them without what goes with other things that were seen.

    Attributes:
        whole: of the values.
        rest: without the part that goes with the others.
        slopes: by how much a value changes with each of the others.
    """

    whole: Components
    rest: Components
    slopes: tuple[float, ...]


def linked(groups: Sequence[Array], others: Sequence[Array]) -> Linked | None:
    """Take out of values what goes with others: by the slopes within groups, so that what a group is does not count.

    Args:
        groups: as in `components`.
        others: for each group an array of a row for each value and a column for each of the others.

    Returns:
        None where there are no components, or too few values for the slopes.
    """
    whole = components(groups)
    values = np.concatenate([group - group.mean() for group in groups])
    columns = np.concatenate([other - other.mean(axis=0) for other in others])
    slopes, _, rank, _ = np.linalg.lstsq(columns, values, rcond=None)
    left = [group - other @ slopes for group, other in zip(groups, others, strict=True)]
    rest = components(left, int(rank))
    return Linked(whole, rest, tuple(slopes.tolist())) if whole and rest else None


def jackknife(without: Sequence[Sequence[float]]) -> tuple[float, ...]:
    """Standard errors of figures, from what they are without each of the groups (Tukey, Ann. Math. Statist. 29, 1958).

    Args:
        without: the figures without the first group, without the second, and so on.
    """
    left = np.asarray(without, dtype=np.float64)
    groups = len(left)
    return tuple(np.sqrt((groups - 1) / groups * ((left - left.mean(axis=0)) ** 2).sum(axis=0)).tolist())
