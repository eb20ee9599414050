"""That a command has measured something right, also where a busy machine leaves its question open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from webdyno.analysis.validity.reason import ValidityReason
from webdyno.model.run import Run
from webdyno.questions.analysed import result_of
from webdyno.report.result import ComparisonResult, GateResult, LoadResult
from webdyno.store.database import Store

from .conftest import Done

KEPT = Path(".webdyno", "results.db")
# What others may do to windows this short, whatever is served. Any other reason is the server's or ours.
OF_THE_MACHINE = {"generator-limited", "core-shared", "lag", "rate-missed", "steal", "throttled"}


def assert_measured(done: Done, *, code: int = 0, invalid: Sequence[str] = (), kept: Path = KEPT) -> None:
    """See that right answers of every stack were measured, and that nothing but a busy machine left a question open.

    Args:
        done: a `compare`, `explain`, `gate` or `load`.
        code: its exit code; 3 where all is invalid, or where the machine was too busy.
        invalid: stacks that are meant to be.
        kept: where it has kept what it measured, from its folder.
    """
    assert done.returncode in (code, 3), done.stderr
    with Store(done.folder / kept) as store:
        result = result_of(store.read())
    match result:
        case ComparisonResult():
            _assert_compared(result, invalid)
        case GateResult():
            for measured in result.measured:
                _assert_compared(measured, invalid)
        case LoadResult():
            assert result.run.result.ok
            _assert_only_of_the_machine(result.analysis.reasons)
        case _:
            raise AssertionError(f"not a measurement: {result.kind}")


def _assert_compared(result: ComparisonResult, invalid: Sequence[str]) -> None:
    assert result.run.state == "complete"
    for stack in result.analysis.stacks:
        if stack.notation in invalid:
            assert not stack.valid
            continue
        assert right_blocks(result.run, stack.notation), f"no block of {stack.notation} has a right answer"
        _assert_only_of_the_machine(stack.reasons)


def _assert_only_of_the_machine(reasons: Iterable[ValidityReason]) -> None:
    others = [one for one in reasons if one.severity == "invalid" and one.name not in OF_THE_MACHINE]
    assert not others


def right_blocks(run: Run, stack: str) -> set[int]:
    """The blocks in which a stack gave right answers."""
    of_stack = (trial for trial in run.trials if trial.stack == stack and trial.block)
    return {trial.block for trial in of_stack if trial.result and trial.result.ok and not trial.failure}
