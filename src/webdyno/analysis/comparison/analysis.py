"""What the analysis of a run says: the values that every report shows."""

from __future__ import annotations

from pydantic import computed_field

from ...model.base import Figure
from ...model.block_differences import BlockDifferences
from ...model.fact import Fact, InWords, fact
from ...model.layer import Layer
from ...model.metric import Metric
from ...model.order import Order
from ...model.trial import Phase
from ...model.verdict import Estimate, Verdict
from ...texts.catalogue import told
from ..failure_counts import ErrorCounts
from ..statistics.percentiles import Percentiles
from ..validity.reason import UNRESOLVED, ValidityReason


class Memory(Figure):
    """Memory of the whole process tree in bytes, over the valid trials of both loads; None where never sampled.

    Attributes:
        rss_mean, rss_peak: resident memory.
        vms_mean, vms_peak: virtual memory.
    """

    rss_mean: float | None
    rss_peak: int | None
    vms_mean: float | None
    vms_peak: int | None


class BlockValues(Figure):
    """The figures of one stack in one block; None where the trial is missing or invalid.

    Attributes:
        block: number of the block, from 1.
        throughput: successful responses per second at saturation.
        cpu_per_request_us: microseconds of server CPU per successful response at saturation, or in the duet.
        p50_ms, p99_ms: response time at the fixed rate; p99 is None where too few samples bound it.
        rss_bytes: highest resident memory of the process tree over the block's trials.
    """

    block: int
    throughput: float | None
    cpu_per_request_us: float | None
    p50_ms: float | None
    p99_ms: float | None
    rss_bytes: float | None


class StackSummary(Figure):
    """One stack over all its trials.

    Attributes:
        notation: the stack.
        label: a short letter by which tables and charts refer to it: A carries most, invalid stacks come last.
        valid: False where no trial at saturation, or of the duet, may be used: the stack takes no part in verdicts.
        throughput: successful responses per second at saturation; None where not valid, and in a duet.
        cpu_per_request_us: microseconds of server CPU per successful response at saturation, or in the duet.
        saturation: service time at saturation.
        response: response time at the fixed rate; None where not measured or not valid.
        offered_rate: the fixed rate, requests per second.
        memory: of the process tree.
        errors: under all loads together; `errors_saturation`, `errors_rate`: at saturation, at the fixed rate.
        startup_s: median time from process start to the first successful response.
        blocks: figures block by block.
        used: the blocks whose trial enters the averages, by phase.
        reasons: why something is invalid or needs care.
    """

    notation: str
    label: str
    valid: bool
    throughput: Estimate | None
    cpu_per_request_us: Estimate | None
    saturation: Percentiles | None
    response: Percentiles | None
    offered_rate: float | None
    memory: Memory
    errors: ErrorCounts
    errors_saturation: ErrorCounts
    errors_rate: ErrorCounts
    startup_s: float | None
    blocks: tuple[BlockValues, ...]
    used: dict[Phase, tuple[int, ...]]
    reasons: tuple[ValidityReason, ...]

    @property
    def times(self) -> Percentiles | None:
        """Those that tables show: at the fixed rate, where the run has one, else at saturation."""
        return self.response if self.offered_rate else self.saturation

    @property
    def why_not(self) -> tuple[Fact, ...]:
        """Why it is not ranked or, where it is, why it has no response time; the main reason first."""
        invalid = [reason for reason in self.reasons if reason.severity == "invalid"]
        of_phase = tuple(reason.what for reason in invalid if (reason.phase == "rate") == self.valid)
        return of_phase or (() if self.valid else tuple(reason.what for reason in invalid))

    def resolves(self, metric: Metric) -> bool:
        """Whether its windows are long enough that no difference in this metric can hide in them."""
        return metric == "memory" or all(reason.name != UNRESOLVED for reason in self.reasons)


class Contrast(Figure):
    """Throughput of two measured stacks that differ in one part only: what that part is worth, and nothing else.

    Attributes:
        parts: the one part that differs: `server`, `app`, `app_version`, `wrap` ..., or the settings of one server,
            such as `threads` and `worker_class`.
        stack, against: notations, the one that carries more first.
        ratio: throughput of `stack` divided by that of `against`, from the mean log-ratio over blocks.
    """

    parts: tuple[str, ...]
    stack: str
    against: str
    ratio: Estimate


