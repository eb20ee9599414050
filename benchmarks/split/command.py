"""The command: runs of a stack against itself, or those kept, and the split of their variance."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from webdyno.api import compare
from webdyno.errors import Interrupted
from webdyno.probes.cpu_plan import plan_cpus

from ..aa.burner import burning
from ..aa.kept import keep, read_kept
from ..aa.measure import STOPPED, machine, revision
from .blocks import Block, Measure, Split, cpu_per_request, pairs_of, split, throughput

STACK, SECONDS = "bare-wsgi@gunicorn", 60.0
MEASURES: Mapping[str, Measure] = {"throughput": throughput, "CPU per request": cpu_per_request}


def main(arguments: Sequence[str] = ()) -> None:
    """Make runs, and print the split."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks split", description="Where does scatter come from?")
    parser.add_argument("--stack", default=STACK, help=f"measured against itself [default: {STACK}]")
    parser.add_argument("--runs", type=int, default=1, metavar="N", help="how many [default: 1]")
    parser.add_argument("--seconds", type=float, default=SECONDS, help=f"of each, after set-up [default: {SECONDS:g}]")
    parser.add_argument("--seed-from", type=int, default=0, metavar="N", help="the first seed [default: 0]")
    parser.add_argument("--burner", action="store_true", help="beside a burner that comes and goes")
    parser.add_argument("--long", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--into", type=Path, metavar="FILE", help="add blocks to FILE, and split all of it")
    parser.add_argument("--from", type=Path, metavar="FILE", dest="told_from", help="only split the blocks of FILE")
    asked = parser.parse_args(arguments)
    kept = asked.told_from or asked.into
    blocks = read_kept(kept, Block) if kept else []
    if not asked.told_from:
        for seed in range(asked.seed_from, asked.seed_from + asked.runs):
            found = measured(asked.stack, asked.seconds, seed, burner=asked.burner)
            for block in found:
                if asked.into:
                    keep(asked.into, block)
            blocks += found
            print(f"seed {seed}: {len(found)} valid blocks", flush=True)
    for stack, burner in sorted({(block.stack, block.burner) for block in blocks}):
        print(table([block for block in blocks if (block.stack, block.burner) == (stack, burner)]))


def measured(stack: str, seconds: float, seed: int, *, burner: bool) -> list[Block]:
    """The valid blocks of a run of a stack against itself.

    Raises:
        SystemExit: it was interrupted.
    """
    # One worker is what it has anyway.
    stacks = (stack, f"{stack}{'&' if '?' in stack else '?'}workers=1")
    load_average, began = os.getloadavg()[0], datetime.now(UTC)
    try:
        with burning(plan_cpus(1).server[0], seed) if burner else nullcontext():
            result = compare(stacks, response_times=False, max_time=seconds, seed=seed, store=None)
    except (KeyboardInterrupt, Interrupted):
        raise SystemExit(STOPPED) from None
    if result.run.state == "interrupted":
        raise SystemExit(STOPPED)
    used = [set(one.used.get("saturation", ())) for one in result.analysis.stacks]
    pairs = pairs_of(result.run.trials, stacks, sorted(set.intersection(*used)) if len(used) == len(stacks) else ())
    return [
        Block(
            stack=stack,
            burner=burner,
            seed=seed,
            block=block,
            began=began,
            machine=machine(),
            revision=revision(),
            load_average=load_average,
            pairs=windows,
        )
        for block, windows in pairs.items()
    ]


def table(blocks: Sequence[Block]) -> str:
    """The split of these blocks as Markdown."""
    splits = {name: split([block.pairs for block in blocks], measure) for name, measure in MEASURES.items()}
    known = {name: one for name, one in splits.items() if one}
    first, last = (end(block.began for block in blocks) for end in (min, max))
    loads = [block.load_average for block in blocks]
    where = [
        f"\n{blocks[0].stack} against itself{', beside the burner' if blocks[0].burner else ''}: {len(blocks)} blocks",
        ", ".join(sorted({block.machine for block in blocks})),
        f"{first:%d %B %Y %H:%M} to {last:%d %B %Y %H:%M} UTC",
        f"load average when a run began: {median(loads):.1f} ({min(loads):.1f}-{max(loads):.1f})",
    ]
    if not known:
        return "\n".join([*where, "too few valid blocks of several windows to split"])
    rows = [
        ["log-ratio of a block", *known],
        ["---"] * (1 + len(known)),
        ["its standard deviation", *(f"{one.shares.variance**0.5:.1%}" for one in known.values())],
        *(_share(name, part, known) for part, name in _PARTS.items()),
        ["blocks, cycles in each", *(f"{one.blocks}, {one.cycles:.0f}" for one in known.values())],
        ["standard deviation of two windows of a cycle", *(f"{one.window_sd:.1%}" for one in known.values())],
        ["of two windows of any cycles of a block", *(f"{one.unpaired_sd:.1%}" for one in known.values())],
    ]
    return "\n".join([*where, "", *(f"| {' | '.join(row)} |" for row in rows)])


_PARTS = {
    "starts": "of its variance: between fresh starts",
    "windows": "between the windows of a start",
    "generator": "with the load generator's waits for a core",
    "speed": "with the CPU time that a response costs the generator, a sign of the machine's speed",
}


def _share(name: str, part: str, known: Mapping[str, Split]) -> list[str]:
    cells = (f"{getattr(one.shares, part):.0%} +-{getattr(one.errors, part):.0%}" for one in known.values())
    return [name, *cells]
