"""One engine for all tests of this folder, and jobs for it."""

from collections.abc import Iterator
from typing import Protocol

import pytest

from tests.known import known
from webdyno.loadgen.generator import LoadGenerator
from webdyno.loadgen.job import LoadJob
from webdyno.model.load import ClosedLoad, Load, Window
from webdyno.model.trial import LoadFigures
from webdyno.model.workload import Expected, Request

from .server import BODY

EXPECTED = Expected(status=200, length=len(BODY), body=BODY)


def make_job(
    port: int,
    load: Load | None = None,
    *,
    seconds: float = 0.25,
    warmup: float = 0,
    timeout: float = 5,
    request: Request | None = None,
    expected: Expected = EXPECTED,
    host: str = "127.0.0.1",
    seed: int = 1,
) -> LoadJob:
    return LoadJob(
        host=host,
        port=port,
        request=request or Request(),
        expected=expected,
        load=load or ClosedLoad(connections=3),
        window=Window(warmup_s=warmup, duration_s=seconds, timeout_s=timeout),
        seed=seed,
    )


class Measure(Protocol):
    def __call__(self, job: LoadJob) -> LoadFigures: ...


@pytest.fixture(scope="session")
def generator() -> Iterator[LoadGenerator]:
    with LoadGenerator() as generator:
        yield generator


@pytest.fixture(scope="module")
def pair() -> Iterator[LoadGenerator]:
    with LoadGenerator(processes=2) as generator:
        yield generator


@pytest.fixture
def measure(generator: LoadGenerator) -> Measure:
    """Do a job, and see that every request has ended in one place."""

    def run(job: LoadJob) -> LoadFigures:
        result = generator.run(job)
        assert result.scheduled == result.ok + result.failed + result.dropped + known(result.unfinished)
        with_status = result.ok + result.failures.get("status", 0) + result.failures.get("body", 0)
        assert sum(known(result.statuses).values()) == with_status
        assert sum(second.ok for second in result.series) == result.completed
        return result

    return run
