"""The order of a quick run and its verdicts never contradict each other."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.factories import Truth, make_run
from webdyno.analysis.comparison import analyse as room
from webdyno.analysis.comparison.analyse import analyse
from webdyno.analysis.comparison.analysis import Analysis
from webdyno.model.order import Step
from webdyno.model.run import Run
from webdyno.model.verdict import Verdict

NAMES = ("flask@gunicorn", "fastapi@granian", "fastapi@uvicorn", "quart@uvicorn", "starlette@uvicorn")


def quick(shape: tuple[float, ...], seed: int, trial_sd: float = 0.04) -> Run:
    stacks = tuple(Truth(name, 5000 * more, 180) for name, more in zip(NAMES, shape, strict=False))
    run = make_run(stacks, blocks=6, rate=None, trial_sd=trial_sd, seed=seed)
    plan = run.experiment.model_copy(update={"quick": True, "looks": (3, 4, 6), "metrics": ("throughput",)})
    return run.model_copy(update={"experiment": plan})


def between(found: Verdict, analysis: Analysis) -> tuple[Step, ...]:
    """The steps of the order from one of the two to the other."""
    assert analysis.order
    places = sorted(map(analysis.order.stacks.index, (found.stack, found.against)))
    return analysis.order.steps[places[0] : places[1]]


def contradictions(analysis: Analysis) -> Counter[str]:
    """How often a verdict says other than the order."""
    found: Counter[str] = Counter()
    for one in analysis.verdicts:
        steps = between(one, analysis)
        relations = {step.relation for step in steps}
        if relations == {"ahead"}:
            found["ahead"] += one.direction is None and one.outcome != "tie"
        elif len(steps) == 1 and relations == {"tie"}:
            found["tie"] += one.outcome != "tie"
        elif len(steps) == 1:
            found["open"] += one.direction is not None or one.outcome != "undecided"
    return found


@pytest.mark.parametrize(
    ("shape", "trial_sd"),
    [((1, 1.12, 1.25), 0.04), ((1, 0.9, 1.1, 1.2), 0.04), ((1, 1.09, 0.5, 0.5, 0.5), 0.04), ((1, 1.0, 1.1), 0.003)],
)
def test_no_verdict_says_other_than_the_order(shape: tuple[float, ...], trial_sd: float) -> None:
    for seed in range(15):
        analysis = analyse(quick(shape, seed, trial_sd))
        assert not contradictions(analysis).total()
        for one in analysis.verdicts:
            if one.direction is not None:
                assert (one.direction == "higher") == (one.ratio.value > 1)
                assert one.p_direction is not None and one.p_direction <= 0.05
        if analysis.order and analysis.order.known and analysis.remaining:
            keys = {part.key for part in analysis.remaining.parts}
            assert keys == {"remaining.size"}
        leader = analysis.order.steps[0].relation if analysis.order else ""
        assert leader == "ahead" or all(one.claim.key != "throughput.fastest" for one in analysis.statements)


def test_without_being_made_to_agree_both_kinds_would_contradict_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "agreed", lambda verdicts, order: verdicts)
    found: Counter[str] = Counter()
    for shape in ((1, 1.12, 1.25), (1, 1.09, 0.5, 0.5, 0.5)):
        for seed in range(40):
            found += contradictions(analyse(quick(shape, seed)))
    assert found["ahead"] and found["open"]


def test_the_order_of_two_has_their_ratio_beside_it() -> None:
    sentence = analyse(quick((1, 2), 1)).sentences[0]
    assert (
        sentence.startswith("The order by throughput is known") and "fastapi@granian > flask@gunicorn; 2.0" in sentence
    )
