"""Loads with known truth, without measuring anything."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from webdyno.model.histogram import Histogram
from webdyno.model.load import ClosedLoad, Load, OpenLoad, Window
from webdyno.model.load_run import LoadRun
from webdyno.model.trial import EngineUse, FailureKind, FailureSample, LoadFigures, Second, SystemUse

STARTED = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
WINDOW = Window(warmup_s=1, duration_s=10)
QUIET = EngineUse(cpu_s=2.0, loop_gap_max_s=0.001)


def load_run(
    times_ns: npt.ArrayLike,
    *,
    load: Load = ClosedLoad(connections=32),  # noqa: B008 - immutable
    failures: Mapping[FailureKind, int] | None = None,
    statuses: Mapping[int, int] | None = None,
    samples: tuple[FailureSample, ...] = (),
    dropped: int = 0,
    late_ns: npt.ArrayLike = (),
    engine: EngineUse = QUIET,
    steal_percent: float = 0.0,
    url: str = "http://127.0.0.1:8000/",
) -> LoadRun:
    """A load of ten seconds whose right answers took these times."""
    times = np.asarray(times_ns)
    ok, failed = len(times), sum((failures or {}).values())
    on_time = np.asarray(late_ns) if np.size(late_ns) else np.zeros(ok)
    return LoadRun(
        url=url,
        address="127.0.0.1:8000",
        started=STARTED,
        method="GET",
        headers=(),
        body_bytes=0,
        expected_status=200,
        body_checked=False,
        load=load,
        window=WINDOW,
        seed=7,
        webdyno="0.1.0",
        system=SystemUse(
            cpu_percent=40.0, steal_percent=steal_percent, memory_used_bytes=2**30, memory_available_bytes=2**31
        ),
        result=LoadFigures(
            window_s=10.0,
            scheduled=ok + failed + dropped,
            ok=ok,
            completed=ok,
            ok_in_window=None if isinstance(load, OpenLoad) else float(ok),
            timed_out_mean=0.0,
            in_flight_mean=float(times.sum()) / 1e10,
            failures=dict(failures or {}),
            dropped=dropped,
            statuses={200: ok, **(statuses or {})},
            connects=32,
            reconnects=0,
            unfinished=0,
            cut_s=0.0,
            bytes_in=100 * ok,
            late=_encoded(on_time),
            lag=_encoded(on_time),
            service=_encoded(times),
            response=_encoded(times),
            series=tuple(Second(ok=ok // 10, failed=0, p50_us=500.0, p99_us=900.0 + at) for at in range(10)),
            failure_samples=samples,
            engine=engine,
        ),
    )


def _encoded(times_ns: npt.NDArray[np.float64]) -> str:
    histogram = Histogram()
    histogram.record(times_ns)
    return histogram.encode()
