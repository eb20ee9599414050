"""What `webdyno doctor` found: the values that its reports show."""

from __future__ import annotations

from datetime import datetime

from ...model.base import Figure
from ...model.fact import Fact, fact
from ...model.floor import MarginFloor
from ...model.machine import MachineFacts
from ...model.run import Run
from ...model.verdict import Verdict
from ..comparison.analysis import Analysis
from ..validity.reason import ValidityReason
from .check import Check
from .sameness import BLOCKS_FOR_A_MARGIN, margin_floor

# What the machine did to the comparison; the other cautions speak of the stack, which is not the question here.
_OF_THE_MACHINE = ("generator-limited", "core-shared", "steal", "throttled", "lag")


class Same(Figure):
    """A stack compared with itself.

    Attributes:
        stack: its notation.
        interrupted: whether it was ended early.
        blocks: how many were measured, valid or not; `measured_s`: how long that took, with its pilot.
        verdicts: on each metric; a difference is a false one.
        reasons: what the machine did to it, and why trials are not valid.
        floor: the smallest differences that can be seen; None where too few blocks are valid.
    """

    stack: str
    interrupted: bool
    blocks: int
    measured_s: float
    verdicts: tuple[Verdict, ...]
    reasons: tuple[ValidityReason, ...]
    floor: MarginFloor | None

    @property
    def what(self) -> Fact:
        """What it all comes to: the smallest difference in throughput that can be seen, or why it is not known."""
        if self.floor:
            return fact("same.smallest", seconds=self.floor.seconds, share=self.floor.differences["throughput"])
        if self.interrupted:
            return fact("same.unknown", why=fact("same.interrupted"))
        valid = next((one.ratio.blocks for one in self.verdicts if one.metric == "throughput"), 0)
        why = fact("same.few-blocks", needed=BLOCKS_FOR_A_MARGIN, valid=valid, blocks=self.blocks)
        return fact("same.unknown", why=why)


class Fitness(Figure):
    """Whether a machine is fit to measure on.

    Attributes:
        started: UTC.
        machine: key of the machine, by which its floor is kept.
        facts: what was read.
        checks: what is said of it.
        same: the comparison of a stack with itself; None where it was left out.
    """

    started: datetime
    machine: str
    facts: MachineFacts
    checks: tuple[Check, ...]
    same: Same | None = None


def same(run: Run, analysis: Analysis, machine: str) -> Same:
    """What a run of one stack under two notations says about the machine; pure."""
    all_told = [reason for stack in analysis.stacks for reason in stack.reasons]
    # The worst of each name: an invalid one comes last and takes the place of a caution.
    worst_last = sorted(all_told, key=lambda reason: reason.severity == "invalid")
    told = {
        reason.name: reason for reason in worst_last if reason.severity == "invalid" or reason.name in _OF_THE_MACHINE
    }
    interrupted = run.state != "complete"
    return Same(
        stack=run.experiment.baseline,
        interrupted=interrupted,
        blocks=run.blocks_begun,
        measured_s=run.measured_s,
        verdicts=tuple(one for one in analysis.verdicts if one.against == analysis.baseline),
        reasons=tuple(told.values()),
        floor=None if interrupted else margin_floor(analysis, run.measured_s, machine, run.started),
    )
