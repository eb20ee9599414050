"""Does our engine see the throughput that wrk sees? Same stack, same core for the load, same core for the server.

Rounds alternate between the two on one running server; the median of the round ratios is printed.
"""

from __future__ import annotations

import statistics

from webdyno.errors import UsageError
from webdyno.lab.contract import learn_expected
from webdyno.loadgen.driver import Seat
from webdyno.loadgen.drivers.wrk import DRIVER
from webdyno.loadgen.generator import LoadGenerator
from webdyno.loadgen.job import LoadJob
from webdyno.model.load import ClosedLoad, Window
from webdyno.model.notation import parse_notation
from webdyno.model.workload import HELLO
from webdyno.probes.cpu_plan import plan_cpus
from webdyno.processes.guard import guarding
from webdyno.serving.launcher import launch
from webdyno.stacks.app_settings import AppSettings
from webdyno.stacks.prepare import prepare

STACKS = ("bare-asgi@uvicorn", "fastapi@granian")
ROUNDS = 9
SECONDS = 2
CONNECTIONS = 32


def main() -> None:
    """Print one line for each stack."""
    try:
        DRIVER.version()
    except UsageError as error:
        print(error.message, error.remedy, sep="; ")
        return
    print(f"closed, {CONNECTIONS} connections, {ROUNDS} alternating rounds of {SECONDS} s")
    for notation in STACKS:
        ours, theirs = measure(notation)
        ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
        print(
            f"{notation:20} webdyno {statistics.median(ours):9,.0f}/s   wrk {statistics.median(theirs):9,.0f}/s"
            f"   ratio {ratio:.3f}"
        )


def measure(notation: str) -> tuple[list[float], list[float]]:
    """Requests per second seen by our engine and by wrk, round by round."""
    cpus = plan_cpus(1)
    record = prepare(parse_notation(notation), AppSettings())
    ours, theirs = [], []
    with (
        guarding(print),
        LoadGenerator(cpus=cpus.load) as generator,
        DRIVER.generator(Seat(cpus.load)) as wrk,
        launch(record, cpus=cpus.server) as server,
    ):
        generator.start()
        expected = learn_expected(HELLO, [server.wait_ready(HELLO.request)])
        job = LoadJob(
            host=server.host,
            port=server.port,
            request=HELLO.request,
            expected=expected,
            load=ClosedLoad(connections=CONNECTIONS),
            window=Window(warmup_s=0.3, duration_s=SECONDS),
        )
        for _ in range(ROUNDS):
            ours.append(generator.run(job).throughput)
            theirs.append(wrk.run(job).throughput)
    return ours, theirs
