"""A trial with its histograms decoded once, and the figures that come from one trial alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from ..errors import StoreError
from ..model.histogram import Histogram
from ..model.trial import LoadFigures, Trial
from ..units import printable
from .statistics.percentiles import censored, quantile_ms, samples_needed_in_block


class MeasuredTrial:
    """A trial that has a result.

    Reading a histogram raises StoreError where it is damaged.

    Attributes:
        trial: the trial; `result`: its load result.
        server_cores: how many cores the server can keep busy.
        workers: how many worker processes it was told to run.
        own_core: the load generator was given a core apart from the servers'.
        changed: of the trial's conditions, those that were others in the stack's first trial after the pilot.
    """

    def __init__(
        self, trial: Trial, result: LoadFigures, server_cores: int = 1, workers: int = 1, *, own_core: bool = True
    ) -> None:
        self.trial = trial
        self.result = result
        self.server_cores = server_cores
        self.workers = workers
        self.own_core = own_core
        self.changed: tuple[str, ...] = ()

    @cached_property
    def late(self) -> Histogram | None:
        """Intended moment until the generator turned to it, of every arrival; None where it is not told."""
        return self._decoded("late", self.result.late) if self.result.late else None

    @cached_property
    def waited(self) -> Histogram | None:
        """The generator turned to it until a connection was free, of every request sent; None in old results."""
        return self._decoded("waited", self.result.waited) if self.result.waited else None

    @cached_property
    def lag(self) -> Histogram | None:
        """Intended moment to send, of every request sent; None where it is not told."""
        return self._decoded("lag", self.result.lag) if self.result.lag else None

    @cached_property
    def service(self) -> Histogram:
        """Send to last byte, of right answers; empty where it is not told."""
        return self._decoded("service", self.result.service)

    @cached_property
    def response(self) -> Histogram:
        """Intended moment to last byte, of right answers; empty where it is not told."""
        return self._decoded("response", self.result.response)

    @property
    def cpu_per_request_us(self) -> float | None:
        """Microseconds of server CPU for each right answer; None where not probed, or below what the clock resolves."""
        if self.trial.resources is None or not self.result.delivered or self.trial.resources.cpu_s <= 0:
            return None
        return self.trial.resources.cpu_s / self.result.delivered * 1e6

    @cached_property
    def took(self) -> Histogram:
        """Send to end under closed load, of every request of the window that was sent, right or wrong."""
        took = Histogram()
        took.merge(self.service)
        for kind, text in self.result.failed_response.items():
            # Those had not been sent.
            if kind != "connect":
                took.merge(self._decoded(f"failed {kind}", text))
        return took

    @property
    def rss_peak_bytes(self) -> int | None:
        """Highest resident memory; None where never sampled."""
        resources = self.trial.resources
        return resources.rss_peak_bytes if resources and resources.samples else None

    def response_ms(self, q: float) -> float | None:
        """A percentile of the response time as a block's value."""
        return quantile_ms(self.response, q, censored(self.result), samples_needed_in_block(q))

    def _decoded(self, name: str, text: str) -> Histogram:
        trial = self.trial
        of = f"the {trial.phase} trial of {printable(trial.stack)} in block {trial.block}"
        return decoded(text, f"the {name} histogram of {of}")


def decoded(text: str, what: str) -> Histogram:
    """Read a stored histogram, of nothing an empty one; `what` names it in an error.

    Raises:
        StoreError: it is damaged.
    """
    try:
        return Histogram.decode(text) if text else Histogram()
    except ValueError as error:
        raise StoreError(f"{what} is damaged: {error}", "restore the result or measure anew") from error


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
