"""Whether the machine was quiet while it was watched: what others took away."""

from __future__ import annotations

from ...model.machine import MachineFacts, SpinFacts
from ...texts.catalogue import told
from ...units import format_duration, format_percent, printable
from ..validity.generator_rules import CORE_WAIT_CAUTION, CORE_WAIT_INVALID, LOOP_GAP_INVALID, LOOP_GAP_S
from ..validity.machine_rules import MACHINE as MACHINE_ADVICE
from ..validity.machine_rules import STEAL_CAUTION, STEAL_INVALID, THROTTLED_CAUTION, THROTTLED_INVALID
from .check import NOT_READABLE, Check, State, graded

# A twentieth of a core is what a desktop or a monitoring agent uses; CORE_WAIT_CAUTION is the same for a wait.
OTHERS_CAUTION = CORE_WAIT_CAUTION
MACHINE = told(MACHINE_ADVICE)
STOP_THEM = "stop the other processes, or measure when they are done"


def steal(facts: MachineFacts) -> Check:
    """CPU time that the hypervisor gave to others while our CPUs were busy."""
    percent = facts.system.steal_percent
    if percent is None:
        return Check(name="steal", state="unknown", seen=f"steal {NOT_READABLE}", matters=_TAKEN)
    state = graded(percent, STEAL_CAUTION, STEAL_INVALID)
    seen = f"the hypervisor took {format_percent(percent / 100)} of the CPU time away (steal)"
    return _check("steal", state, seen, _TAKEN, MACHINE)


_TAKEN = "what is taken from one stack and not from the other looks like a difference"


def pressure(facts: MachineFacts) -> Check:
    """How long somebody waited for a CPU."""
    percent = facts.system.cpu_pressure_percent
    if percent is None:
        return Check(
            name="pressure",
            state="unknown",
            seen=f"pressure (PSI) {NOT_READABLE}",
            remedy="Linux 4.20 or newer shows it in /proc/pressure/cpu; some kernels want psi=1 at boot",
        )
    seen = f"some process waited for a CPU {format_percent(percent / 100)} of the time (PSI)"
    state = graded(percent / 100, CORE_WAIT_CAUTION, CORE_WAIT_INVALID)
    return _check("pressure", state, seen, "CPUs are asked for more than they have", STOP_THEM)


def throttling(facts: MachineFacts) -> Check:
    """Whether a quota or heat slowed us down meanwhile."""
    stopped, heat = facts.system.throttled_s, facts.frequency.heat_events
    by_quota = NOT_READABLE if stopped is None else f"for {format_duration(stopped)}" if stopped else "no"
    by_heat = NOT_READABLE if heat is None else f"{heat} times" if heat else "no"
    seen = f"slowed down by a quota: {by_quota}; for heat or power: {by_heat}"
    if stopped is None and heat is None:
        return Check(name="throttling", state="unknown", seen=seen, matters=_LESS)
    state = graded((stopped or 0.0) / facts.watched_s, THROTTLED_CAUTION, THROTTLED_INVALID)
    remedy = "raise the container's CPU limit" if state != "ok" else "see to the cooling, or switch turbo off"
    if state == "ok" and heat:
        state = "care"
    return _check("throttling", state, seen, _LESS, remedy)


_LESS = "a CPU that is slowed down does less work in the same time"


def others(facts: MachineFacts) -> Check:
    """What other processes used."""
    used, named = facts.others_cores, facts.others
    state = graded(used, OTHERS_CAUTION, _room(facts) + CORE_WAIT_INVALID)
    if state == "ok":
        return Check(name="others", state="ok", seen=f"other processes used {used:.2f} CPUs")
    who = ", ".join(f"{printable(one.name)} ({one.pid}) {one.cores:.2f}" for one in named)
    seen = f"other processes used {used:.2f} CPUs: {who or 'none of them visible, or all ended meanwhile'}"
    matters = "they take time from load generator and servers, or heat and memory bandwidth"
    return _check("others", state, seen, matters, STOP_THEM)


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
        state = "care"
    waited = [one.waited_s for one in facts.spins if one.waited_s is not None]
    lost = sum(one.lost_s for one in facts.spins)
    by_others = len(waited) == len(facts.spins) and sum(waited) > lost / 2
    matters = "a request that is under way then takes longer by as much"
    whose = "other processes had the CPU" if by_others else "interrupts, the kernel or the hypervisor had the CPU"
    remedy = STOP_THEM if by_others else MACHINE
    return _check("stops", state, "; ".join(map(_spun, facts.spins)), f"{whose}: {matters}", remedy)


def _spun(one: SpinFacts) -> str:
    where = "a spinning loop" if one.cpu is None else f"on CPU {one.cpu} a spinning loop"
    rate = one.stops / one.watched_s
    if not one.stops:
        return f"{where} never stood still for 5 us"
    return (
        f"{where} stood still {rate:,.0f} times a second, {format_percent(one.lost_s / one.watched_s)} of the time, "
        f"{format_duration(one.longest_s)} at most"
    )


def _check(name: str, state: State, seen: str, matters: str, remedy: str) -> Check:
    if state == "ok":
        return Check(name=name, state=state, seen=seen)
    return Check(name=name, state=state, seen=seen, matters=matters, remedy=remedy)
