"""Do verdicts hold? The same stack against itself, and against one that burns a little more CPU for each request.

A few comparisons by default; `--long` makes as many as the goals speak of, which takes about an hour.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from webdyno.api import Result, compare
from webdyno.model.verdict import Metric, Verdict

# One stack under two names: one worker is what it has anyway.
SAME = ("bare-wsgi@gunicorn", "bare-wsgi@gunicorn?workers=1")
WINDOW_S, WARMUP_S = 0.5, 0.2
SAME_S = 25.0
# Rounds of SHA-256 for each request: so many that the server's own work, which is alike, is 5 % of all.
ROUNDS = 12_000
BURNER = """
import hashlib, os

ROUNDS = int(os.environ["ROUNDS"])

def app(environ, start_response):
    state = b"webdyno"
    for _ in range(ROUNDS):
        state = hashlib.sha256(state).digest()
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
"""


def main() -> None:
    """Print both tables."""
    long = "--long" in sys.argv[1:]
    false_verdicts(40 if long else 3)
    for more, seconds in ((0.05, 180.0), (0.10, 60.0)):
        sensitivity(more, seconds, 10 if long else 1)


def false_verdicts(count: int) -> None:
    """A/A: how often a stack is called faster or slower than itself."""
    print(f"the same stack twice, {count} comparisons of {SAME_S:g} s (to reach: <= 2 false verdicts of 40)")
    false = 0
    for seed in range(count):
        found = _measured(SAME, SAME_S, seed)
        wrong = [verdict for verdict in found.analysis.verdicts if verdict.outcome in ("faster", "slower")]
        false += bool(wrong)
        print(f"  {seed + 1:>3}  {_told(found.analysis.verdicts)}{'  FALSE' if wrong else ''}", flush=True)
    print(f"  {false} of {count} with a false verdict")


def sensitivity(more: float, seconds: float, count: int) -> None:
    """How often a service that burns more CPU for each request is called slower by its CPU time per request."""
    print(
        f"{more:.0%} more CPU for each request, {count} comparisons of {seconds:g} s (to reach: 9 of 10 called slower)"
    )
    called, began = 0, time.monotonic()
    with tempfile.TemporaryDirectory(prefix="webdyno-aa-") as folder:
        for name, rounds in (("less", ROUNDS), ("more", round(ROUNDS * (1 + more / 0.95)))):
            (Path(folder) / f"{name}.py").write_text(BURNER.replace('int(os.environ["ROUNDS"])', str(rounds)))
        for seed in range(count):
            stacks = ("less:app@gunicorn", "more:app@gunicorn")
            found = _measured(stacks, seconds, seed, ["cpu_per_request"], Path(folder))
            verdict = found.analysis.verdict("cpu_per_request", stacks[1])
            called += verdict is not None and verdict.outcome == "slower"
            print(f"  {seed + 1:>3}  {_told([verdict] if verdict else [])}", flush=True)
    print(f"  {called} of {count} called slower, {(time.monotonic() - began) / count:.0f} s each")


def _measured(
    stacks: Sequence[str], seconds: float, seed: int, metrics: Sequence[Metric] = (), app_dir: Path = Path()
) -> Result:
    return compare(
        stacks,
        app_dir=app_dir,
        duration_s=WINDOW_S,
        warmup_s=WARMUP_S,
        max_time_s=seconds,
        response_times=False,
        metrics=metrics,
        seed=seed,
        store=None,
    )


def _told(verdicts: Sequence[Verdict]) -> str:
    if not verdicts:
        return "no valid comparison"
    return ", ".join(
        f"{verdict.metric} {verdict.ratio.value:.3f} {verdict.outcome} ({verdict.ratio.blocks} blocks)"
        for verdict in verdicts
    )


if __name__ == "__main__":
    main()
