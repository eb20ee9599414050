"""The header of what is kept: what a list of it shows."""

from __future__ import annotations

from datetime import datetime

from ..model.base import Value


class Header(Value):
    """One stored result.

    Attributes:
        id: by which it is read.
        kind: of which kind it is: `comparison`, `load`, `gate`, `doctor`, or one that a newer webdyno has.
        readable: whether this webdyno reads it; it does not read newer kinds and schemas.
        state: of a comparison as stored, but `interrupted` where the process that measured it died; of a gate its
            outcome; `complete` or `interrupted` of others.
        at: when it was begun; of a gate when it was judged, UTC.
        measured_s: seconds that were measured; 0 where it was never written down.
        subjects: what was measured: notations of stacks, the URL of a load, the sides of a gate, the CPU of a machine.
        trials: how many are stored of a comparison; None for others.
    """

    id: str
    kind: str
    readable: bool = True
    state: str
    at: datetime
    measured_s: float
    subjects: tuple[str, ...]
    trials: int | None = None
