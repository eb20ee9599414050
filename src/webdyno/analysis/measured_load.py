"""A load as carried out, its histograms decoded once: what is judged, be it a trial of a stack or a load by itself."""

from __future__ import annotations

from functools import cached_property

from ..errors import StoreError
from ..model.histogram import Histogram
from ..model.load import Load, Window
from ..model.trial import LoadFigures, SystemUse
from .statistics.percentiles import Times, censored, quantile_ms, samples_needed, samples_needed_in_block
from .statistics.read_delay import without_read_delay


class MeasuredLoad:
    """What was asked of a server, and what came of it.

    Reading a histogram raises StoreError where it is damaged.

    Attributes:
        samples_needed: how many samples a percentile needs to be used.
        load, window: what was asked for.
        result: what the load tool counted and timed.
        system: the machine during the window; None where it was not read.
        own_core: the load generator was given a core apart from the servers'.
        windows: in how many windows that was.
    """

    samples_needed = staticmethod(samples_needed)

    def __init__(
        self,
        load: Load,
        window: Window,
        result: LoadFigures,
        system: SystemUse | None,
        *,
        named: str = "the load",
        own_core: bool = True,
        windows: int = 1,
    ) -> None:
        self.windows = windows
        self.load = load
        self.window = window
        self.result = result
        self.system = system
        self.own_core = own_core
        self._named = named

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

    @cached_property
    def punctual(self) -> Histogram:
        """The generator turned to it until the last byte, of right answers; empty where it is not told."""
        return self._decoded("punctual", self.result.punctual)

    @cached_property
    def undelayed(self) -> Histogram:
        """As `punctual`, and without the time by which answers were read late, which is estimated; empty as well."""
        return without_read_delay(self.punctual, self.late or Histogram())

    @property
    def times(self) -> Times:
        """Those that are reported: response times under open, service times under closed load."""
        kind = self.load.reports
        answered = self.response if kind == "response time" else self.service
        return Times(kind, answered, censored(kind, self.result))

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

    def response_ms(self, q: float) -> float | None:
        """A percentile of the response time as a block's value."""
        return quantile_ms(self.response, q, censored("response time", self.result), samples_needed_in_block(q))

    def _decoded(self, name: str, text: str) -> Histogram:
        return decoded(text, f"the {name} histogram of {self._named}")


def decoded(text: str, what: str) -> Histogram:
    """Read a stored histogram, of nothing an empty one; `what` names it in an error.

    Raises:
        StoreError: it is damaged.
    """
    try:
        return Histogram.decode(text) if text else Histogram()
    except ValueError as error:
        raise StoreError(f"{what} is damaged: {error}", "restore the result or measure anew") from error
