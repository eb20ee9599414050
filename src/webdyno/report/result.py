"""What the questions find, ready to be told in every format that can."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from ..analysis.comparison.analysis import Analysis
from ..analysis.gate.judge_gate import Gate
from ..analysis.load.analyse_load import LoadAnalysis
from ..analysis.machine.fitness import Fitness
from ..errors import NotGiven
from ..model.doctor_run import DoctorRun
from ..model.gate_run import GateRun
from ..model.load_run import LoadRun
from ..model.result_kind import ResultKind
from ..model.run import Run
from .formats.table import find_format, formats_of


class Result:
    """What a question found.

    Attributes:
        kind: of which question it is the answer.
    """

    kind: ClassVar[ResultKind]

    @property
    def formats(self) -> tuple[str, ...]:
        """The names of the formats that can tell it."""
        return tuple(formats_of(self.kind))

    def told(self, format: str = "text") -> str:
        """The result in a format: `text`, `json`, `markdown`, `html`, or one that another package brings.

        Raises:
            UsageError: there is no such format, or it cannot tell this kind of result.
        """
        return find_format(format).tell(self)


@dataclass(frozen=True)
class ComparisonResult(Result):
    """What a comparison found.

    Attributes:
        run: everything that was measured and how, see `docs/results.md`.
        analysis: summaries, ratios with their intervals, verdicts, reasons of validity; of two stacks that differ and
            what they are made of also which part makes the difference.
        continued_by: the command that adds blocks to the run, as arguments; empty where no store has it.
    """

    kind = "comparison"
    run: Run
    analysis: Analysis
    continued_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class LoadResult(Result):
    """What a load found.

    Attributes:
        run: everything that was measured and how, see `docs/load.md`.
        analysis: throughput, percentiles, errors, reasons of validity, and whether the thresholds were met.
        not_kept: why it could not be stored; None where it was, or where there is no store.
    """

    kind = "load"
    run: LoadRun
    analysis: LoadAnalysis
    not_kept: NotGiven | None = None


@dataclass(frozen=True)
class GateResult(Result):
    """What a gate found.

    Attributes:
        run: the sides, the limits and what was measured.
        gate: its outcome: `passed`, `regression`, `inconclusive` or `not measured`; and how each metric changed.
        measured: the comparison, and the one that confirmed a regression.
        not_kept: why it could not be stored; None where it was, or where there is no store.
    """

    kind = "gate"
    run: GateRun
    gate: Gate
    measured: tuple[ComparisonResult, ...]
    not_kept: NotGiven | None = None

    @property
    def seen(self) -> list[tuple[Run, Analysis]]:
        """Each run and its analysis."""
        return [(result.run, result.analysis) for result in self.measured]


@dataclass(frozen=True)
class DoctorResult(Result):
    """What was found of this machine.

    Attributes:
        run: what was read and measured.
        fitness: what it has, whether that matters, and how small a difference can be seen here.
        kept: where the smallest differences are kept for later comparisons; None where they are not.
        not_kept: why they, or the result itself, could not be.
    """

    kind = "doctor"
    run: DoctorRun
    fitness: Fitness
    kept: Path | None = None
    not_kept: NotGiven | None = None
