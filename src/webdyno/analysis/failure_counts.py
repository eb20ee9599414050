"""What went wrong: counts over trials, and the most frequent cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ..model.base import Figure
from ..model.fact import Fact, fact
from ..model.trial import FailureKind, FailureSample, LoadFigures

MOST_SAMPLES = 6


class ErrorCounts(Figure):
    """What went wrong, summed over trials (valid or not).

    Attributes:
        requests: all that were due: right, failed, dropped or unanswered.
        failures: by kind.
        dropped: arrivals given up by the bounded queue.
        unfinished: requests without an answer when the trial ended, although they were awaited; None where no trial
            tells.
        reconnects: connections that replaced one that the server had closed; None where no trial tells.
        statuses: answers by HTTP status, as far as trials tell.
        samples: a few failures as seen.
    """

    requests: int
    failures: dict[FailureKind, int]
    dropped: int
    unfinished: int | None
    reconnects: int | None
    statuses: dict[int, int]
    samples: tuple[FailureSample, ...]

    @property
    def failed(self) -> int:
        """All failed, dropped and unanswered requests, under both loads."""
        return sum(self.failures.values()) + self.dropped + (self.unfinished or 0)

    @property
    def rate(self) -> float:
        """Share of failed, dropped and unanswered requests, 0-1."""
        return self.failed / self.requests if self.requests else 0.0

    @property
    def by_cause(self) -> Counter[str]:
        """Requests that failed or were dropped. Those without an answer at the end are no wrong ones."""
        found = Counter[str]()
        found.update(self.failures)
        found["dropped"] = self.dropped
        return found

    @property
    def wrong(self) -> int:
        """All of these."""
        return self.by_cause.total()

    @property
    def reconnecting(self) -> float:
        """Share of the requests that needed a new connection, 0-1."""
        return min((self.reconnects or 0) / max(self.requests, 1), 1.0)


def count_errors(results: Iterable[LoadFigures]) -> ErrorCounts:
    """Sum what went wrong over trials."""
    requests = dropped = 0
    unfinished: int | None = None
    reconnects: int | None = None
    failures: Counter[FailureKind] = Counter()
    statuses: Counter[int] = Counter()
    samples: list[FailureSample] = []
    for result in results:
        requests += result.attempts + result.unanswered
        dropped += result.dropped
        unfinished = _added(unfinished, result.unfinished)
        reconnects = _added(reconnects, result.reconnects)
        failures.update(result.failures)
        statuses.update(result.statuses or {})
        samples += [sample for sample in result.failure_samples if sample not in samples]
    return ErrorCounts(
        requests=requests,
        failures=dict(failures),
        dropped=dropped,
        unfinished=unfinished,
        reconnects=reconnects,
        statuses=dict(statuses),
        samples=tuple(samples[:MOST_SAMPLES]),
    )


def _added(total: int | None, more: int | None) -> int | None:
    """The sum of what is known; None where nothing is."""
    return total if more is None else (total or 0) + more


def main_cause(errors: ErrorCounts, expected_status: int | None) -> Fact:
    """The most frequent kind of failure, such as `status 500`; of no status where several may be right."""
    wrong = Counter({status: count for status, count in errors.statuses.items() if status != expected_status})
    cause, count = errors.by_cause.most_common(1)[0]
    if not count:
        return fact("cause.none")
    if cause == "status" and wrong and expected_status:
        return fact("cause.status-code", status=wrong.most_common(1)[0][0])
    return fact(f"cause.{cause}")
