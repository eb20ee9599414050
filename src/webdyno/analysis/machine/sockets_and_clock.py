"""Whether connections can be opened, and whether time can be told."""

from __future__ import annotations

import math

from ...model.fact import Fact, fact
from ...model.machine import MachineFacts
from .check import Check, ok

# What Linux gives by default; a server under 1,000 connections needs about as many, and a few for itself.
FEW_DESCRIPTORS = 1024
# The default's open load holds 128 connections, and so does the server.
TOO_FEW_DESCRIPTORS = 256
# A server without keep-alive takes a port for each request, a few thousand a second.
FEW_PORTS = 10_000
# Times are told in steps of about 1 us; a request takes 50 us or more.
COARSE_S = 1e-6
SLOW_SOURCES = ("acpi_pm", "hpet", "jiffies", "refined-jiffies", "pit")


def descriptors(facts: MachineFacts) -> Check:
    """How many files a process may open; each connection is one, at either end."""
    soft, hard = (math.inf if limit < 0 else limit for limit in facts.sockets.descriptors)
    what = fact("descriptors", soft=_count(soft), hard=_count(hard))
    if soft >= FEW_DESCRIPTORS:
        return ok("descriptors", what)
    return Check(
        name="descriptors",
        state="bad" if hard < TOO_FEW_DESCRIPTORS else "warning",
        what=what,
        why=fact("matters.descriptors"),
        advice=fact("do.descriptors", needed=FEW_DESCRIPTORS),
    )


def _count(limit: float) -> float | Fact:
    return fact("descriptors.any") if math.isinf(limit) else limit


def ports(facts: MachineFacts) -> Check:
    """Whether connections run out of local ports."""
    span, reused, time_wait = facts.sockets.ports, facts.sockets.reused, facts.sockets.time_wait
    if span is None:
        return Check(name="ports", state="unknown", what=fact("ports.unknown"))
    count = span[1] - span[0] + 1
    parts = [fact("ports.range", count=count, first=span[0], last=span[1])]
    if reused is not None:
        parts.append(fact("ports.reused" if reused else "ports.waiting"))
    if time_wait is not None:
        parts.append(fact("ports.time-wait", count=time_wait))
    what = fact("ports", parts=tuple(parts))
    busy = not reused and (time_wait or 0) > count / 2
    if count >= FEW_PORTS and not busy:
        return ok("ports", what)
    advice = fact("do.wait" if count >= FEW_PORTS else "do.ports")
    return Check(name="ports", state="warning", what=what, why=fact("matters.ports"), advice=advice)


def clock(facts: MachineFacts) -> Check:
    """Whether the clock is fine and cheap enough."""
    source, step, read = facts.clock.source, facts.clock.step_s, facts.clock.read_s
    what = fact("clock", source=source or fact("clock.unknown"), step_s=step, read_s=read)
    if source not in SLOW_SOURCES and step <= COARSE_S and read <= COARSE_S:
        return ok("clock", what)
    return Check(name="clock", state="warning", what=what, why=fact("matters.clock"), advice=fact("do.clock"))
