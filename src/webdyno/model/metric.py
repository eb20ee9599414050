"""Metric: what stacks are compared in."""

from __future__ import annotations

from typing import Literal, NamedTuple

Metric = Literal["throughput", "p50", "p99", "cpu_per_request", "memory"]


class MetricEntry(NamedTuple):
    """What there is to know of a metric; its noun is the text `metric.NAME`.

    Attributes:
        unit: in which it is shown.
        divisor: by which its value is divided to be shown in that unit.
        more_is_better: False where less is.
        in_duet: whether it can be compared while both stacks run at once: what a stack costs whoever runs beside it;
            all else depends on how much of the cores the other one leaves.
        of_processes: it is read from the server's processes, which are not seen everywhere.
    """

    unit: str
    divisor: float = 1
    more_is_better: bool = False
    in_duet: bool = False
    of_processes: bool = False


METRICS: dict[Metric, MetricEntry] = {
    "throughput": MetricEntry("requests/s", more_is_better=True),
    "cpu_per_request": MetricEntry("us", in_duet=True, of_processes=True),
    "p50": MetricEntry("ms"),
    "p99": MetricEntry("ms"),
    "memory": MetricEntry("MB", divisor=1e6, in_duet=True, of_processes=True),
}
DUET_METRICS: tuple[Metric, ...] = tuple(name for name, entry in METRICS.items() if entry.in_duet)
