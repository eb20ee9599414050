"""The options of every question, each declared once for all who ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal, TypedDict, get_args

from ..model.metric import Metric
from .kinds import (
    Body,
    Choice,
    File,
    Flag,
    Folders,
    Headers,
    JsonValues,
    Number,
    Scalar,
    Seconds,
    SecretText,
    Share,
    StorePlace,
    Text,
    Texts,
    Variables,
)
from .option import Option

DEFAULT_STORE = ".webdyno/results.db"
Arrivals = Literal["constant", "poisson"]
PathLike = str | Path

# More would be long to read in the help.
MOST_SEED = 2**32 - 1
_SECONDS_OF_WINDOW = Seconds("give 0.05s to 1h", 0.05, 3600)
_SECONDS_OF_WARMUP = Seconds("give 0s to 1h", 0, 3600)
_SECONDS_TO_WAIT = Seconds("give more than 0s and at most 1h", 0, 3600, above=True)
_RATE = Number("R", "give more than 0 and at most 1,000,000 arrivals per second", 0, 1_000_000, above=True)
_CONNECTIONS = Number("N", "give 1 to 10,000", 1, 10_000, whole=True)
_STATUS = Number("N", "give 200 to 599", 200, 599, whole=True)
# Below 0.1 % the machine's own slow changes are larger than what blocks can average out.
_PRECISION = Share("N%", "give 0.1% to 100%, such as 3%", 0.001, 1)
_BLOCKS = Number("N", "give 1 to 1000", 1, 1000, whole=True)
_MAX_TIME = Seconds("give more than 0s and at most 24h", 0, 24 * 3600, above=True)
_ARRIVALS = Choice("poisson", "constant", metavar="KIND")

# What is measured.
AppDir = Annotated[
    PathLike | Sequence[PathLike] | None,
    Option(
        Folders("DIR"),
        "Import your own apps (MODULE:NAME) from this directory; repeatable. [default: ., or ./src]",
        group="Stacks",
    ),
]
Python = Annotated[
    PathLike | None,
    Option(
        File("PATH"),
        "Python interpreter for your own apps. [default: the project's .venv, or the active one]",
        group="Stacks",
    ),
]
Env = Annotated[
    Mapping[str, str] | None,
    Option(
        Variables("K=V|K|@FILE"),
        "Environment variable for the servers; repeatable. K alone passes on the current value, @FILE reads K=V lines.",
        group="Stacks",
    ),
]
StartTimeout = Annotated[
    float,
    Option(
        _SECONDS_TO_WAIT,
        "Maximum time to import your app, and for a server to send its first response.",
        default=30.0,
        group="Stacks",
    ),
]

# What is asked, and what must come back.
Workload = Annotated[
    str | None,
    Option(
        Text("NAME[?key=value&...]"),
        "Workload of the reference services, instead of --path; see webdyno list workloads.",
        short="w",
        group="Request",
    ),
]
RequestPath = Annotated[str | None, Option(Text("PATH", fills=True), "Request path. [default: /]", group="Request")]
Method = Annotated[str | None, Option(Text("NAME"), "HTTP method. [default: GET]", group="Request")]
RequestHeaders = Annotated[
    Mapping[str, str] | Sequence[tuple[str, str]] | None,
    Option(
        Headers("K:V|@FILE"),
        "Request header; repeatable. Replaces a default one such as Host. @FILE reads K: V lines.",
        singular="header",
        group="Request",
    ),
]
RequestBody = Annotated[bytes | None, Option(Body("TEXT|@FILE"), "Request body.", group="Request")]
Status = Annotated[int | None, Option(_STATUS, "Expected status. [default: any 2xx]", group="Request")]
ExpectBody = Annotated[
    bytes | None, Option(Body("TEXT|@FILE"), "Expected response body. [default: any]", group="Request")
]
ExpectJson = Annotated[
    Mapping[str, Scalar] | None,
    Option(
        JsonValues("PATH=VALUE"),
        "Value that every JSON response must contain, such as user.id=7; repeatable.",
        group="Request",
    ),
]

# How it is sent.
Connections = Annotated[int, Option(_CONNECTIONS, "Connections at saturation.", default=32, short="c", group="Load")]
Rate = Annotated[
    float | None,
    Option(
        _RATE,
        "Request rate for response times, per second. [default: half the throughput of the slowest stack]",
        short="r",
        group="Load",
    ),
]
KindOfArrivals = Annotated[
    Arrivals, Option(_ARRIVALS, "Spacing of the requests: poisson or constant.", default="poisson", group="Load")
]
Seed = Annotated[
    int | None,
    Option(
        Number("N", f"give a whole number from 0 to {MOST_SEED:,}", 0, MOST_SEED, whole=True),
        "Random seed. [default: a new one]",
        group="Load",
    ),
]
InTurn = Annotated[
    bool,
    Option(
        Flag(),
        "Start one stack after the other, and measure each in one window. By default all run, and short windows "
        "alternate between them, which a noisy machine disturbs less.",
        default=False,
        group="Load",
    ),
]
Duet = Annotated[
    bool,
    Option(
        Flag(),
        "Run two stacks at the same time on the same cores: the most precise comparison of CPU per request on a noisy "
        "machine. Only these two are reported.",
        default=False,
        group="Load",
    ),
]

DriverName = Annotated[
    str,
    Option(
        Text("NAME"),
        "Load tool: webdyno's own or wrk; see webdyno list drivers.",
        default="own",
        group="Load",
    ),
]

Probes = Annotated[
    Sequence[str] | None,
    Option(
        Texts("NAME"),
        "Probe of another package that watches each stack as well; see webdyno list probes. Repeatable.",
        singular="probe",
        group="Load",
    ),
]

# For how long.
Duration = Annotated[
    float, Option(_SECONDS_OF_WINDOW, "Length of each measured window.", default=1.0, short="d", group="Time")
]
Warmup = Annotated[
    float, Option(_SECONDS_OF_WARMUP, "Warm-up before each window; not measured.", default=0.3, group="Time")
]
Timeout = Annotated[
    float,
    Option(_SECONDS_TO_WAIT, "Request timeout.", default=10.0, group="Time"),
]
Blocks = Annotated[
    int | None,
    Option(
        _BLOCKS,
        "Blocks; each starts every stack in a fresh process. [default: as many as fit in --max-time]",
        short="n",
        group="Time",
    ),
]
Precision = Annotated[
    float | None,
    Option(
        _PRECISION,
        "Instead of --blocks: continue until the 95% confidence interval of every ratio is within ±N% (at least 6 "
        "blocks), or --max-time is up.",
        group="Time",
    ),
]
Quick = Annotated[
    bool,
    Option(
        Flag(),
        "Instead of --blocks: end as soon as the order of all stacks is known, or after 40s (--max-time). Windows are "
        "0.3s long (--duration) after 0.2s (--warmup), and only throughput is measured (--metric).",
        default=False,
        group="Time",
    ),
]
Metrics = Annotated[
    Sequence[Metric] | None,
    Option(
        Choice(*get_args(Metric), repeated=True),
        "Metric to give verdicts on, and to apply --precision to: throughput, cpu_per_request, p50, p99 or memory; "
        "repeatable. Fewer metrics decide sooner; response times are measured only for p50 and p99. [default: all; "
        "--precision applies to throughput]",
        singular="metric",
        group="Time",
    ),
]
MaxTime = Annotated[
    float,
    Option(
        _MAX_TIME,
        "Time limit after set-up, though at least two blocks are run; none if --blocks is given, 40s with --quick.",
        default=150.0,
        group="Time",
    ),
]
Store = Annotated[
    PathLike | None,
    Option(StorePlace("FILE|URL", fills=True), "Where results are stored.", default=DEFAULT_STORE, group="Output"),
]
Hidden = Mapping[str, str]
"""Secrets that stand in any option, by the name that is written in their place: `{"env.TOKEN": token}`."""


class OwnAppOptions(TypedDict, total=False):
    """Where the user's own apps live and what they need."""

    app_dir: AppDir
    python: Python
    env: Env
    start_timeout: StartTimeout
    hidden: Hidden


