"""Which kind of serving a stack needs. The one place that knows all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager

from ..model.run import StackRecord
from .launcher import launch
from .running_server import running
from .served import Served


def serve(
    record: StackRecord, *, cpus: Sequence[int] | None, extra_env: Mapping[str, str]
) -> AbstractContextManager[Served]:
    """Have a stack served for as long as the context lasts.

    Args:
        record: the stack.
        cpus: those that its processes may use, where webdyno starts them; None for all.
        extra_env: variables on top of its own, where webdyno starts it.

    Raises:
        UsageError, MeasurementError: it cannot be served.
    """
    if record.stack.url is not None:
        return running(record)
    return launch(record, cpus=cpus, extra_env=extra_env)
