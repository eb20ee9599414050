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
        "Folder that your own apps (MODULE:NAME) are imported from; repeatable. [default: ., or ./src]",
        group="Stacks",
    ),
]
Python = Annotated[
    PathLike | None,
    Option(
        File("PATH"), "Interpreter of your own apps. [default: .venv of the project, or the active one]", group="Stacks"
    ),
]
Env = Annotated[
    Mapping[str, str] | None,
    Option(
        Variables("K=V|K|@FILE"),
        "Environment variable for the servers; repeatable. K alone is taken from here, @FILE holds lines K=V.",
        group="Stacks",
    ),
]
StartTimeout = Annotated[
    float,
    Option(
        _SECONDS_TO_WAIT,
        "How long your app may take to be imported, and a server to its first response.",
        default=30.0,
        group="Stacks",
    ),
]

# What is asked, and what must come back.
Workload = Annotated[
    str | None,
    Option(
        Text("NAME[?key=value&...]"),
        "What the reference services are asked to do, in place of --path; see webdyno list workloads.",
        short="w",
        group="Request",
    ),
]
RequestPath = Annotated[
    str | None, Option(Text("PATH", fills=True), "What is asked for. [default: /]", group="Request")
]
Method = Annotated[str | None, Option(Text("NAME"), "HTTP method. [default: GET]", group="Request")]
RequestHeaders = Annotated[
    Mapping[str, str] | Sequence[tuple[str, str]] | None,
    Option(
        Headers("K:V|@FILE"),
        "Request header, in place of ours if there is one, such as Host; repeatable. @FILE holds lines K: V.",
        singular="header",
        group="Request",
    ),
]
RequestBody = Annotated[bytes | None, Option(Body("TEXT|@FILE"), "Request body.", group="Request")]
Status = Annotated[int | None, Option(_STATUS, "Status that must come back. [default: any 2xx]", group="Request")]
ExpectBody = Annotated[
    bytes | None, Option(Body("TEXT|@FILE"), "The body of every right response. [default: any]", group="Request")
]
ExpectJson = Annotated[
    Mapping[str, Scalar] | None,
    Option(
        JsonValues("PATH=VALUE"),
        "A value that every JSON body must hold, such as user.id=7; repeatable.",
        group="Request",
    ),
]

# How it is sent.
Connections = Annotated[int, Option(_CONNECTIONS, "Connections at saturation.", default=32, short="c", group="Load")]
Rate = Annotated[
    float | None,
    Option(
        _RATE,
        "Arrivals per second for the response time. [default: half of what the slowest stack carries]",
        short="r",
        group="Load",
    ),
]
KindOfArrivals = Annotated[Arrivals, Option(_ARRIVALS, "poisson or constant.", default="poisson", group="Load")]
Seed = Annotated[
    int | None,
    Option(
        Number("N", f"give a whole number from 0 to {MOST_SEED:,}", 0, MOST_SEED, whole=True),
        "Of everything random. [default: a new one]",
        group="Load",
    ),
]
Duet = Annotated[
    bool,
    Option(
        Flag(),
        "Run both of two stacks at the same time on the same cores: the sharpest comparison of CPU per request on a "
        "noisy machine. Beside it only memory is told.",
        default=False,
        group="Load",
    ),
]

DriverName = Annotated[
    str,
    Option(
        Text("NAME"),
        "Load tool, webdyno's own or wrk; webdyno list drivers shows what each can.",
        default="own",
        group="Load",
    ),
]

# For how long.
Duration = Annotated[
    float, Option(_SECONDS_OF_WINDOW, "Length of each measured window.", default=1.0, short="d", group="Time")
]
Warmup = Annotated[
    float, Option(_SECONDS_OF_WARMUP, "The same load before each window, not counted.", default=0.3, group="Time")
]
Timeout = Annotated[
    float,
    Option(_SECONDS_TO_WAIT, "A request without a response for so long has failed.", default=10.0, group="Time"),
]
Blocks = Annotated[
    int | None,
    Option(
        _BLOCKS,
        "Fresh starts of every stack. [default: as many as fit into --max-time]",
        short="n",
        group="Time",
    ),
]
Precision = Annotated[
    float | None,
    Option(
        _PRECISION,
        "In place of --blocks: go on until half of the 95 % interval of every ratio is within it (at least 6 blocks), "
        "or --max-time is up.",
        group="Time",
    ),
]
Metrics = Annotated[
    Sequence[Metric] | None,
    Option(
        Choice(*get_args(Metric), repeated=True),
        "Give verdicts on this only and take --precision of it: throughput, cpu_per_request, p50, p99 or memory; "
        "repeatable. It decides sooner; the response time is measured only where asked. [default: all; precision of "
        "throughput]",
        singular="metric",
        group="Time",
    ),
]
MaxTime = Annotated[
    float,
    Option(
        _MAX_TIME,
        "Time after set-up, at least two blocks; no limit where --blocks is given.",
        default=150.0,
        group="Time",
    ),
]
Store = Annotated[
    PathLike | None,
    Option(StorePlace("FILE|URL", fills=True), "Where results are kept.", default=DEFAULT_STORE, group="Output"),
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


class InitOptions(OwnAppOptions, total=False):
    """Those of `init`."""

    app: Annotated[
        str | None,
        Option(Text("MODULE:NAME"), "The app or its factory. [default: found in the sources here]", group="Stacks"),
    ]
    force: Annotated[bool, Option(Flag(), "Write over a webdyno.toml that is there.", default=False, group="Output")]


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
    duet: Duet
    duration: Duration
    warmup: Warmup
    timeout: Timeout
    store: Store


class CompareOptions(TrialOptions, total=False):
    """Those of `compare`."""

    rate: Rate
    driver: DriverName
    blocks: Blocks
    max_time: MaxTime
    precision: Precision
    metrics: Metrics


class ExplainOptions(TypedDict, total=False):
    """Those of `explain`."""

    connections: Connections
    seed: Seed
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
            "What is a regression; repeatable. Of throughput, cpu_per_request, p50, p99, memory. "
            "[default: cpu_per_request > +5%, throughput < -10%, memory > +10%]",
            group="Sides",
        ),
    ]
    requirements: Annotated[
        PathLike | None,
        Option(
            File("FILE"), "What each ref installs. [default: its requirements.txt, or pyproject.toml]", group="Sides"
        ),
    ]
    trust_git: Annotated[
        bool,
        Option(
            Flag(),
            "Check out with the filters that git's settings name, such as LFS, and fetch what a partial clone lacks.",
            default=False,
            group="Sides",
        ),
    ]
    rate: Annotated[
        float | None,
        Option(
            _RATE,
            "Arrivals per second for p50 and p99. [default: half of what is carried, if a limit names one]",
            short="r",
            group="Load",
        ),
    ]
    blocks: Annotated[
        int | None,
        Option(
            _BLOCKS,
            "Fresh starts of each side. [default: until decided, up to --max-time]",
            short="n",
            group="Time",
        ),
    ]
    max_time: Annotated[
        float,
        Option(
            _MAX_TIME,
            "At most, for each measurement; a second one confirms.",
            default=150.0,
            group="Time",
        ),
    ]