OF_STARTED = ("app_dir", "python", "env")
"""Those of `OwnAppOptions` that mean nothing to a server that already runs."""


OF_REQUEST = ("path", "headers", "body", "expect_body", "expect_json")
"""What may hold a secret of the request: it is not kept, so that a run which is continued needs it again."""
OF_CONTINUED = frozenset(("store", "max_time", "env", *OF_REQUEST))
"""What a run that is continued takes from an experiment file: the rest of its plan it has."""


class InitOptions(OwnAppOptions, total=False):
    """Those of `init`."""

    app: Annotated[
        str | None,
        Option(
            Text("MODULE:NAME"), "The app or its factory. [default: found in the source files here]", group="Stacks"
        ),
    ]
    force: Annotated[bool, Option(Flag(), "Overwrite an existing webdyno.toml.", default=False, group="Output")]


class TrialOptions(OwnAppOptions, total=False):
    """What is asked of each stack, and for how long."""

    workload: Workload
    path: RequestPath
    method: Method
    headers: RequestHeaders
    body: RequestBody
    status: Status
    expect_body: ExpectBody
    expect_json: ExpectJson
    connections: Connections
    arrivals: KindOfArrivals
    seed: Seed
    in_turn: InTurn
    duet: Duet
    driver: DriverName
    probes: Probes
    duration: Duration
    warmup: Warmup
    timeout: Timeout
    store: Store


