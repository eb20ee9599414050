"""The value of each metric: in one block, and of a stack over all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ...model.metric import Metric
from ...model.verdict import Estimate
from ..statistics.percentiles import Percentiles
from .analysis import BlockValues, StackSummary


class MetricValues(NamedTuple):
    """How a metric is read; None where there is none: requests per second, microseconds, milliseconds or bytes."""

    in_block: Callable[[BlockValues], float | None]
    of_stack: Callable[[StackSummary], float | None]


def _estimated(estimate: Estimate | None) -> float | None:
    return estimate.value if estimate else None


def _p50(times: Percentiles | None) -> float | None:
    return times.p50 if times else None


def _p99(times: Percentiles | None) -> float | None:
    return times.p99 if times else None


VALUES: dict[Metric, MetricValues] = {
    "throughput": MetricValues(lambda block: block.throughput, lambda stack: _estimated(stack.throughput)),
    "cpu_per_request": MetricValues(
        lambda block: block.cpu_per_request_us, lambda stack: _estimated(stack.cpu_per_request_us)
    ),
    "p50": MetricValues(lambda block: block.p50_ms, lambda stack: _p50(stack.response)),
    "p99": MetricValues(lambda block: block.p99_ms, lambda stack: _p99(stack.response)),
    "memory": MetricValues(lambda block: block.rss_bytes, lambda stack: stack.memory.rss_peak),
}
