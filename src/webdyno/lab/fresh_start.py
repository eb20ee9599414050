"""A fresh start of one stack: launched, its answers checked, stopped at the end."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus

from ..dependencies.dependency_set import DependencySet
from ..errors import ContractBroken, MeasurementError
from ..loadgen.driver import Driver, Generator, Seat
from ..model.note import Note
from ..model.run import CpuPlan, StackRecord
from ..model.trial import Trial
from ..model.workload import Expected, Workload
from ..probes.probe import Probe
from ..serving.launch_request import Answer
from ..serving.serve import serve
from ..serving.served import Served
from ..texts.failure import notes_of
from .contract import learn_expected
from .echo import try_echo
from .plan import hash_seed
from .stage import Stage

FIRST_ANSWERS = 3
_STEP_S = 0.05


@dataclass(frozen=True)
class Bench:
    """What stays the same from one fresh start to the next.

    Attributes:
        workload: the request and what must come back.
        cpus: which CPUs serve and which load.
        seed: of the run.
        start_timeout_s: seconds within which a server must have answered after its start.
        driver: the load tool.
        probes: those of other packages that watch each trial, by name.
        beside: what the workload needs beside the stacks.
    """

    workload: Workload
    cpus: CpuPlan
    seed: int
    start_timeout_s: float
    driver: Driver
    probes: Mapping[str, Probe] = field(default_factory=dict)
    beside: DependencySet = field(default_factory=DependencySet)

    @property
    def spin(self) -> bool:
        """The load generator has a CPU of its own, on which it may spin."""
        return self.cpus.apart and self.beside.apart

    def load_generator(self, processes: int) -> Generator:
        """One that runs where the plan has it, with a process for each stack that is loaded at the same time."""
        cpus = self.cpus.load if self.cpus.pinned else None
        return self.driver.generator(Seat(cpus, self.spin and processes == 1, processes))


@dataclass(frozen=True)
class Turn:
    """Where in the experiment a fresh start stands.

    Attributes:
        block: 0 for the pilot.
        position: in the block's random order.
    """

    block: int
    position: int


class FreshStart:
    """One stack from its launch on, and what is known of it so far.

    Attributes:
        bench, record, turn: what is started, and where in the experiment.
        workload: as this stack's kind of app is asked to do it.
        startup_s: seconds from process start to the first right answer; None before.
        expected: what its answers are held against; None before they are known.
    """

    def __init__(self, bench: Bench, record: StackRecord, turn: Turn) -> None:
        self.bench = bench
        self.record = record
        self.turn = turn
        self.workload = bench.workload.of(record.interface, record.stack.option("handler"))
        self.startup_s: float | None = None
        self.expected: Expected | None = None

    @contextmanager
    def running(self, generator: Generator) -> Iterator[Served]:
        """Have it served; inside, it has answered as it must.

        Raises:
            MeasurementError: it does not start, or answers otherwise.
        """
        bench, record, turn = self.bench, self.record, self.turn
        deadline_s = bench.start_timeout_s
        env = bench.beside.env | {"PYTHONHASHSEED": str(hash_seed(record.notation, turn.block, bench.seed))}
        with serve(record, cpus=bench.cpus.server if bench.cpus.pinned else None, extra_env=env) as server:
            first = self._first_answer(server, deadline_s)
            self.startup_s = first.startup_s if server.fresh else None
            try:
                self.expected = self._learn(first, server, generator, deadline_s)
            except ContractBroken as broken:
                # Terminals show the end of it only.
                broken.details = (*server.output_tail(), *broken.details)
                raise
            yield server

    def _first_answer(self, server: Served, deadline_s: float) -> Answer:
        """The first answer of a server that is through with its start: before, many say 503 to be asked again."""
        deadline = time.monotonic() + deadline_s
        while True:
            answer = server.wait_ready(self.workload.readiness, deadline_s)
            waited_for = answer.status == HTTPStatus.SERVICE_UNAVAILABLE != self.workload.status
            if not (server.fresh and waited_for) or self.workload.request.websocket or time.monotonic() > deadline:
                return answer
            time.sleep(_STEP_S)

    def _learn(self, first: Answer, server: Served, generator: Generator, deadline_s: float) -> Expected:
        workload = self.workload
        if workload.request.websocket:
            return try_echo(generator, workload, server.address, times=FIRST_ANSWERS, within_s=deadline_s)
        answers = [first] + [server.wait_ready(workload.request, deadline_s) for _ in range(FIRST_ANSWERS - 1)]
        return learn_expected(workload, answers, self.record.expected)

    def failed(self, stage: Stage, error: MeasurementError) -> Trial:
        """The trial that this start did not get through."""
        why, remedy = notes_of(error)
        return self.without_result(stage, why, remedy, error.details)

    def without_result(self, stage: Stage, why: Note, remedy: Note | None, output: tuple[str, ...] = ()) -> Trial:
        """A trial with nothing measured."""
        return Trial(
            block=self.turn.block,
            position=self.turn.position,
            stack=self.record.notation,
            phase=stage.phase,
            started=datetime.now(UTC),
            load=stage.load,
            window=stage.window,
            startup_s=self.startup_s,
            failure=why,
            remedy=remedy,
            server_output=output,
        )
