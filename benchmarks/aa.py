"""Do verdicts hold? The same stack against itself, and against one that burns a little more CPU for each request.

Both designs are tried: stacks measured in turn, as `webdyno compare` does by default, and both at once (`--duet`). A
few comparisons by default; `--long` makes as many as the goals speak of, which takes about an hour and a half.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from webdyno.api import ComparisonResult, compare
from webdyno.model.verdict import Verdict

# One stack under two names: one worker is what it has anyway.
SAME = ("bare-wsgi@gunicorn", "bare-wsgi@gunicorn?workers=1")
SAME_S = 25.0
# Rounds of SHA-256 for each request: so many that the server's own work, which is alike, is 5 % of all.
ROUNDS = 12_000
OWN_SHARE = 0.05
BURNER = """
import hashlib

def app(environ, start_response):
    state = b"webdyno"
    for _ in range({rounds}):
        state = hashlib.sha256(state).digest()
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
"""


def main() -> None:
    """Print all tables."""
    long = "--long" in sys.argv[1:]
    for duet in (True, False):
        false_verdicts(40 if long else 2, duet=duet)
        for more, seconds in ((0.10, 60.0), (0.05, 180.0)):
            sensitivity(more, seconds, 10 if long else 1, duet=duet)


def false_verdicts(count: int, *, duet: bool) -> None:
    """A/A: how often a stack is called faster or slower than itself."""
    print(f"\nthe same stack twice, {_design(duet)}: {count} comparisons of {SAME_S:g} s (to reach: <= 2 of 40 false)")
    false = 0
    for seed in range(count):
        found = _measured(SAME, SAME_S, seed, duet=duet).analysis.verdicts
        wrong = any(verdict.outcome in ("faster", "slower") for verdict in found)
        false += wrong
        print(f"  {seed + 1:>3}  {_told(found)}{'  FALSE' if wrong else ''}", flush=True)
    print(f"  {false} of {count} with a false verdict")


def sensitivity(more: float, seconds: float, count: int, *, duet: bool) -> None:
    """How often a service that burns more CPU for each request is called slower by its CPU time per request."""
    print(f"\n{more:.0%} more CPU for each request, {_design(duet)}: {count} comparisons of at most {seconds:g} s")
    called, began = 0, time.monotonic()
    with tempfile.TemporaryDirectory(prefix="webdyno-aa-") as folder:
        for name, rounds in (("less", ROUNDS), ("more", round(ROUNDS * (1 + more / (1 - OWN_SHARE))))):
            (Path(folder) / f"{name}.py").write_text(BURNER.format(rounds=rounds))
        for seed in range(count):
            stacks = ("less:app@gunicorn", "more:app@gunicorn")
            # Known to a third of the difference: enough to tell it from the margin of 2 %.
            result = _measured(stacks, seconds, seed, Path(folder), duet=duet, precision=more / 3)
            verdict = result.analysis.verdict("cpu_per_request", stacks[1])
            called += verdict is not None and verdict.outcome == "slower"
            print(f"  {seed + 1:>3}  {_told([verdict] if verdict else [])}", flush=True)
    each = (time.monotonic() - began) / count
    print(f"  {called} of {count} called slower, {each:.0f} s each (to reach: 9 of 10)")


def _design(duet: bool) -> str:
    return "at once (duet)" if duet else "in turn"


def _measured(
    stacks: Sequence[str],
    seconds: float,
    seed: int,
    app_dir: Path = Path(),
    *,
    duet: bool,
    precision: float | None = None,
) -> ComparisonResult:
    result = compare(
        stacks,
        app_dir=app_dir,
        duration=0.5,
        warmup=0.2,
        max_time=seconds,
        response_times=False,
        metrics=() if precision is None else ("cpu_per_request",),
        precision=precision,
        duet=duet,
        seed=seed,
        store=None,
    )
    if result.run.state == "interrupted":
        sys.exit(130)
    return result


def _told(verdicts: Sequence[Verdict]) -> str:
    if not verdicts:
        return "no valid comparison"
    return ", ".join(
        f"{verdict.metric} {verdict.ratio.value:.3f} {verdict.outcome} ({verdict.ratio.blocks} blocks)"
        for verdict in verdicts
    )


if __name__ == "__main__":
    main()