class Cost(Figure):
    """What a request costs one stack, microseconds of server CPU.

    Attributes:
        stack: the notation.
        layers: what each layer adds; below zero where it saves.
        total: all together.
    """

    stack: str
    layers: dict[Layer, Estimate]
    total: Estimate


class Explanation(Figure):
    """Why one stack carries more than another.

    Attributes:
        stack, against: notations, the one that carries more first.
        ratio: throughput of `stack` divided by that of `against`.
        factors: what each layer contributes; all of them and `busy` multiply up to `ratio`.
        busy: what comes from how much CPU the stacks used while they were saturated.
        costs: of `stack` and of `against`.
        blocks: how many blocks had all that it takes.
    """

    stack: str
    against: str
    ratio: Estimate
    factors: dict[Layer, Estimate]
    busy: Estimate
    costs: tuple[Cost, Cost]
    blocks: int


class Statement(Figure):
    """One sentence about a run.

    Attributes:
        claim: what is claimed.
        additions: what is added to it: where a difference comes from, what would decide, further reasons.
    """

    claim: Fact
    additions: tuple[Fact, ...] = ()

    @property
    def whole(self) -> Fact:
        """All of it as one sentence."""
        return fact("statement", parts=(self.claim, *self.additions))


class Remaining(Figure):
    """What is still open of that which a run is about.

    Attributes:
        parts: what is open.
        first_blocks: about how many blocks more would decide the first part of it; None where nothing can be said.
            `blocks`: the same of all.
        first_seconds: about how long these take; `seconds`: the same of all.
    """

    parts: tuple[Fact, ...]
    first_blocks: int | None
    first_seconds: float | None
    blocks: int | None
    seconds: float | None


class Analysis(InWords):
    """All that may be said about a run.

    Attributes:
        baseline: notation of the stack that ratios refer to.
        stacks: in the order of the experiment.
        ranking: notations of the valid stacks, highest throughput first.
        verdicts: every valid stack against the baseline on every metric, and the best against the second: first those
            of the primary family, then the others.
        order: the order of all valid stacks in the main metric; None but of a quick run.
        differences: what happened where the blocks differ much; None where they do not.
        contrasts: pairs of valid stacks that differ in one part only.
        explanation: how much of one difference is the server, the framework and so on; None where not all stacks that
            it takes were measured.
        statements: what the verdicts come to, the most important first; sentences: the same in plain words.
        remaining: what is open of that which the run is about, and what would decide it; None where more blocks would
            decide nothing.
        reasons: those that speak of the whole run.
        answered: True where the main question (the first asked metric, else throughput) has at least one valid
            comparison, or of a stack by itself a valid figure.
    """

    baseline: str
    stacks: tuple[StackSummary, ...]
    ranking: tuple[str, ...]
    verdicts: tuple[Verdict, ...]
    order: Order | None = None
    differences: BlockDifferences | None = None
    contrasts: tuple[Contrast, ...]
    explanation: Explanation | None = None
    statements: tuple[Statement, ...]
    remaining: Remaining | None = None
    reasons: tuple[ValidityReason, ...]
    answered: bool

    @computed_field  # type: ignore[prop-decorator]
    @property
    def sentences(self) -> tuple[str, ...]:
        """The statements in plain words."""
        return tuple(told(one.whole) for one in self.statements)

    @property
    def best_first(self) -> tuple[StackSummary, ...]:
        """The stacks in the order of their labels: the ranked ones, then the other valid ones, those not valid last."""
        return tuple(sorted(self.stacks, key=lambda stack: (len(stack.label), stack.label)))

    def stack(self, notation: str) -> StackSummary:
        """The summary of one stack.

        Raises:
            KeyError: the experiment has no such stack.
        """
        for summary in self.stacks:
            if summary.notation == notation:
                return summary
        raise KeyError(notation)

    def verdict(self, metric: Metric, stack: str, against: str | None = None) -> Verdict | None:
        """The verdict on `stack` against another (the baseline where None); None where there is none."""
        for verdict in self.verdicts:
            if (verdict.metric, verdict.stack, verdict.against) == (metric, stack, against or self.baseline):
                return verdict
        return None
