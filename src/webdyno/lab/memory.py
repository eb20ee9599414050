"""How many stacks find room in memory at the same time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from ..model.trial import Trial

# Of the memory that was available, for all stacks of a block: what is left is for what they take on under load.
SHARE = 0.5


class Memory(NamedTuple):
    """What stacks need, and what there is.

    Attributes:
        needs: resident bytes of each stack by notation, as far as they were seen.
        room_bytes: for all that run at the same time.
    """

    needs: Mapping[str, int]
    room_bytes: int

    @classmethod
    def seen(cls, pilots: Iterable[Trial]) -> Memory:
        """As the pilots saw it, each of which ran alone."""
        seen = [(trial.stack, trial.resources) for trial in pilots if trial.resources]
        needs = {stack: resources.rss_peak_bytes for stack, resources in seen}
        available = (resources.system.memory_available_bytes + needs[stack] for stack, resources in seen)
        return cls(needs, round(SHARE * min(available, default=0)))

    def fits(self, group: Sequence[str]) -> bool:
        """Whether these do."""
        return sum(self.needs.get(notation, 0) for notation in group) <= self.room_bytes
