"""Blocks added to a stored run, until what it asks is decided."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..analysis.validity.rule import rules_of_others
from ..errors import UsageError
from ..lab.events import Emit, SoFar, remark
from ..lab.experiment import run_experiment
from ..lab.question import Question
from ..model.fact import fact
from ..report.result import ComparisonResult
from ..store.database import Store
from ..store.run_lock import lock_folder, run_lock
from .analysed import result_of
from .continued import kept_run_of, question_of
from .keeping import kept_in
from .options import CompareOptions
from .watching import closings_of, decides


def continue_comparison(
    name: str | None, given: Mapping[str, object], asked: CompareOptions, emit: Emit, showing: SoFar | None
) -> ComparisonResult:
    """Add blocks to a stored run.

    Args:
        name: of the run; None for the newest.
        given: the options that were given.
        asked: all options, checked.
        emit: told of every step.
        showing: says after each block what there is to show.

    Raises:
        UsageError: there is no such run, blocks cannot be added to it, or its conditions are no longer there.
    """
    store = asked["store"]
    if store is None or ("://" not in str(store) and not Path(store).exists()):
        where = "without a store" if store is None else f"at {store}"
        raise UsageError(f"there are no results {where}", "measure first: webdyno compare; or give --store")
    rules_of_others()
    with run_lock(lock_folder(store)), Store(store) as opened:
        run = kept_run_of(opened, name)
        question = question_of(run, given, asked)
        if question.blocks is None and _is_enough(question):
            emit(remark(fact("nothing-open", run=run.id), always=True))
        else:
            run = run_experiment(question, opened, emit, closings_of, decides, showing)
        return kept_in(result_of(run), opened, store)


def _is_enough(question: Question) -> bool:
    """Whether the kept run has what it goes on for."""
    kept = question.kept
    assert kept
    if question.precision is None:
        return decides(kept)
    plan = kept.experiment.model_copy(update={"precision": question.precision})
    found = closings_of(kept.model_copy(update={"experiment": plan}))
    return bool(found) and all(one.more_blocks == 0 for one in found)
