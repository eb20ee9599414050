"""A real engine that runs out of descriptors or of local ports: each request ends once, and the analysis says why."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.known import known
from webdyno.loadgen.generator import LoadGenerator
from webdyno.model.load import ClosedLoad, OpenLoad
from webdyno.model.trial import LoadFigures

from .conftest import make_job
from .few_ports import PORTS
from .truth_run import run
from .truth_server import Plan

pytestmark = pytest.mark.timed

# 400/s that take 50 ms each need about twenty connections.
OPEN = OpenLoad(rate=400)
CLOSED = ClosedLoad(connections=20)
LOADS = pytest.mark.parametrize("load", [OPEN, CLOSED], ids=lambda load: load.kind)
ROOM = 6


@pytest.fixture
def confined() -> Iterator[LoadGenerator]:
    """A load generator that can have only a few descriptors more than it has at rest."""
    with LoadGenerator() as generator:
        # It raises its own limit when it starts, so it is put down only after a first job.
        run(generator, Plan(), lambda port: make_job(port, seconds=0.05))
        assert generator.pid
        highest = max(int(entry.name) for entry in Path(f"/proc/{generator.pid}/fd").iterdir())
        resource.prlimit(generator.pid, resource.RLIMIT_NOFILE, (highest + 1 + ROOM, highest + 1 + ROOM))
        yield generator


@LOADS
def test_a_generator_without_descriptors_says_so_and_counts_every_request_once(
    confined: LoadGenerator, load: OpenLoad | ClosedLoad
) -> None:
    # That every request ended in one place is asserted by `run`.
    seen = run(confined, Plan(delays_s=(0.05,)), lambda port: make_job(port, load, seconds=0.5))
    check(seen.result, seen.flags("invalid"), len(seen.log.came), "descriptors")


def test_what_ran_out_in_the_warm_up_is_not_the_windows(confined: LoadGenerator) -> None:
    seen = run(confined, Plan(delays_s=(0.05,)), lambda port: make_job(port, CLOSED, warmup=0.6, seconds=0.2))
    # Each is tried again after 50 ms: three times as often in the warm-up.
    assert 0 < known(known(seen.result.engine).descriptors_exhausted) < 2 * seen.result.failures["connect"]


@LOADS
def test_a_machine_without_local_ports_says_so_and_counts_every_request_once(load: OpenLoad | ClosedLoad) -> None:
    apart = ["unshare", "--map-root-user", "--net"]
    try:
        subprocess.run([*apart, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no network of its own for a test on this machine: {error}")
    command = [*apart, sys.executable, "-m", "tests.loadgen.few_ports", load.model_dump_json()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=Path(__file__).parents[2])
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    result = LoadFigures.model_validate_json(seen["result"])
    check(result, set(seen["flags"]), seen["came"], "ports")
    assert known(result.connects) < PORTS


def check(result: LoadFigures, flags: set[str], came: int, what: str) -> None:
    engine = known(result.engine)
    exhausted = {"ports": engine.ports_exhausted, "descriptors": engine.descriptors_exhausted}
    # The first connections of closed load are opened before the window is, whose use is counted.
    assert 0 < known(exhausted.pop(what)) <= result.failures["connect"]
    assert set(exhausted.values()) == {0}
    assert f"{what}-exhausted" in flags
    assert set(result.failures) == {"connect"}
    # Those that had a connection were served, and the server saw no other.
    assert result.ok > 0
    assert came == result.ok + known(result.unfinished)
