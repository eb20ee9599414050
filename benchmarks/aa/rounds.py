"""In which order comparisons are made: all lines in parallel, the designs of each close together."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from .lines import Line
from .outcome import Comparison

# What a comparison takes beside its time: its set-up, the start of its guard, its report.
BESIDE_S = 10.0


def planned(
    lines: Sequence[Line],
    designs: Sequence[str],
    conditions: Collection[bool],
    counts: Mapping[str, int],
    first_seed: int = 0,
) -> list[Comparison]:
    """All comparisons in their order.

    Wherever it ends, each line is about as far as the others, and each design as often measured: what the machine does
    meanwhile befalls all alike. Which design is first changes with each seed.

    Args:
        lines: to be measured.
        designs: each for every line.
        conditions: with a burner (True), without, or both; where the line asks for it.
        counts: by name of the line.
        first_seed: the others follow.
    """

    def in_order() -> Iterator[tuple[float, list[Comparison]]]:
        for line in lines:
            count = counts[line.name]
            for at in range(count):
                seed = first_seed + at
                turned = designs if seed % 2 == 0 else designs[::-1]
                for burner in line.conditions:
                    if burner in conditions:
                        yield (at + 0.5) / count, [Comparison(line.name, one, burner, seed) for one in turned]

    # Sorting keeps the order of the table where shares are equal.
    pairs = sorted(in_order(), key=lambda pair: pair[0])
    return [comparison for _, pair in pairs for comparison in pair]


def following(
    plan: Sequence[Comparison], done: Collection[Comparison], took_s: Mapping[Comparison, float], left_s: float
) -> Comparison | None:
    """The first that is still to be made and fits into the time that is left; None where none does.

    Args:
        plan: in order.
        done: those made.
        took_s: seconds that each takes at most.
        left_s: seconds.
    """
    return next((one for one in plan if one not in done and took_s[one] <= left_s), None)
