"""The CPUs: how many, whether they are ours alone, whether they keep their speed."""

from __future__ import annotations

from ...model.fact import fact
from ...model.machine import MachineFacts
from .check import Check, listed, ok

HOST_DECIDES = fact("do.host")


def cores(facts: MachineFacts) -> Check:
    """How many there are, and how they would be divided."""
    usable, total, plan = facts.host.cores, facts.host.cores_total, facts.cpus
    if not plan.apart:
        what = fact("cores.shared", cores=usable, total=total)
        return Check(name="cores", state="bad", what=what, why=fact("matters.shared"), advice=fact("do.two-cpus"))
    server, load, most = listed(plan.server), listed(plan.load), usable - len(plan.load)
    if most > 1:
        return ok("cores", fact("cores.workers", cores=usable, total=total, server=server, load=load, workers=most))
    return ok("cores", fact("cores", cores=usable, total=total, server=server, load=load))


def pinning(facts: MachineFacts) -> Check:
    """Whether processes stay on the CPUs that they are given."""
    if facts.cpus.pinned and facts.may_pin:
        return ok("pinning", fact("pinning"))
    return Check(
        name="pinning",
        state="warning",
        what=fact("pinning.none"),
        why=fact("matters.unbound"),
        advice=fact("do.allow-binding"),
    )


def quota(facts: MachineFacts) -> Check:
    """What the control group may use."""
    limit, needed = facts.quota_cores, len({*facts.cpus.load, *facts.cpus.server})
    if limit is None:
        return Check(name="quota", state="unknown", what=fact("quota.unknown"), why=fact("matters.quota"))
    if limit == "none":
        return ok("quota", fact("quota.none"))
    what = fact("quota", limit=limit)
    if limit >= facts.host.cores:
        return ok("quota", what)
    return Check(
        name="quota",
        state="bad" if limit < needed else "warning",
        what=what,
        why=fact("matters.small-quota", needed=needed),
        advice=fact("do.more-quota"),
    )


def siblings(facts: MachineFacts) -> Check:
    """Whether load generator and server run on hardware threads of one core."""
    plan, known = facts.cpus, facts.siblings
    shared = [cpu for cpu in plan.server for load in plan.load if load != cpu and load in known.get(cpu, ())]
    if shared:
        return Check(
            name="siblings",
            state="warning",
            what=fact("siblings.shared", load=listed(plan.load), server=listed(tuple(shared))),
            why=fact("matters.siblings"),
            advice=fact("do.other-cores"),
        )
    if len(known) < len({*plan.load, *plan.server}):
        return Check(name="siblings", state="unknown", what=fact("siblings.unknown"))
    if facts.virtual is False:
        return ok("siblings", fact("siblings"))
    what, why = fact("siblings.virtual"), fact("matters.neighbour")
    return Check(name="siblings", state="unknown", what=what, why=why, advice=HOST_DECIDES)


def governor(facts: MachineFacts) -> Check:
    """What chooses the frequency."""
    name, mhz, why = facts.frequency.governor, facts.frequency.mhz, fact("matters.speed")
    if name is None:
        advice = HOST_DECIDES if facts.virtual else None
        return Check(name="governor", state="unknown", what=fact("governor.unknown"), why=why, advice=advice)
    what = fact("governor", governor=name)
    if mhz:
        what = fact("governor.range", governor=name, least=mhz[0], most=mhz[1])
    if name == "performance":
        return ok("governor", what)
    return Check(name="governor", state="warning", what=what, why=why, advice=fact("do.governor"))


def turbo(facts: MachineFacts) -> Check:
    """Whether the frequency depends on heat and on what other cores do."""
    why = fact("matters.turbo")
    match facts.frequency.turbo:
        case None:
            advice = HOST_DECIDES if facts.virtual else None
            return Check(name="turbo", state="unknown", what=fact("turbo.unknown"), why=why, advice=advice)
        case False:
            return ok("turbo", fact("turbo.off"))
        case True:
            return Check(name="turbo", state="warning", what=fact("turbo.on"), why=why, advice=fact("do.turbo"))
