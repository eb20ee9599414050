"""When the blocks of a run end: after a planned number, once ratios are precise enough, or once enough is known."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import NamedTuple

from ..model.fact import Fact, fact
from ..model.run import Run
from ..model.verdict import Closing
from .clock import Room
from .events import BlockDone, Event, remark
from .plan import blocks_that_fit, looks_at, next_look, quick_looks
from .stopping import blocks_to_go, not_reached

# Says how near every asked ratio is; given from outside, since the lab analyses nothing.
Watch = Callable[[Run], Sequence[Closing]]
# Says at a planned look whether enough is known.
Decided = Callable[[Run], bool]

# However long a run without a planned number of blocks may take.
BLOCKS_WITHOUT_PLAN = 1000


class Seen(NamedTuple):
    """What a look after a block shows.

    Attributes:
        enough: the blocks end here.
        event: what there is to tell.
    """

    enough: bool
    event: Event | None = None


class Ending(ABC):
    """Says when the blocks end.

    Attributes:
        planned: at most so many blocks.
        known: how many there will be; None where that is seen as they go.
        looks: after how many blocks it is asked whether enough is known; None where nobody asks.
        bounded: the time limit ends the blocks.
    """

    planned: int
    known: int | None = None
    looks: tuple[int, ...] | None = None
    bounded: bool = True

    def plan(self, room: Room) -> None:
        """Learn, after the pilot, how much room there is."""
        self.planned = BLOCKS_WITHOUT_PLAN

    @abstractmethod
    def to_come(self, done: int, room: Room) -> int:
        """How many blocks come after so many, as far as is known."""

    def look(self, block: int, run: Run, room: Room) -> Seen:
        """See whether enough is known after a block."""
        return Seen(enough=False)

    @abstractmethod
    def cut_short(self, done: int) -> Fact | None:
        """What to say where time or blocks are used up before."""


class Planned(Ending):
    """A number of blocks: the one that is asked for, or as many as fit.

    Args:
        asked: the number; None for as many as fit.
    """

    def __init__(self, asked: int | None) -> None:
        self._asked = asked
        self.planned = asked or 0
        self.bounded = asked is None

    def plan(self, room: Room) -> None:
        """Take as many as fit where none is asked for."""
        self.planned = self.known = self._asked or blocks_that_fit(room.left_s, room.block_s)

    def to_come(self, done: int, room: Room) -> int:
        """The rest of them."""
        return self.planned - done

    def cut_short(self, done: int) -> Fact:
        """That time was too short for all."""
        return fact("stopped-early", blocks=done, planned=self.planned)


class Precise(Ending):
    """Until half of the 95 % interval of every asked ratio is within a precision.

    Args:
        precision: relative, 0.03 for 3 %.
        watch: says how near each ratio is.
    """

    def __init__(self, precision: float, watch: Watch) -> None:
        self._precision = precision
        self._watch = watch
        self._closings: tuple[Closing, ...] = ()

    def to_come(self, done: int, room: Room) -> int:
        """As many as the widest interval needs, or fit."""
        to_go = blocks_to_go(self._closings)
        return room.blocks if to_go is None else min(room.blocks, to_go)

    def look(self, block: int, run: Run, room: Room) -> Seen:
        """See how near every ratio is."""
        self._closings = tuple(self._watch(run))
        event = BlockDone(block=block, closings=self._closings, remaining_s=self.to_come(block, room) * room.block_s)
        return Seen(blocks_to_go(self._closings) == 0, event)

    def cut_short(self, done: int) -> Fact:
        """Which ratios are still too wide."""
        return not_reached(done, self._closings, self._precision)


class AtLooks(Ending):
    """Until somebody who looks at moments planned beforehand finds enough.

    Args:
        decided: says whether the run so far is enough.
    """

    def __init__(self, decided: Decided) -> None:
        self._decided = decided

    def plan(self, room: Room) -> None:
        """Plan the looks."""
        super().plan(room)
        self.looks = looks_at(room.blocks)

    def to_come(self, done: int, room: Room) -> int:
        """As many as fit."""
        return room.blocks

    def look(self, block: int, run: Run, room: Room) -> Seen:
        """Ask, where a look is planned."""
        if block not in (self.looks or ()):
            return Seen(enough=False)
        enough = self._decided(run)
        left_s = self.to_come(block, room) * room.block_s
        return Seen(enough, self._found(block, left_s, enough=enough))

    def _found(self, block: int, left_s: float, *, enough: bool) -> Event | None:
        if enough:
            return remark(fact("looked.decided", blocks=block))
        return remark(fact("looked.undecided", blocks=block, left_s=left_s))

    def cut_short(self, done: int) -> None:
        """Nothing: it goes on to the time limit by plan. Looks that were never taken are forgotten."""
        self.looks = tuple(look for look in self.looks or () if look < done)


class Quick(AtLooks):
    """Until the order of all stacks is known, or no further block fits.

    The planned looks share what may go wrong, so they stay as they are where the time ends the blocks earlier.

    Args:
        decided: says whether the order is known.
    """

    def plan(self, room: Room) -> None:
        """Plan the looks, the last one after as many blocks as fit."""
        self.looks = quick_looks(room.blocks)
        self.planned = self.looks[-1]

    def to_come(self, done: int, room: Room) -> int:
        """As many as fit, up to the last look."""
        return min(self.planned - done, room.blocks)

    def _found(self, block: int, left_s: float, *, enough: bool) -> Event | None:
        if enough:
            return remark(fact("looked.order", blocks=block))
        # At the last look it ends all the same.
        return remark(fact("looked.no-order", blocks=block, left_s=left_s)) if block < self.planned else None

    def cut_short(self, done: int) -> None:
        """Nothing: the analysis says what is not known."""


class WhenDecided(Ending):
    """Until all that a run asks is decided: seen at moments that no result moves, each of which costs certainty.

    Args:
        decided: says whether the run so far decides it.
        seen: after how many blocks the run was looked at before.
    """

    def __init__(self, decided: Decided, seen: Sequence[int]) -> None:
        self._decided = decided
        self.looks = tuple(seen)
        self._next = next_look(seen[-1])

    def to_come(self, done: int, room: Room) -> int:
        """Up to the next look, or as many as fit."""
        return min(room.blocks, max(self._next - done, 0))

    def look(self, block: int, run: Run, room: Room) -> Seen:
        """Ask, where it is time to look again."""
        if block < self._next:
            return Seen(enough=False)
        self.looks, self._next = (*(self.looks or ()), block), next_look(block)
        if self._decided(run):
            return Seen(enough=True, event=remark(fact("looked.decided", blocks=block)))
        left_s = room.blocks * room.block_s
        return Seen(enough=False, event=remark(fact("looked.undecided", blocks=block, left_s=left_s)))

    def cut_short(self, done: int) -> Fact:
        """That time was up."""
        return fact("time-up", blocks=done)