class CompareOptions(TrialOptions, total=False):
    """Those of `compare`."""

    rate: Rate
    blocks: Blocks
    max_time: MaxTime
    precision: Precision
    quick: Quick
    metrics: Metrics
    # Of no user: `webdyno.gate` says so of its own runs.
    of_gate: bool


class ExplainOptions(TypedDict, total=False):
    """Those of `explain`."""

    connections: Connections
    seed: Seed
    driver: DriverName
    probes: Probes
    duration: Duration
    warmup: Warmup
    blocks: Blocks
    max_time: MaxTime
    store: Store
    hidden: Hidden


class GateOptions(TrialOptions, total=False):
    """Those of `gate`."""

    fail_if: Annotated[
        Sequence[str] | None,
        Option(
            Texts("LIMIT"),
            "Condition that is a regression; repeatable. Metrics: throughput, cpu_per_request, p50, p99, memory. "
            "[default: cpu_per_request > +5%, throughput < -10%, memory > +10%]",
            group="Sides",
        ),
    ]
    requirements: Annotated[
        PathLike | None,
        Option(
            File("FILE"),
            "Requirements to install for each ref. [default: its requirements.txt, or pyproject.toml]",
            group="Sides",
        ),
    ]
    trust_git: Annotated[
        bool,
        Option(
            Flag(),
            "Run the filters configured in git, such as LFS, on checkout, and fetch what a partial clone is missing.",
            default=False,
            group="Sides",
        ),
    ]
    rate: Annotated[
        float | None,
        Option(
            _RATE,
            "Request rate for p50 and p99, per second. [default: half the throughput, if a limit needs it]",
            short="r",
            group="Load",
        ),
    ]
    blocks: Annotated[
        int | None,
        Option(
            _BLOCKS,
            "Number of blocks; each starts both sides in a fresh process. [default: until decided, up to --max-time]",
            short="n",
            group="Time",
        ),
    ]
    max_time: Annotated[
        float,
        Option(
            _MAX_TIME,
            "Time limit of each measurement; a regression is confirmed by a second one.",
            default=150.0,
            group="Time",
        ),
    ]


class DoctorOptions(TypedDict, total=False):
    """Those of `doctor`."""

    quick: Annotated[bool, Option(Flag(), "Only inspect the machine; measure nothing.", default=False)]
    store: Store


class StoreOptions(TypedDict, total=False):
    """Where kept runs are."""

    store: Store


