"""What a server may do before it is measured."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.serving.launch_servers import kill_all_in, record
from webdyno.errors import ContractBroken
from webdyno.lab.fresh_start import Bench, FreshStart, Turn
from webdyno.loadgen.drivers.own import DRIVER
from webdyno.loadgen.generator import LoadGenerator
from webdyno.model.run import CpuPlan
from webdyno.model.workload import Workload

UNPINNED = CpuPlan(server=(0,), load=(0,), apart=False, pinned=False)
# Answers 503 so many times.
STARTING = """
left = {times}
for connection, request in each_connection():
    status = "503 Service Unavailable" if left > 0 else "200 OK"
    left -= 1
    connection.sendall(f"HTTP/1.1 {{status}}\\r\\nContent-Length: 0\\r\\n\\r\\n".encode())
    connection.close()
"""


@pytest.fixture(autouse=True)
def no_leftovers(tmp_path: Path) -> Iterator[None]:
    yield
    kill_all_in(tmp_path)


def start(folder: Path, times: int, within_s: float, status: int | None = None) -> FreshStart:
    bench = Bench(Workload(name="GET /", status=status), UNPINNED, seed=1, start_timeout_s=within_s, driver=DRIVER)
    started = FreshStart(bench, record(folder, STARTING.format(times=times)), Turn(0, 0))
    with LoadGenerator() as generator, started.running(generator):
        return started


@pytest.mark.parametrize("times", [0, 1, 10])
def test_a_server_that_says_503_until_it_is_through_with_its_start_is_waited_for(tmp_path: Path, times: int) -> None:
    started = start(tmp_path, times, 20)
    assert started.expected and started.expected.status == 200
    assert started.startup_s is not None


def test_a_server_that_never_stops_saying_503_is_another_service(tmp_path: Path) -> None:
    with pytest.raises(ContractBroken, match="status 503, where any 2xx is expected"):
        start(tmp_path, 10**9, 0.5)


@pytest.mark.parametrize(("times", "broken"), [(3, False), (1, True)])
def test_503_is_right_where_it_is_what_was_asked_for(tmp_path: Path, times: int, broken: bool) -> None:
    with pytest.raises(ContractBroken, match="status 200, where 503 is expected") if broken else nullcontext():
        start(tmp_path, times, 20, status=503)
