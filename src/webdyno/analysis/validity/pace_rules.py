"""Whether requests left when they were due and were answered as fast as they came; and if not, whose fault it was."""

from __future__ import annotations

import math
from collections.abc import Iterator

from ...model.fact import Fact, fact
from ...model.load import OpenLoad, Replay
from ..measured_load import MeasuredLoad
from .finding import FREE_CORE, Finding, p99_ms
from .generator_rules import out_of_sockets
from .lag_rules import moved_beyond, moved_together, what_moved, worst

# As vegeta and wrk2 are used: a rate that is 1 % short is another rate.
RATE_SHORT = 0.01
# Where the lag cannot be taken out of the percentiles: below 1 ms is what timers cost, and beyond it a twentieth of the
# median is allowed.
LAG_MS, LAG_SHARE = 1.0, 0.05
# A server that freezes gives the generator a burst of work when it thaws; only later than so many milliseconds, or
# times its share, is the generator itself to blame for requests that were never sent.
GROSSLY_LATE = 10
# A new connection takes milliseconds; a wait of this length means that all connections were busy for long.
WAITED_MS = 50.0
# How long the load generator awaits what has not been answered when the window closes, at least.
AWAITED_MS = 1000.0
# The mean time grows with what piles up, and at twice the rate that is carried would explain all of it. With fewer
# answers than this share of the arrivals a window tells nothing of a steady state, whatever the reason.
LEAST_ANSWERED = 0.75
# How far the number under way at the window's end strays from its mean, in standard deviations (a Poisson count).
STRAY = 3


def late_generator(measured: MeasuredLoad) -> Iterator[Finding]:
    """The load generator turned to its arrivals too late: their response times are partly its own."""
    if moved := moved_beyond(measured):
        yield Finding("lag", "invalid", what_moved(moved), FREE_CORE, worst(moved))
    elif measured.late and isinstance(measured.load, OpenLoad) and _late_beyond(measured):
        late_ms = p99_ms(measured.late)
        yield Finding("lag", "invalid", fact("lag", late_ms=late_ms), FREE_CORE, late_ms)


def late_in_part(measured: MeasuredLoad) -> Iterator[Finding]:
    """The load generator was late enough to be seen in some percentile, and not so late that the load is unfit."""
    if not _generator_late(measured) and (moved := moved_together([measured])):
        yield Finding("lag", "caution", what_moved(moved), FREE_CORE, worst(moved))


def rate_missed(measured: MeasuredLoad) -> Iterator[Finding]:
    """The load generator sent less than was asked for, by its own fault."""
    short = _never_sent(measured)
    if isinstance(measured.load, OpenLoad) and short > RATE_SHORT and _generator_short(measured):
        yield Finding("rate-missed", "invalid", fact("rate-missed", unsent=short), FREE_CORE, short)


def overloaded(measured: MeasuredLoad) -> Iterator[Finding]:
    """The server did not keep up with what came. That is its result, so the trial counts."""
    load, short = measured.load, _never_sent(measured)
    if not isinstance(load, OpenLoad) or _generator_short(measured):
        return
    signs = []
    lag_ms = p99_ms(measured.lag) if measured.lag else 0.0
    if lag_ms > WAITED_MS:
        signs.append(fact("sign.waited", waited_ms=lag_ms))
    if short > RATE_SHORT:
        signs.append(fact("sign.unsent", unsent=short))
    if fell_behind(measured):
        signs.append(fact("sign.throughput", throughput=measured.result.throughput))
    if signs:
        what = fact("overloaded", asked=_asked(load), signs=tuple(signs))
        yield Finding("overloaded", "caution", what, fact("lower-rate.or-longer"), lag_ms + short)


def _generator_short(measured: MeasuredLoad) -> bool:
    return _generator_late(measured) or out_of_sockets(measured)


def _generator_late(measured: MeasuredLoad) -> bool:
    return bool(moved_beyond(measured)) or _late_beyond(measured)


def _late_beyond(measured: MeasuredLoad) -> bool:
    """What is judged where the percentiles do not tell: in old results, and where much was not sent or not answered."""
    if measured.late is None or (measured.result.punctual and not _much_missing(measured)):
        return False
    late_ms, allowed_ms = p99_ms(measured.late), _lag_allowed_ms(measured)
    # Requests never left, and not because the generator was busy: the server took no more.
    held_up = _never_sent(measured) > RATE_SHORT and late_ms <= GROSSLY_LATE * allowed_ms
    return late_ms > allowed_ms and not held_up


def _much_missing(measured: MeasuredLoad) -> bool:
    return _never_sent(measured) > RATE_SHORT or measured.times.why_unknown(0.99) == "beyond-timeout"


def _lag_allowed_ms(measured: MeasuredLoad) -> float:
    median_ms, result = measured.response_ms(0.5), measured.result
    if median_ms is None and result.unanswered + result.failures.get("timeout", 0) > measured.response.count:
        # It is one that was awaited so long, and had no answer.
        median_ms = min(measured.window.timeout_s * 1e3, AWAITED_MS)
    return max(LAG_MS, LAG_SHARE * (median_ms or 0.0))


def _never_sent(measured: MeasuredLoad) -> float:
    """The share of the arrivals that were not sent, as far as it is told."""
    scheduled = measured.result.scheduled
    return max(1 - measured.lag.count / scheduled, 0.0) if scheduled and measured.lag else 0.0


def fell_behind(measured: MeasuredLoad) -> bool:
    """Whether more was without an end when the window closed than a server that keeps up has under way.

    Only at an even rate: a profile may end in its peak.
    """
    load, result, mean_ns = measured.load, measured.result, measured.response.mean_ns()
    if not isinstance(load, OpenLoad) or load.profile or mean_ns is None:
        return False
    answered = result.completed + result.failed
    if answered + STRAY * math.sqrt(answered) < LEAST_ANSWERED * result.scheduled:
        return True
    # Users who go through several steps make more requests than the rate of their coming.
    under_way = measured.windows * result.scheduled / result.window_s * mean_ns / 1e9
    return result.scheduled - answered > RATE_SHORT * result.scheduled + under_way + STRAY * math.sqrt(under_way)


def _asked(load: OpenLoad) -> Fact:
    if load.profile is None:
        return fact("asked.rate", rate=load.rate)
    profile = load.profile.what
    return profile if isinstance(load.profile, Replay) else fact("asked.arrivals", profile=profile)