class LoadOptions(TypedDict, total=False):
    """Those of `load`."""

    connections: Annotated[
        int | None,
        Option(
            _CONNECTIONS,
            "Connections; under open load, the maximum. [default: 32; open load: 128]",
            short="c",
            group="Load",
        ),
    ]
    rate: Annotated[
        float | None,
        Option(_RATE, "Open load: R requests per second, however slow the server is.", short="r", group="Load"),
    ]
    ramp: Annotated[
        str | None,
        Option(Text("R:R"), "Open load: linear ramp from one rate to another, such as 0:5000.", group="Load"),
    ]
    steps: Annotated[
        str | None,
        Option(Text("R:TIME,..."), "Open load: a sequence of rates, such as 100:5s,500:10s.", group="Load"),
    ]
    burst: Annotated[
        str | None,
        Option(
            Text("N:TIME"), "Open load: N requests at once, repeated at this interval, such as 100:1s.", group="Load"
        ),
    ]
    replay: Annotated[
        PathLike | None,
        Option(File("FILE"), "Open load: replay recorded arrival times, in seconds, one per line.", group="Load"),
    ]
    arrivals: Annotated[
        Arrivals | None,
        Option(
            _ARRIVALS,
            "Spacing of requests: poisson (independent users) or constant. [default: poisson; with --burst constant]",
            group="Load",
        ),
    ]
    waiting: Annotated[
        int | None,
        Option(
            Number("N", "give 0 to 10,000,000", 0, 10_000_000, whole=True),
            "Maximum number of requests waiting for a connection; more are dropped. [default: 100000]",
            group="Load",
        ),
    ]
    seed: Seed
    driver: DriverName
    duration: Annotated[
        float | None,
        Option(
            _SECONDS_OF_WINDOW,
            "Length of the measured window. [default: 10s, or that of --steps or --replay]",
            short="d",
            group="Time",
        ),
    ]
    warmup: Annotated[
        float, Option(_SECONDS_OF_WARMUP, "Warm-up before the window; not measured.", default=1.0, group="Time")
    ]
    timeout: Timeout
    scenario: Annotated[
        PathLike | None,
        Option(
            File("FILE"),
            "Scenario file: what users do step by step, instead of one request; see docs/scenarios.md.",
            group="Request",
        ),
    ]
    no_cookies: Annotated[bool, Option(Flag(), "Ignore cookies in scenarios.", default=False, group="Request")]
    method: Method
    headers: RequestHeaders
    body: RequestBody
    user: Annotated[
        str | None,
        Option(
            SecretText("NAME:PASSWORD|@FILE"),
            "Basic authentication; use @FILE to keep it out of the process list.",
            group="Request",
        ),
    ]
    bearer: Annotated[str | None, Option(SecretText("TOKEN|@FILE"), "Bearer authentication.", group="Request")]
    compressed: Annotated[bool, Option(Flag(), "Accept compressed responses.", default=False, group="Request")]
    status: Annotated[
        int | None,
        Option(_STATUS, "Expected status. [default: that of the first response, which must be 2xx]", group="Response"),
    ]
    expect_body: Annotated[bytes | None, Option(Body("TEXT|@FILE"), "Expected response body.", group="Response")]
    unix_socket: Annotated[
        str | None,
        Option(
            Text("PATH"), "Connect to this Unix socket; the host of the URL is only sent as Host.", group="Connection"
        ),
    ]
    no_keep_alive: Annotated[
        bool, Option(Flag(), "Open a new connection for every request.", default=False, group="Connection")
    ]
    requests_per_connection: Annotated[
        int | None,
        Option(
            Number("N", "give 1 or more", 1, 2**31, whole=True),
            "Close a connection after N requests.",
            group="Connection",
        ),
    ]
    ca: Annotated[
        PathLike | None,
        Option(File("FILE"), "Trust the CA certificates in this PEM file.", group="Connection"),
    ]
    insecure: Annotated[bool, Option(Flag(), "Do not verify TLS certificates.", default=False, group="Connection")]
    processes: Annotated[
        int,
        Option(
            Number("N", "give 1 to 64", 1, 64, whole=True),
            "Load generator processes, one core each.",
            default=1,
            group="Connection",
        ),
    ]
    store: Store
    threshold: Annotated[
        Sequence[str] | None,
        Option(
            Texts("CONDITION"),
            "Exit with 1 if not met: p99<50ms, errors<0.1%, throughput>4900; repeatable.",
            group="Output",
        ),
    ]
    hidden: Hidden
