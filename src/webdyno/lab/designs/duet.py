"""Two stacks at the same time on the same cores: what disturbs the one disturbs the other as well."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...errors import UsageError
from ...model.metric import DUET_METRICS
from ..stage import Stage
from .design import Asked, Design, Plan


class Duet(Design):
    """The two take the cores from each other, so that only what a request costs is its stack's own."""

    name = "duet"
    metrics = DUET_METRICS
    judged = ("cpu_per_request",)
    least_stacks = 2
    at_once = 2

    def check(self, asked: Asked) -> None:
        """Refuse more or fewer than two stacks, and what only a stack alone on its cores can tell.

        Raises:
            UsageError: with what to leave out.
        """
        if asked.stacks != 2:
            raise UsageError(f"--duet is for two stacks, and not for {asked.stacks}", "name two")
        if asked.running:
            raise UsageError(
                "--duet puts both stacks on the same cores, and webdyno does not move a server that already runs",
                "leave out --duet; or name stacks that webdyno starts",
            )
        others = [metric for metric in asked.metrics if metric not in self.metrics]
        if others:
            raise UsageError(
                f"--duet tells nothing of {' and '.join(others)}",
                f"leave out --duet, or ask for {' or '.join(self.metrics)}",
            )
        if asked.rate:
            raise UsageError("--duet tells no response times at a --rate", "leave out one of them")
        for need in asked.workload.needs:
            if need.calls:
                raise UsageError(
                    f"--duet cannot tell whose calls of the {need.name} are whose, which the workload "
                    f"{asked.workload.name} holds against the stacks",
                    "leave out --duet, or take another --workload",
                )

    def groups(self, order: Sequence[str], fit: Callable[[Sequence[str]], bool]) -> list[Sequence[str]]:
        """Both."""
        return [order]

    def planned(self, plan: Plan) -> Sequence[Stage]:
        """One closed load on both."""
        return [Stage("duet", plan.saturation, plan.window)]
