"""Whether connections can be opened, and whether time can be told."""

from __future__ import annotations

import math

from ...model.machine import MachineFacts
from ...units import format_duration
from .check import NOT_READABLE, Check

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
    seen = f"a process may open {_count(soft)} files (ulimit -n), {_count(hard)} if it asks"
    if soft >= FEW_DESCRIPTORS:
        return Check(name="descriptors", state="ok", seen=seen)
    return Check(
        name="descriptors",
        state="bad" if hard < TOO_FEW_DESCRIPTORS else "care",
        seen=seen,
        matters="each connection takes one, in the load generator and in the server",
        remedy=f"ulimit -n {FEW_DESCRIPTORS} or more",
    )


def ports(facts: MachineFacts) -> Check:
    """Whether connections run out of local ports."""
    span, reused, time_wait = facts.sockets.ports, facts.sockets.reused, facts.sockets.time_wait
    if span is None:
        return Check(name="ports", state="unknown", seen=f"the range of local ports {NOT_READABLE}")
    count = span[1] - span[0] + 1
    waiting = "" if time_wait is None else f", {time_wait:,} connections in TIME_WAIT"
    again = {True: "used again at once on this machine", False: "taken for a minute after use"}
    seen = f"{count:,} local ports ({span[0]} to {span[1]})"
    seen += f", {again[reused]}{waiting}" if reused is not None else waiting
    busy = not reused and (time_wait or 0) > count / 2
    if count >= FEW_PORTS and not busy:
        return Check(name="ports", state="ok", seen=seen)
    return Check(
        name="ports",
        state="care",
        seen=seen,
        matters="a server that closes every connection takes one for each request; without one, requests fail",
        remedy="wait a minute" if count >= FEW_PORTS else "sudo sysctl net.ipv4.ip_local_port_range='10240 65535'",
    )


def clock(facts: MachineFacts) -> Check:
    """Whether the clock is fine and cheap enough."""
    source, step, read = facts.clock.source, facts.clock.step_s, facts.clock.read_s
    seen = f"{source or 'a clock whose source ' + NOT_READABLE}: steps of {format_duration(step)}, "
    seen += f"{format_duration(read)} to read"
    if source not in SLOW_SOURCES and step <= COARSE_S and read <= COARSE_S:
        return Check(name="clock", state="ok", seen=seen)
    return Check(
        name="clock",
        state="care",
        seen=seen,
        matters="the load generator reads it several times for each request",
        remedy="see /sys/devices/system/clocksource/clocksource0/available_clocksource; tsc is the best on x86",
    )


def _count(limit: float) -> str:
    return "any number of" if math.isinf(limit) else f"{limit:,.0f}"
