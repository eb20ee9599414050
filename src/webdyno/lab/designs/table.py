"""The designs by name; a new one is a file and an entry here."""

from __future__ import annotations

from collections.abc import Mapping

from .alternating import Alternating
from .design import Design
from .duet import Duet
from .in_turn import InTurn

ALTERNATING = Alternating()
IN_TURN = InTurn()
DESIGNS: Mapping[str, Design] = {design.name: design for design in (ALTERNATING, IN_TURN, Duet())}
