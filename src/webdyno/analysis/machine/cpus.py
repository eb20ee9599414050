"""The CPUs: how many, whether they are ours alone, whether they keep their speed."""

from __future__ import annotations

from ...model.machine import MachineFacts
from .check import NOT_READABLE, Check, listed

HOST_DECIDES = "on a rented machine choose dedicated cores; else ask who runs the host"


def cores(facts: MachineFacts) -> Check:
    """How many there are, and how they would be divided."""
    host, plan = facts.host, facts.cpus
    usable = f"{host.cores} of {host.cores_total} CPUs usable"
    if not plan.apart:
        matters = "load generator and servers share a CPU: each takes time from the other"
        return Check(name="cores", state="bad", seen=usable, matters=matters, remedy="use two CPUs or more")
    divided = f"{usable}: a server on {listed(plan.server)}, the load generator on {listed(plan.load)}"
    most = host.cores - len(plan.load)
    if most > 1:
        divided += f"; up to {most} workers have a CPU each"
    return Check(name="cores", state="ok", seen=divided)


def pinning(facts: MachineFacts) -> Check:
    """Whether processes stay on the CPUs that they are given."""
    if facts.cpus.pinned and facts.may_pin:
        return Check(name="pinning", state="ok", seen="processes can be bound to CPUs")
    return Check(
        name="pinning",
        state="care",
        seen="processes cannot be bound to CPUs",
        matters="the load generator may run where a server does",
        remedy="measure on Linux; in a container allow the call sched_setaffinity",
    )


def quota(facts: MachineFacts) -> Check:
    """What the control group may use."""
    limit, needed = facts.quota_cores, len({*facts.cpus.load, *facts.cpus.server})
    if limit is None:
        matters = "a quota that runs out stops load generator and server in the middle"
        return Check(name="quota", state="unknown", seen=f"the CPU quota {NOT_READABLE}", matters=matters)
    if limit == "none":
        return Check(name="quota", state="ok", seen="no CPU quota")
    seen = f"the control group may use {limit:.3g} CPUs"
    if limit >= facts.host.cores:
        return Check(name="quota", state="ok", seen=seen)
    return Check(
        name="quota",
        state="bad" if limit < needed else "care",
        seen=seen,
        matters=f"load generator and server need {needed}; when the quota is used up, both are stopped for a while",
        remedy="raise the container's CPU limit, such as docker run --cpus, or take it away",
    )


def siblings(facts: MachineFacts) -> Check:
    """Whether load generator and server run on hardware threads of one core."""
    plan, known = facts.cpus, facts.siblings
    shared = [cpu for cpu in plan.server for load in plan.load if load != cpu and load in known.get(cpu, ())]
    if shared:
        return Check(
            name="siblings",
            state="care",
            seen=f"{listed(plan.load)} (load generator) and {listed(tuple(shared))} (server) are threads of one core",
            matters="each slows the other down",
            remedy="allow CPUs of other cores (taskset, cpuset), or switch SMT off",
        )
    if len(known) < len({*plan.load, *plan.server}):
        return Check(name="siblings", state="unknown", seen=f"which CPUs share a core {NOT_READABLE}")
    if facts.virtual is False:
        return Check(name="siblings", state="ok", seen="load generator and server run on cores of their own")
    return Check(
        name="siblings",
        state="unknown",
        seen="shown as cores of their own; whether the host's cores are, cannot be seen from inside",
        matters="a neighbour on the other thread of a core slows it down",
        remedy=HOST_DECIDES,
    )


def governor(facts: MachineFacts) -> Check:
    """What chooses the frequency."""
    name, mhz = facts.frequency.governor, facts.frequency.mhz
    matters = "a CPU that changes its speed moves every figure"
    if name is None:
        return Check(
            name="governor",
            state="unknown",
            seen=f"the frequency governor {NOT_READABLE}",
            matters=matters,
            remedy=HOST_DECIDES if facts.virtual else "",
        )
    seen = f"{name}, {mhz[0]:,.0f} to {mhz[1]:,.0f} MHz" if mhz else name
    if name == "performance":
        return Check(name="governor", state="ok", seen=seen)
    remedy = "sudo cpupower frequency-set -g performance"
    return Check(name="governor", state="care", seen=seen, matters=matters, remedy=remedy)


def turbo(facts: MachineFacts) -> Check:
    """Whether the frequency depends on heat and on what other cores do."""
    matters = "how fast a CPU runs then depends on heat and on what the others do"
    match facts.frequency.turbo:
        case None:
            remedy = HOST_DECIDES if facts.virtual else ""
            return Check(name="turbo", state="unknown", seen=f"turbo {NOT_READABLE}", matters=matters, remedy=remedy)
        case False:
            return Check(name="turbo", state="ok", seen="turbo is off")
        case True:
            remedy = "write 1 to /sys/devices/system/cpu/intel_pstate/no_turbo, or 0 to .../cpu/cpufreq/boost"
            return Check(name="turbo", state="care", seen="turbo is on", matters=matters, remedy=remedy)
