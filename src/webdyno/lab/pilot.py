"""What the pilot decides: which stacks take part, the open load's rate, and the windows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..model.fact import Fact, fact
from ..model.load import OpenLoad
from ..model.run import StackRecord, interface_name
from ..model.trial import FAILING_SHARE, Trial
from .clock import Room
from .contract import unlike
from .designs.design import Plan
from .plan import fixed_rate
from .question import Question
from .windows import filled, long_enough, slowest_s

# A pilot in whose window nothing was sent for longer tells less than half of what a stack carries.
SLEPT_SHARE = 0.5
# Windows are lengthened only as far as so many blocks still fit, where no number is asked for.
BLOCKS_KEPT = 6


def slept(trial: Trial) -> bool:
    """Whether the load generator stood still for so long, as where the machine is suspended, that nothing is known."""
    result, engine = trial.result, trial.result and trial.result.engine
    return bool(result and engine and (engine.loop_gap_max_s or 0.0) > SLEPT_SHARE * result.window_s)


def usable(trials: Sequence[Trial]) -> list[Trial]:
    """The pilots of the stacks that take part."""
    return [trial for trial in trials if trial.result and not trial.failure and not slept(trial)]


def first_pilots(trials: Sequence[Trial]) -> list[Trial]:
    """Those that led to the plan of a run; the ones of its continuations came after its first block."""
    began = min(trial.started for trial in trials if trial.block)
    return [trial for trial in trials if trial.started < began]


def chosen_rate(question: Question, pilots: Sequence[Trial]) -> OpenLoad | None:
    """The open load of the blocks: the one that is asked for, or half of what the slowest stack carried.

    Returns:
        None where response times are not asked for, or no stack answered without errors.
    """
    rate = question.rate
    if rate is None and question.response_times:
        found = fixed_rate([carried for trial in pilots if (carried := _carried(trial))])
        rate = OpenLoad(rate=found, arrivals=question.arrivals) if found else None
    if rate and question.workload.request.websocket:
        # A stack may hold no more WebSockets than the closed load opens: every further one would time out.
        rate = rate.model_copy(update={"connections": question.saturation.connections})
    return rate


def filled_plan(question: Question, rate: OpenLoad | None, pilots: Sequence[Trial]) -> Plan:
    """The plan with the windows that are asked for; the open load is warmed up until as many requests end as begin."""
    # As with the rate, what will not be ranked does not decide for the others.
    ranked = [trial for trial in pilots if _carried(trial)] or pilots
    return Plan(
        question.saturation, rate, question.window, filled(question.window, slowest_s(pilots)), slowest_s(ranked)
    )


def fitted_plan(question: Question, plan: Plan, pilots: Sequence[Trial], room: Room, windows: int) -> Plan:
    """The plan with windows long enough for the slowest stack's answers, as far as the time limit allows.

    Args:
        question: with the window that is asked for.
        plan: with that window.
        pilots: those of the stacks that take part.
        room: with blocks of that plan.
        windows: of a block.
    """
    mean_s = slowest_s(pilots)
    room_s = (room.left_s / (question.blocks or BLOCKS_KEPT) - room.block_s) / windows
    window = long_enough(question.window, mean_s, room_s)
    return plan._replace(window=window, rate_window=filled(window, mean_s))


def differences(question: Question, records: Mapping[str, StackRecord]) -> list[Fact]:
    """What to say where not every stack is asked, or answers, the same."""
    workload, interfaces = question.workload, {record.interface for record in records.values()}
    asked: dict[str, list[str]] = {}
    for interface in sorted(interfaces):
        asked.setdefault(workload.of(interface).request.path, []).append(interface_name(interface))
    told: list[Fact] = []
    if len(asked) > 1:
        kinds = tuple(fact("unlike-paths.kind", interfaces=tuple(names), path=path) for path, names in asked.items())
        told.append(fact("unlike-paths", kinds=kinds))
    if not workload.fixed:
        known = {name: record.expected for name, record in records.items() if record.expected}
        told += [found] if (found := unlike(known)) else []
    return told


def _carried(trial: Trial) -> float | None:
    result = trial.result
    # What will not be ranked does not set the rate of the others.
    if result is None or not result.delivered or result.failed > FAILING_SHARE * result.attempts:
        return None
    return result.throughput
