"""From what was measured to what it says."""

from __future__ import annotations

from typing import overload

from ..analysis.comparison.analysis import Analysis
from ..analysis.gate.judge_gate import judge_gate
from ..analysis.gate.limit import parse_limit
from ..analysis.load.analyse_load import analyse_load
from ..analysis.load.threshold import parse_threshold
from ..analysis.machine.fitness import Fitness, same
from ..analysis.machine.judge_machine import judge_machine
from ..model.doctor_run import DoctorRun
from ..model.gate_run import GateRun
from ..model.load_run import LoadRun
from ..model.run import Run
from ..report.result import ComparisonResult, DoctorResult, GateResult, LoadResult, Result
from ..stacks.layers import Layered, explainable
from ..store.document_kinds import Kept


@overload
def result_of(kept: Run) -> ComparisonResult: ...
@overload
def result_of(kept: LoadRun) -> LoadResult: ...
@overload
def result_of(kept: GateRun) -> GateResult: ...
@overload
def result_of(kept: DoctorRun) -> DoctorResult: ...
def result_of(kept: Kept) -> Result:
    """Analyse what was measured, new or stored.

    Raises:
        StoreError: a histogram in it is damaged.
        UsageError: a limit or threshold in it cannot be read.
    """
    match kept:
        case Run():
            return _comparison(kept)
        case LoadRun():
            return _load(kept)
        case GateRun():
            return _gate(kept)
        case DoctorRun():
            return _doctor(kept)


def _comparison(run: Run) -> ComparisonResult:
    # Its libraries take half a second to import: after the measurement, nobody waits for them.
    from ..analysis.comparison.analyse import analyse

    analysis = analyse(run)
    sides = explainable(run)
    found = analysis.verdict("throughput", sides[1].stack, sides[0].stack) if sides else None
    differ = found is not None and found.differs
    return ComparisonResult(run, explained(analysis, *sides) if sides and differ else analysis)


def _load(run: LoadRun) -> LoadResult:
    return LoadResult(run, analyse_load(run, [parse_threshold(text) for text in run.thresholds]))


def _gate(run: GateRun) -> GateResult:
    measured = tuple(map(_comparison, run.runs))
    seen = [(one.run, one.analysis) for one in measured]
    limits = [parse_limit(text) for text in run.limits]
    return GateResult(run, judge_gate(limits, seen, run.base, run.head, run.notes), measured)


def _doctor(run: DoctorRun) -> DoctorResult:
    return DoctorResult(run, fitness_of(run))


def fitness_of(run: DoctorRun) -> Fitness:
    """What is said of a machine, and of the comparison where there is one."""
    comparison = run.comparison
    found = None if comparison is None else same(comparison, _comparison(comparison).analysis, run.machine)
    return Fitness(
        started=run.started, machine=run.machine, facts=run.facts, checks=judge_machine(run.facts), same=found
    )


def explained(analysis: Analysis, one: Layered, other: Layered) -> Analysis:
    """The analysis of a run that measured two stacks and what they are made of, with what makes the difference."""
    # See `result_of`.
    from ..analysis.comparison.explanation import explain as explanation

    return analysis.model_copy(update={"explanation": explanation(analysis, one, other)})