class DoctorOptions(TypedDict, total=False):
    """Those of `doctor`."""

    quick: Annotated[bool, Option(Flag(), "Only look; measure nothing.", default=False)]
    store: Store


class StoreOptions(TypedDict, total=False):
    """Where kept runs are."""

    store: Store


class LoadOptions(TypedDict, total=False):
    """Those of `load`."""

    connections: Annotated[
        int | None,
        Option(_CONNECTIONS, "At most so many. [default: 32; under open load 128]", short="c", group="Load"),
    ]
    rate: Annotated[
        float | None,
        Option(_RATE, "Open load: R arrivals per second, whatever the server does.", short="r", group="Load"),
    ]
    ramp: Annotated[
        str | None, Option(Text("R:R"), "Open load: from one rate evenly to the other, as 0:5000.", group="Load")
    ]
    steps: Annotated[
        str | None,
        Option(Text("R:TIME,..."), "Open load: one rate after the other, as 100:5s,500:10s.", group="Load"),
    ]
    burst: Annotated[
        str | None,
        Option(Text("N:TIME"), "Open load: N arrivals at once, again and again, as 100:1s.", group="Load"),
    ]
    replay: Annotated[
        PathLike | None,
        Option(File("FILE"), "Open load: arrivals at recorded moments, seconds, one a line.", group="Load"),
    ]
    arrivals: Annotated[
        Arrivals | None,
        Option(
            _ARRIVALS,
            "poisson (independent users) or constant. [default: poisson; of bursts constant]",
            group="Load",
        ),
    ]
    waiting: Annotated[
        int | None,
        Option(
            Number("N", "give 0 to 10,000,000", 0, 10_000_000, whole=True),
            "Arrivals that may wait for a connection, then they are dropped. [default: 100000]",
            group="Load",
        ),
    ]
    seed: Seed
    driver: DriverName
    duration: Annotated[
        float | None,
        Option(
            _SECONDS_OF_WINDOW,
            "Measured window. [default: 10s, or the steps' or the recording's]",
            short="d",
            group="Time",
        ),
    ]
    warmup: Annotated[
        float, Option(_SECONDS_OF_WARMUP, "The same load before it, not counted.", default=1.0, group="Time")
    ]
    timeout: Timeout
    scenario: Annotated[
        PathLike | None,
        Option(
            File("FILE"), "What users do, step by step (docs/scenarios.md), in place of one request.", group="Request"
        ),
    ]
    no_cookies: Annotated[
        bool, Option(Flag(), "Users of a scenario do not keep cookies.", default=False, group="Request")
    ]
    method: Method
    headers: RequestHeaders
    body: RequestBody
    user: Annotated[
        str | None,
        Option(SecretText("NAME:PASSWORD|@FILE"), "Basic authentication; a file keeps it out of ps.", group="Request"),
    ]
    bearer: Annotated[str | None, Option(SecretText("TOKEN|@FILE"), "Bearer authentication.", group="Request")]
    compressed: Annotated[bool, Option(Flag(), "Accept compressed responses.", default=False, group="Request")]
    status: Annotated[
        int | None,
        Option(_STATUS, "The right status. [default: that of the first response, which must be 2xx]", group="Response"),
    ]
    expect_body: Annotated[
        bytes | None, Option(Body("TEXT|@FILE"), "The body of every right response.", group="Response")
    ]
    unix_socket: Annotated[
        str | None,
        Option(Text("PATH"), "Connect to this Unix socket; the URL's host is only sent.", group="Connection"),
    ]
    no_keep_alive: Annotated[
        bool, Option(Flag(), "A new connection for every request.", default=False, group="Connection")
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
        Option(File("FILE"), "https: trust the certificates in this PEM file.", group="Connection"),
    ]
    insecure: Annotated[bool, Option(Flag(), "https: trust any certificate.", default=False, group="Connection")]
    processes: Annotated[
        int,
        Option(
            Number("N", "give 1 to 64", 1, 64, whole=True),
            "Load generators that share the work, a core each.",
            default=1,
            group="Connection",
        ),
    ]
    threshold: Annotated[
        Sequence[str] | None,
        Option(
            Texts("CONDITION"), "Exit with 1 if not met: p99<50ms, errors<0.1%, rate>4900; repeatable.", group="Output"
        ),
    ]
    hidden: Hidden
