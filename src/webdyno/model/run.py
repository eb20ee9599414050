"""Run: one experiment as planned, as carried out, and as stored."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, model_validator

from .base import Value
from .dependency_record import DependencyRecord
from .floor import MarginFloor
from .load import ClosedLoad, OpenLoad, Window
from .metric import Metric
from .note import Note
from .stack import Stack
from .trial import Trial
from .workload import Expected, Workload

SCHEMA = 1
MOST_TRIALS = 100_000
Interface = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
"""What a server and an app speak with each other: `wsgi`, `asgi`, or the name of a framework with its own server."""


def interface_name(interface: Interface) -> str:
    """The interface as people write it."""
    return interface.upper() if interface in ("wsgi", "asgi") else interface


class HostFacts(Value):
    """The machine. None means: could not be read.

    Attributes:
        cpu_model, architecture, kernel, system, virtualisation, governor: names as the system gives them.
        cores: logical CPUs that this process may use; `cores_total`: those of the machine.
        memory_bytes: installed memory.
        python: version of the interpreter that runs webdyno; `webdyno`: our version.
    """

    cpu_model: str | None
    architecture: str
    cores: int
    cores_total: int
    memory_bytes: int
    kernel: str
    system: str | None
    virtualisation: str | None
    governor: str | None
    python: str
    webdyno: str


class CpuPlan(Value):
    """Which CPUs serve and which load.

    Attributes:
        server, load: CPU numbers; the same set where the machine has one core.
        apart: True where the two sets share no CPU.
        pinned: False where the platform cannot bind processes to CPUs.
    """

    server: tuple[int, ...]
    load: tuple[int, ...]
    apart: bool
    pinned: bool


class StackRecord(Value):
    """A stack as it really ran.

    Attributes:
        stack: what was asked for; `notation`: its canonical text, the key that trials use.
        interface: what the app is, `http` where no more is known of it than that it answers; `served_as`: what its
            server speaks with it, after a wrapper.
        argv: the command line, with `{port}` in place of the port; empty for a server that already ran.
        env: environment variables that we set or that the user gave; the rest is a short cleaned list.
        cwd: working directory.
        python: version of its interpreter.
        packages: exact versions in its environment, name to version.
        locked: True where every package came from the hash-checked lock file.
        expected: what its responses are held against; None where it never answered.
        notes: what sets it apart from other stacks, and how it was set up; shown beside its result.
        parts: names of what was added to a reference app by `with=`, in this order.
        address: host and port at which a server was found that already ran; empty for what webdyno starts.
        sources: a digest of each Python file of the app itself, by its path from the working directory; empty where
            they are not known.
    """

    stack: Stack
    notation: str
    interface: Interface
    served_as: Interface
    argv: tuple[str, ...]
    env: dict[str, str]
    cwd: str
    python: str
    packages: dict[str, str]
    locked: bool
    expected: Expected | None = None
    notes: tuple[Note, ...] = ()
    parts: tuple[str, ...] = ()
    address: str = ""
    sources: dict[str, str] = Field(default_factory=dict)


class AppPlan(Value):
    """Where the user's own apps were looked for, and what they were given.

    Attributes:
        cwd: the working directory of the command.
        app_dirs: folders to import from; relative ones lie there.
        python: the interpreter that was asked for; None where it was found.
        env: variables; a secret is masked.
        start_timeout_s: seconds within which an app must be imported, and have answered.
    """

    cwd: str
    app_dirs: tuple[str, ...] = ()
    python: str | None = None
    env: dict[str, str] = Field(default_factory=dict)
    start_timeout_s: float


DESIGN_NAMES = ("alternating", "in-turn", "duet")
"""The designs whose results can be told."""


class Experiment(Value):
    """The plan: what is asked.

    Attributes:
        stacks: canonical notations, the first one is the baseline of every ratio.
        workload: which request.
        saturation: the closed load; `rate`: the open load, None until the pilot has set it, or where not measured.
        window: warm-up of each trial, and how long it measures.
        blocks: how many blocks; None until the pilot has told how many fit into `max_time_s`, or with a `precision`
            or `looks` until the end.
        precision: half of the 95 % interval, relative (0.03 for 3 %), that ends the blocks once every asked ratio has
            it; None where their number is planned.
        quick: it was to end once the order of all stacks is known, asked after `looks`, the last of which time allows.
        looks: numbers of blocks after which it was asked whether enough is known, in a run that goes on up to
            `max_time_s` unless it is; it ended at such a look where `blocks` is among them. In a run with continuations
            also those after which its result was told. None where nobody looks.
        of_gate: it is one of the runs of a gate.
        metrics: those that get verdicts; empty: all.
        design: how the stacks share the time: `alternating`, where all run and are loaded in many short windows one
            after the other, `in-turn`, where each has one window for itself, or `duet`, where both run at the same
            time on the same cores and only what a request costs is compared.
        driver: the load tool, as `--driver` takes it.
        probes: those that were asked for by name.
        max_time_s: seconds from the pilot's start to the end, but for the two blocks that are measured in any case.
        seed: of block order, PYTHONHASHSEED and arrivals.
        baseline: notation of the stack that the others are compared with.
        apps: what the user's own apps need; None where an older webdyno did not keep it.
        unkept: options with a secret in them, which is masked here: `env`, `headers`, `path`, `body`, `expect_body`,
            `expect_json`.
    """

    stacks: tuple[str, ...]
    workload: Workload
    saturation: ClosedLoad = ClosedLoad()
    rate: OpenLoad | None = None
    window: Window = Window()
    blocks: int | None = None
    precision: float | None = None
    quick: bool = False
    looks: tuple[int, ...] | None = None
    of_gate: bool = False
    metrics: tuple[Metric, ...] = ()
    design: str = "in-turn"
    driver: str = "own"
    probes: tuple[str, ...] = ()
    max_time_s: float = 150.0
    seed: int = 0
    baseline: str
    apps: AppPlan | None = None
    unkept: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _name_design(cls, given: object) -> object:
        # Before there were designs, a run said whether it was a duet.
        if isinstance(given, dict) and "duet" in given:
            given = dict(given)
            given["design"] = "duet" if given.pop("duet") else "in-turn"
        return given

    @property
    def duet(self) -> bool:
        """Whether both stacks ran at the same time."""
        return self.design == "duet"

    @property
    def primary_metrics(self) -> tuple[Metric, ...]:
        """What the run is about: the asked metrics, throughput where none is."""
        return self.metrics or ("throughput",)

    @property
    def main_metric(self) -> Metric:
        """The first of them."""
        return self.primary_metrics[0]


RunState = Literal["running", "complete", "interrupted", "failed"]


class Continuation(Value):
    """Blocks that were added to a run which had ended.

    Attributes:
        started: UTC.
        after: how many blocks the run had before.
        python, webdyno: versions of the interpreter that ran webdyno, and of webdyno.
        differences: what was otherwise than when the run began, and may shift the figures of all its stacks alike.
    """

    started: datetime
    after: Annotated[int, Field(ge=1)]
    python: str
    webdyno: str
    differences: tuple[Note, ...] = ()


class Run(Value):
    """One experiment as carried out: the document that is stored and exchanged.

    Attributes:
        schema_number: version of this format, written as `schema`.
        document: tells it from documents of other kinds.
        id: sortable and unique, from the start time.
        state: `running` until it ended.
        started, finished: UTC; finished is None while running, and where it was killed.
        setup_s: seconds spent on environments before the pilot.
        measured_s: seconds from the pilot's start to the end.
        experiment: the plan.
        host: the machine.
        cpus: which CPUs served and which loaded.
        floor: the smallest differences that this machine can show; None where `webdyno doctor` had not been asked.
        stacks: one record for each stack that could be set up.
        dependencies: what ran beside them, as the workload needs it.
        continuations: when blocks were added later.
        trials: in the order measured, those of a continuation's pilot beside the first one where the run was stored.
        notes: on the whole run, such as why it ended early or what could not be measured.
    """

    schema_number: Annotated[int, Field(alias="schema")] = SCHEMA
    document: Literal["comparison"] = "comparison"
    id: str
    state: RunState
    started: datetime
    finished: datetime | None = None
    setup_s: float = 0.0
    measured_s: float = 0.0
    experiment: Experiment
    host: HostFacts
    cpus: CpuPlan
    floor: MarginFloor | None = None
    stacks: tuple[StackRecord, ...] = ()
    dependencies: tuple[DependencyRecord, ...] = ()
    continuations: tuple[Continuation, ...] = ()
    trials: Annotated[tuple[Trial, ...], Field(max_length=MOST_TRIALS)] = ()
    notes: tuple[Note, ...] = ()

    @property
    def launches(self) -> Literal["all", "some", "none"]:
        """Of its stacks, how many webdyno starts afresh in each block; the others already run."""
        found = [record.stack.url is not None for record in self.stacks]
        return "none" if found and all(found) else "some" if any(found) else "all"

    @property
    def blocks_begun(self) -> int:
        """How many blocks have a trial, valid or not; the pilot is none."""
        return len({trial.block for trial in self.trials if trial.block})

    @property
    def rules_not_kept(self) -> bool:
        """Whether others say when it is decided: a gate, or whoever gave `decided` to `webdyno.compare`."""
        plan = self.experiment
        return plan.of_gate or (plan.looks is not None and not (plan.quick or self.continuations))

    @property
    def takes_blocks(self) -> bool:
        """Whether blocks can be added: it has ended, what its apps need is kept, and it is judged by its own rules."""
        kept = self.experiment.apps is not None and not self.rules_not_kept
        return self.state != "running" and self.blocks_begun > 0 and kept
