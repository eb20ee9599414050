"""Metric: what stacks are compared in."""

from __future__ import annotations

from typing import Literal

Metric = Literal["throughput", "p50", "p99", "cpu_per_request", "memory"]
# What a stack costs whoever runs beside it; all else depends on how much of the cores the other one leaves.
DUET_METRICS: tuple[Metric, ...] = ("cpu_per_request", "memory")
