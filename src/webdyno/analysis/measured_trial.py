"""A trial that has a result, and the figures that come from one trial alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..model.trial import LoadFigures, Trial
from ..units import printable
from .measured_load import MeasuredLoad
from .statistics.percentiles import samples_needed_in_block


class MeasuredTrial(MeasuredLoad):
    """The load of a trial, and what is known of the stack that it was put on.

    Attributes:
        trial: the trial.
        server_cores: how many cores the server can keep busy.
        workers: how many worker processes it was told to run.
        changed: of the trial's conditions, those that were others in the stack's first trial after the pilot.
    """

    samples_needed = staticmethod(samples_needed_in_block)

    def __init__(
        self, trial: Trial, result: LoadFigures, server_cores: int = 1, workers: int = 1, *, own_core: bool = True
    ) -> None:
        system = trial.resources.system if trial.resources else trial.system
        named = f"the {trial.phase} trial of {printable(trial.stack)} in block {trial.block}"
        windows = max(len(trial.windows), 1)
        super().__init__(trial.load, trial.window, result, system, named=named, own_core=own_core, windows=windows)
        self.trial = trial
        self.server_cores = server_cores
        self.workers = workers
        self.changed: tuple[str, ...] = ()

    @property
    def cpu_per_request_us(self) -> float | None:
        """Microseconds of server CPU for each right answer; None where not probed, or below what the clock resolves."""
        if self.trial.resources is None or not self.result.delivered or self.trial.resources.cpu_s <= 0:
            return None
        return self.trial.resources.cpu_s / self.result.delivered * 1e6

    @property
    def rss_peak_bytes(self) -> int | None:
        """Highest resident memory; None where never sampled."""
        resources = self.trial.resources
        return resources.rss_peak_bytes if resources and resources.samples else None


def with_results(
    trials: Iterable[Trial], server_cores: int = 1, workers: int = 1, *, own_core: bool = True
) -> Iterator[MeasuredTrial]:
    """The trials of one stack that have a result, in the order measured."""
    first: dict[str, str] = {}
    for trial in trials:
        if trial.result is not None:
            one = MeasuredTrial(trial, trial.result, server_cores, workers, own_core=own_core)
            # The pilot is in no figure, so it may have been otherwise.
            first = first or (trial.conditions if trial.block else {})
            one.changed = tuple(what for what, seen in trial.conditions.items() if first.get(what, seen) != seen)
            yield one
