"""Where in its request each connection of a closed load stands, so that the window cuts all of them at other places."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from random import Random


def spread(times_ns: Sequence[int], count: int, seed: str) -> list[int]:
    """How long each of several connections is to wait before it sends again, so that their requests keep no step.

    A moment that knows nothing of the requests falls into one in proportion to its length, and anywhere in it; what is
    left of that one is the wait (the equilibrium renewal process: Cox, Renewal Theory, 1962, 2.2). From here on the
    connections send as if they had done so for ever. Both draws are evenly spaced with random offsets, so that even a
    few connections share out the whole of a request.

    Args:
        times_ns: how long requests took, at least one unless nothing is to be waited for.
        count: how many connections there are.
        seed: of the draws.

    Returns:
        A wait for each connection, nanoseconds, less than the longest of the times.
    """
    if not times_ns:
        return [0] * count
    random = Random(seed)
    ends = list(accumulate(times_ns))
    at, taken = 0, []
    for place in range(count):
        point = (place + random.random()) / count * ends[-1]
        while ends[at] <= point and at < len(ends) - 1:
            at += 1
        taken.append(times_ns[at])
    random.shuffle(taken)
    places = list(range(count))
    random.shuffle(places)
    return [int((place + random.random()) / count * time) for place, time in zip(places, taken, strict=True)]
