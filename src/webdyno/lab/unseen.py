"""What cannot be asked of servers that already run: webdyno sees less of them than of those that it starts."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import UsageError
from ..model.metric import METRICS, Metric
from ..model.stack import Stack
from ..model.workload import Workload


def seen_metrics(stacks: Sequence[Stack], metrics: Sequence[Metric]) -> tuple[Metric, ...]:
    """Those of the metrics that can be measured of every stack."""
    every = all(stack.is_seen for stack in stacks)
    return tuple(metric for metric in metrics if every or not METRICS[metric].of_processes)


def refuse_unseen(stacks: Sequence[Stack], metrics: Sequence[Metric]) -> None:
    """Refuse metrics that cannot be measured of a stack.

    Args:
        stacks: all of a question.
        metrics: those that are asked for by name.

    Raises:
        UsageError: with what to do.
    """
    unseen = next((stack for stack in stacks if not stack.is_seen), None)
    if unseen and (others := [metric for metric in metrics if METRICS[metric].of_processes]):
        raise UsageError(
            f"{unseen} has no {' and no '.join(others)}: its processes are not known",
            f"name the root of its process tree, as in {unseen},pid=4711, or leave that metric out",
        )


def refuse_untold(stacks: Sequence[Stack], workload: Workload) -> None:
    """Refuse a workload of which a server that already runs would have to be told something.

    Raises:
        UsageError: with what to do.
    """
    running = next((stack for stack in stacks if stack.url is not None), None)
    if running and workload.needs:
        raise UsageError(
            f"the workload {workload.name} needs {workload.needs[0].name}, of which {running} cannot be told",
            "leave out --workload, or name stacks that webdyno starts",
        )
