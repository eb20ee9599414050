"""Is the head worse than the base?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Unpack, cast

from ..analysis.gate.judge_gate import is_decided, judge_gate, suspects
from ..analysis.gate.limit import DEFAULT_LIMITS, Limit, parse_limit
from ..errors import AppFailed, EnvironmentFailed, Interrupted, UsageError
from ..lab.events import Emit, remark
from ..lab.interruption import Interruption
from ..lab.session import was_stored
from ..lab.sides import Refs, Sides, not_set_up, sides_of_refs, sides_of_stacks
from ..lab.unseen import refuse_unseen, seen_metrics
from ..loadgen.driver import Ability
from ..loadgen.drivers.table import find_driver, refuse_beyond
from ..model.fact import fact
from ..model.gate_run import GateRun
from ..model.kept import kept_gate_run
from ..model.metric import Metric
from ..model.new_id import new_id
from ..model.notation import parse_notation
from ..model.run import Run
from ..model.secrets import Secrets
from ..model.stack import URL
from ..report.result import ComparisonResult, GateResult
from .compare import compare, design_of, ignore
from .keeping import keep_in
from .named_events import Named
from .option import check_texts, checked
from .options import MOST_SEED, CompareOptions, GateOptions

_NAME_IT = "name your app as MODULE:NAME@SERVER, and git refs as --base and --head"
_OF_GATE = ("fail_if", "requirements", "trust_git", "python")


def gate(
    base: str, head: str, app: str | None = None, *, emit: Emit = ignore, **options: Unpack[GateOptions]
) -> GateResult:
    """Measure both in turn, and a regression once more; say whether the head stays within the limits.

    >>> webdyno.gate("main", "HEAD", "shop.main:app@gunicorn").gate.outcome  # doctest: +SKIP
    'passed'

    Args:
        base: what was: a git ref, or the notation of a stack where there is no `app`.
        head: what is to come.
        app: notation of the user's own app; it is checked out at both refs.
        emit: told of every step, see `webdyno.lab.events`.
        **options: see `docs/python.md`.

    Raises:
        WebdynoError: see `webdyno.errors` for each kind.
        Interrupted: Ctrl-C or SIGTERM before it was decided.
    """
    what = "notation of a stack" if app is None else "git ref"
    check_texts(f"give a {what} as a text", base=base, head=head)
    if app is not None:
        check_texts("give the notation of your app as a text", app=app)
    asked = checked(GateOptions, options)
    _check(app, asked)
    limits = _limits(asked, [] if app else [text for text in (base, head) if text.startswith(URL)])
    _check_driver(asked, limits)
    # What was checked out is removed.
    with Interruption() as interruption, _sides(base, head, app, asked, interruption, emit) as sides:
        measured = _measure(sides, _comparison(asked), limits, interruption, emit)
        result = _judged(sides, limits, measured, asked.get("hidden", {}))
        interruption.ignore_further()
        return replace(result, not_kept=keep_in(asked["store"], result.run))


def _judged(
    sides: Sides, limits: Sequence[Limit], measured: Sequence[ComparisonResult], hidden: Mapping[str, str]
) -> GateResult:
    gate = judge_gate(limits, [(one.run, one.analysis) for one in measured], sides.base, sides.head, sides.notes)
    judged = datetime.now(UTC)
    run = GateRun(
        id=new_id(judged),
        judged=judged,
        base=sides.base,
        head=sides.head,
        limits=tuple(limit.text for limit in limits),
        notes=sides.notes,
        outcome=gate.outcome,
        runs=tuple(one.run for one in measured),
    )
    return GateResult(kept_gate_run(run, Secrets(hidden)), gate, tuple(measured))


def _check(app: str | None, options: GateOptions) -> None:
    if options["requirements"] and (options["python"] or not app):
        remedy = "leave out --python" if options["python"] else _NAME_IT
        raise UsageError("--requirements is for environments that are made for git refs", remedy)
    if options["trust_git"] and not app:
        raise UsageError("--trust-git is for what is checked out of a repository", _NAME_IT)


def _check_driver(options: GateOptions, limits: Sequence[Limit]) -> None:
    """Refuse what the load tool cannot do before anything is checked out; the comparison refuses the rest."""
    needed: set[Ability] = {options["arrivals"]} if _with_times(options["rate"], limits) else set()
    refuse_beyond(find_driver(options["driver"]), needed | ({"duet"} if design_of(options).at_once > 1 else set()))


def _with_times(rate: float | None, limits: Sequence[Limit]) -> bool:
    """Whether response times are measured: without the open load there are nearly twice as many blocks."""
    return rate is not None or any(limit.metric in ("p50", "p99") for limit in limits)


def _limits(options: GateOptions, running: Sequence[str]) -> list[Limit]:
    """Those that are asked for, or those of the default ones that can be checked.

    Args:
        options: of the gate.
        running: notations of sides that already run.
    """
    stacks = [parse_notation(text).stack for text in running]
    texts, told_of = options["fail_if"], design_of(options).metrics
    limits = [parse_limit(text) for text in texts or DEFAULT_LIMITS]
    told = [limit for limit in limits if limit.metric in told_of]
    if not texts:
        seen = seen_metrics(stacks, told_of)
        return [limit for limit in told if limit.metric in seen]
    if len(told) < len(limits):
        other = next(limit for limit in limits if limit not in told)
        raise UsageError(f"--duet tells nothing of {other.metric}", f"leave out --duet, or --fail-if '{other.text}'")
    refuse_unseen(stacks, [limit.metric for limit in limits])
    return told


@contextmanager
def _sides(
    base: str, head: str, app: str | None, options: GateOptions, interruption: Interruption, emit: Emit
) -> Iterator[Sides]:
    python, requirements = (Path(path) if path else None for path in (options["python"], options["requirements"]))
    if app is None:
        yield sides_of_stacks(base, head, python)
        return
    folders = cast("tuple[Path, ...]", options["app_dir"] or ())
    refs = Refs(parse_notation(app), base, head, Path.cwd(), folders, python, requirements, options["trust_git"])
    with sides_of_refs(refs, interruption, emit) as sides:
        yield sides


def _comparison(options: GateOptions) -> CompareOptions:
    """A gate tells every metric that it measures."""
    metrics: tuple[Metric, ...] = design_of(options).metrics if options["duet"] else ()
    asked = {name: value for name, value in options.items() if name not in _OF_GATE}
    return cast("CompareOptions", asked | {"metrics": metrics})


def _measure(
    sides: Sides, asked: CompareOptions, limits: Sequence[Limit], interruption: Interruption, emit: Emit
) -> list[ComparisonResult]:
    times = _with_times(asked["rate"], limits)
    measured = [_compare(sides, asked, limits, times, emit)]
    found = suspects(limits, (measured[0].run, measured[0].analysis), sides.base, sides.head)
    if found:
        interruption.go_on()
        emit(remark(fact("gate.confirming", limits=tuple(limit.text for limit in found))))
        seed = None if asked["seed"] is None else (asked["seed"] + 1) % (MOST_SEED + 1)
        measured.append(_compare(sides, {**asked, "seed": seed}, found, times, emit))
    return measured


def _compare(
    sides: Sides, asked: CompareOptions, limits: Sequence[Limit], response_times: bool, emit: Emit
) -> ComparisonResult:
    def decided(run: Run) -> bool:
        return is_decided(limits, run, sides.base, sides.head)

    named = Named(emit, sides.names)
    with_theirs: CompareOptions = {**asked, "python": sides.python, "of_gate": True}
    try:
        result = compare(
            [sides.base.stack, sides.head.stack],
            response_times=response_times,
            emit=named,
            # A number of blocks that is given is kept to: nobody looks before.
            decided=decided if asked["blocks"] is None else None,
            **with_theirs,
        )
    except (AppFailed, EnvironmentFailed) as error:
        side = sides.head if named.setting_up == sides.head.name else sides.base
        raise not_set_up(side.name, side.asked, error) from error
    if result.run.state == "interrupted":
        kept = f"; what was measured is kept as run {result.run.id}" if was_stored(result.run) else ""
        raise Interrupted(f"interrupted before the gate was decided{kept}")
    return result
