"""What probes of other packages found, as a plain table."""

from __future__ import annotations

import json
from typing import NamedTuple

from ...model.run import Run
from ...model.trial import ProbeFinding
from ...units import printable

# The whole stands in the JSON document.
_LONGEST = 200


class FindingRow(NamedTuple):
    """One probe in one trial."""

    notation: str
    probe: str
    block: int
    phase: str
    found: str


def finding_rows(run: Run) -> list[FindingRow]:
    """Each finding of the blocks, in the order of the stacks; long ones are shortened."""
    order = {notation: at for at, notation in enumerate(run.experiment.stacks)}
    rows = [
        FindingRow(trial.stack, name, trial.block, trial.phase, _text(finding))
        for trial in run.trials
        if trial.block
        for name, finding in trial.findings.items()
    ]
    return sorted(rows, key=lambda row: (order.get(row.notation, len(order)), row.probe, row.block))


def _text(finding: ProbeFinding) -> str:
    value = "" if finding.value is None and finding.failure else json.dumps(finding.value, ensure_ascii=False)
    text = printable(" ".join(part for part in (value, finding.failure and f"failed: {finding.failure}") if part))
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
