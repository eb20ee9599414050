"""The whole schedule of a load, which the engine makes portion by portion."""

from __future__ import annotations

import numpy as np

from webdyno.loadgen.arrivals import Moments, arrivals_ns
from webdyno.model.load import OpenLoad


def whole_schedule(
    load: OpenLoad, span_s: float, seed: int, *, opens_s: float = 0.0, share: tuple[int, int] = (0, 1)
) -> Moments:
    """As `arrivals_ns`, in one piece."""
    portions = list(arrivals_ns(load, span_s, seed, opens_s=opens_s, share=share))
    return np.concatenate(portions) if portions else np.empty(0, dtype=np.int64)
