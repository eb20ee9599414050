"""Whether the machine was quiet while it was watched: what others took away."""

from __future__ import annotations

from ...model.fact import Fact, fact
from ...model.machine import MachineFacts, SpinFacts
from ...units import printable
from ..validity.generator_rules import CORE_WAIT_CAUTION, CORE_WAIT_INVALID, LOOP_GAP_INVALID, LOOP_GAP_S
from ..validity.machine_rules import MACHINE, STEAL_CAUTION, STEAL_INVALID, THROTTLED_CAUTION, THROTTLED_INVALID
from .check import Check, State, graded, ok

# A twentieth of a core is what a desktop or a monitoring agent uses; CORE_WAIT_CAUTION is the same for a wait.
OTHERS_CAUTION = CORE_WAIT_CAUTION
STOP_THEM = fact("do.stop-others")


def steal(facts: MachineFacts) -> Check:
    """CPU time that the hypervisor gave to others while our CPUs were busy."""
    percent, why = facts.system.steal_percent, fact("matters.taken")
    if percent is None:
        return Check(name="steal", state="unknown", what=fact("steal.unknown"), why=why)
    state = graded(percent, STEAL_CAUTION, STEAL_INVALID)
    return _check("steal", state, fact("steal", share=percent / 100), why, MACHINE)


def pressure(facts: MachineFacts) -> Check:
    """How long somebody waited for a CPU."""
    percent = facts.system.cpu_pressure_percent
    if percent is None:
        return Check(name="pressure", state="unknown", what=fact("pressure.unknown"), advice=fact("do.pressure"))
    state = graded(percent / 100, CORE_WAIT_CAUTION, CORE_WAIT_INVALID)
    return _check("pressure", state, fact("pressure", share=percent / 100), fact("matters.asked"), STOP_THEM)


def throttling(facts: MachineFacts) -> Check:
    """Whether a quota or heat slowed us down meanwhile."""
    stopped, heat, why = facts.system.throttled_s, facts.frequency.heat_events, fact("matters.slowed")
    unknown, no = fact("throttling.unknown"), fact("throttling.no")
    by_quota = unknown if stopped is None else fact("throttling.for", seconds=stopped) if stopped else no
    by_heat = unknown if heat is None else fact("throttling.times", count=heat) if heat else no
    what = fact("throttling", quota=by_quota, heat=by_heat)
    if stopped is None and heat is None:
        return Check(name="throttling", state="unknown", what=what, why=why)
    state = graded((stopped or 0.0) / facts.watched_s, THROTTLED_CAUTION, THROTTLED_INVALID)
    advice = fact("raise-quota" if state != "ok" else "do.cooling")
    if state == "ok" and heat:
        state = "warning"
    return _check("throttling", state, what, why, advice)


def others(facts: MachineFacts) -> Check:
    """What other processes used."""
    used = facts.others_cores
    state = graded(used, OTHERS_CAUTION, _room(facts) + CORE_WAIT_INVALID)
    if state == "ok":
        return ok("others", fact("others", cpus=used))
    named = tuple(
        fact("others.process", process=printable(one.name), pid=one.pid, cpus=one.cores) for one in facts.others
    )
    what = fact("others.named", cpus=used, processes=named) if named else fact("others.unseen", cpus=used)
    return _check("others", state, what, fact("matters.others"), STOP_THEM)


def _room(facts: MachineFacts) -> int:
    """CPUs that are left beside those of the plan."""
    return max(facts.host.cores_total - len({*facts.cpus.load, *facts.cpus.server}), 0)


def stops(facts: MachineFacts) -> Check:
    """What a loop that only reads the clock saw: interrupts, other processes, the hypervisor."""
    share = max(one.lost_s / one.watched_s for one in facts.spins)
    longest = max(one.longest_s for one in facts.spins)
    # A timer's ticks take up to 1 % or so, from every stack the same.
    state = graded(share, LOOP_GAP_INVALID, STEAL_INVALID / 100)
    if state == "ok" and longest > LOOP_GAP_S:
        state = "warning"
    waited = [one.waited_s for one in facts.spins if one.waited_s is not None]
    lost = sum(one.lost_s for one in facts.spins)
    by_others = len(waited) == len(facts.spins) and sum(waited) > lost / 2
    why = fact("matters.stops.others" if by_others else "matters.stops")
    what = fact("stops", loops=tuple(map(_spun, facts.spins)))
    return _check("stops", state, what, why, STOP_THEM if by_others else MACHINE)


def _spun(one: SpinFacts) -> Fact:
    loop = fact("stops.anywhere") if one.cpu is None else fact("stops.on-cpu", cpu=one.cpu)
    if not one.stops:
        return fact("stops.never", loop=loop)
    rate, share = one.stops / one.watched_s, one.lost_s / one.watched_s
    return fact("stops.seen", loop=loop, rate=rate, share=share, longest_s=one.longest_s)


def _check(name: str, state: State, what: Fact, why: Fact, advice: Fact) -> Check:
    return ok(name, what) if state == "ok" else Check(name=name, state=state, what=what, why=why, advice=advice)
