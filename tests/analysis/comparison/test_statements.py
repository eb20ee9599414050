"""Verdicts in plain words."""

from __future__ import annotations

import re

import pytest

from tests.factories import Truth, analysed, make_run
from webdyno.analysis.comparison.ratio_facts import inverse, ratio_text
from webdyno.analysis.comparison.statements import statements
from webdyno.analysis.comparison.verdicts import Comparison, verdicts
from webdyno.analysis.validity.reason import UNRESOLVED, ValidityReason
from webdyno.model.fact import fact
from webdyno.model.notation import parse_stack
from webdyno.model.run import Run
from webdyno.model.verdict import Estimate, Interval
from webdyno.units import format_roughly

GRANIAN, GUNICORN = "fastapi@granian", "flask@gunicorn"


def sentences(run: Run) -> tuple[str, ...]:
    return analysed(run).sentences


def estimate(value: float, low: float, high: float) -> Estimate:
    return Estimate(value=value, interval=Interval(low=low, high=high), blocks=6)


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (estimate(3.07, 2.93, 3.31), "3.1x (95 % CI 2.9-3.3, 6 blocks)"),
        (estimate(5.0, 2.71, 9.22), "5.0x (95 % CI 2.7-9.2, 6 blocks)"),
        (estimate(1.3, 0.9, 1.9), "1.3x (95 % CI 0.9-1.9, 6 blocks)"),
        (estimate(3.074, 3.051, 3.097), "3.07x (95 % CI 3.05-3.10, 6 blocks)"),
        (estimate(812.3, 760.2, 868.0), "812x (95 % CI 760-868, 6 blocks)"),
        (estimate(0.2912, 0.2881, 0.2943), "0.291x (95 % CI 0.288-0.294, 6 blocks)"),
        (estimate(1.3602, 1.3589, 1.3615), "1.36x (95 % CI 1.36-1.36, 6 blocks)"),
        (estimate(1.0, 1.0, 1.0), "1.00x (95 % CI 1.00-1.00, 6 blocks)"),
        (Estimate(value=3.07, interval=None, blocks=1), "3.1x (1 block, so no interval)"),
    ],
)
def test_a_ratio_has_as_many_decimals_as_its_interval_carries(ratio: Estimate, text: str) -> None:
    assert ratio_text(ratio) == text


def test_the_inverse_swaps_the_ends_of_the_interval() -> None:
    turned = inverse(estimate(0.5, 0.4, 0.8))
    assert turned.interval is not None
    assert (turned.value, turned.interval.low, turned.interval.high) == (2.0, 1.25, 2.5)


def test_the_default_run_is_told_in_this_way() -> None:
    assert sentences(make_run()) == (
        "fastapi@granian is fastest: 3.50x flask@gunicorn (95 % CI 3.44-3.56, 6 blocks).",
        "fastapi@granian is faster than fastapi@gunicorn?worker_class=uvicorn: 1.16x "
        "(95 % CI 1.14-1.18, 6 blocks); they differ in the server only.",
        "fastapi@gunicorn?worker_class=uvicorn is faster than flask@gunicorn: 3.02x (95 % CI 2.95-3.09, 6 blocks).",
        "quart@gunicorn?worker_class=uvicorn is faster than flask@gunicorn: 2.15x (95 % CI 2.12-2.17, 5 blocks).",
        "flask@gunicorn?worker_class=gthread&threads=8 is faster than flask@gunicorn: 1.09x "
        "(95 % CI 1.07-1.11, 6 blocks); they differ in threads and worker_class only.",
        "At 1,640/s, the p99 response time of fastapi@granian is 0.803 ms, 0.29x that of flask@gunicorn "
        "(95 % CI 0.27-0.31, 6 blocks).",
        "The CPU time per request of fastapi@granian is 0.291x that of flask@gunicorn (95 % CI 0.288-0.293, 6 blocks).",
        "The peak memory of fastapi@granian is 1.36x that of flask@gunicorn (95 % CI 1.36-1.36, 6 blocks).",
        "flask@gunicorn?worker_class=uvicorn&wrap=asgiref is not ranked: 48 % of the requests failed: status 500.",
    )


def test_of_two_stacks_the_one_that_carries_more_comes_first_whichever_is_the_baseline() -> None:
    fast, slow = Truth(GRANIAN, 9000, 105), Truth(GUNICORN, 4000, 240)
    for order in ((fast, slow), (slow, fast)):
        assert sentences(make_run(order))[0].startswith(f"{GRANIAN} is faster than {GUNICORN}: 2.2")


def test_a_baseline_that_leads_is_named_first_and_the_others_follow() -> None:
    told = sentences(
        make_run((Truth(GRANIAN, 9000, 105), Truth(GUNICORN, 4000, 240), Truth("quart@uvicorn", 6000, 160)))
    )
    assert told[0].startswith(f"{GRANIAN} is fastest: 1.49x quart@uvicorn")
    assert told[1].startswith(f"{GRANIAN} is faster than {GUNICORN}: 2.2")


def test_a_tie_says_so_with_its_margin() -> None:
    told = sentences(make_run((Truth(GRANIAN, 5000, 190), Truth(GUNICORN, 5000, 190)), trial_sd=0.002))
    assert "have the same throughput to within 2 %: 1.0" in told[0]


def test_windows_that_are_too_short_for_a_tie_are_said_to_be() -> None:
    run = make_run((Truth(GRANIAN, 5000, 190), Truth(GUNICORN, 5000, 190)), trial_sd=0.002, rate=None)
    analysis = analysed(run)
    reason = ValidityReason(name=UNRESOLVED, severity="caution", what=fact("short-window", mean_s=1.0, window_s=1.0))
    base, short = analysis.stacks[0], analysis.stacks[1].model_copy(update={"reasons": (reason,)})
    for stacks in ((base, short), (short, base)):
        found = verdicts([Comparison(metric, *stacks) for metric in ("throughput", "cpu_per_request", "memory")])
        assert [one.outcome for one in found] == ["undecided", "undecided", "tie"]
        ranked = sorted(stacks, key=lambda one: one.throughput.value if one.throughput else 0, reverse=True)
        parsed = {one.notation: parse_stack(one.notation) for one in stacks}
        said = statements(stacks[1], stacks, ranked, found, (), parsed)
        told = analysis.model_copy(update={"statements": said}).sentences
        assert "the windows are too short to rule a difference out, so give a longer --duration" in told[0]
        assert "more blocks" not in " ".join(told)


def test_an_undecided_comparison_says_what_would_decide() -> None:
    told = sentences(make_run((Truth(GRANIAN, 5050, 190), Truth(GUNICORN, 5000, 190)), trial_sd=0.06))
    assert re.search(
        r"x \(95 % CI 0.9\S+, 6 blocks\), inconclusive; about \d+ more blocks, \d+ (s|min), would decide\.$", told[0]
    )
    cpu = next(sentence for sentence in told if sentence.startswith("The CPU time"))
    assert re.search(r", inconclusive; about \d+ more blocks?, \d+ (s|min), would", cpu)


def test_where_only_the_size_is_open_the_direction_is_said_and_what_would_decide_the_size() -> None:
    run = make_run((Truth(GRANIAN, 5200, 190), Truth(GUNICORN, 5000, 190)), trial_sd=0.03)
    found = analysed(run).verdicts[0]
    assert (found.direction, found.outcome) == ("lower", "undecided")
    (said, *_) = sentences(run)
    assert said.startswith(f"{GRANIAN} has higher throughput than {GUNICORN}: 1.05x (95 % CI 1.01-1.08, 6 blocks); ")
    assert re.search(r"whether by more than 2 % is open; about \d+ more blocks, \d+ s, would decide\.$", said)


def test_a_stack_that_is_ahead_of_all_is_the_fastest_whether_or_not_by_more_than_the_margin() -> None:
    stacks = (Truth(GUNICORN, 3000, 320), Truth(GRANIAN, 9300, 105), Truth("fastapi@uvicorn", 9000, 105))
    run = make_run(stacks, trial_sd=0.02)
    told = sentences(run)
    assert told[0].startswith(f"{GRANIAN} is fastest: 3.")
    assert told[1].startswith(f"{GRANIAN} has higher throughput than fastapi@uvicorn")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "1 s"), (6.6, "7 s"), (44, "40 s"), (89, "90 s"), (130, "2 min"), (5399, "90 min"), (7300, "2 h")],
)
def test_a_time_that_is_only_estimated_is_told_roughly(seconds: float, text: str) -> None:
    assert format_roughly(seconds) == text


def test_an_interval_that_would_tell_a_direction_by_itself_but_not_among_many_says_why() -> None:
    stacks = (Truth(GUNICORN, 500, 320), *(Truth(f"{GRANIAN}?workers={n}", 530, 300) for n in range(1, 6)))
    run = make_run(stacks, rate=None, trial_sd=0.03)
    beyond = [
        one
        for one in analysed(run).verdicts
        if one.metric == "throughput" and one.direction is None and one.ratio.interval
        if one.ratio.interval.low > 1 or one.ratio.interval.high < 1
    ]
    assert beyond
    why = re.compile(r"not significant after correcting for 6 comparisons; about \d+ more blocks?, \d+ s, would decide")
    assert sum(bool(why.search(sentence)) for sentence in sentences(run)[:6]) == len(beyond)


def test_two_leaders_that_tie_are_not_said_to_carry_the_most() -> None:
    stacks = (Truth(GUNICORN, 3000, 320), Truth(GRANIAN, 9000, 105), Truth("fastapi@uvicorn", 9000, 105))
    told = sentences(make_run(stacks, trial_sd=0.002))
    assert "fastest" not in told[0]
    assert "have the same throughput" in told[1]


def test_one_block_is_said_to_decide_nothing() -> None:
    assert sentences(make_run(blocks=1))[0].endswith("in one block, which decides nothing.")


def test_a_stack_alone_is_told_without_a_comparison() -> None:
    told = sentences(make_run((Truth(GRANIAN, 5000, 190),)))
    assert "requests/s (95 % CI 4," in told[0]
    assert told[0].endswith(", 6 blocks); there is no other valid stack to compare it with.")


def test_nothing_valid_is_told_in_one_sentence_with_the_reason() -> None:
    run = make_run()
    pilot_only = run.model_copy(update={"trials": run.trials[:6]})
    assert sentences(pilot_only) == ("No stack can be ranked: only the pilot was measured before the run ended.",)


def test_no_stack_is_the_fastest_that_may_be_behind_another_of_the_family() -> None:
    """Of the baseline as the best the family also has those that are neither second nor told by themselves."""
    named = 0
    for seed in range(30):
        rates = zip(
            (GUNICORN, GRANIAN, "fastapi@uvicorn", "quart@uvicorn"), (5000.0, 4600.0, 4500.0, 4400.0), strict=True
        )
        stacks = tuple(Truth(name, rate, 9e5 / rate) for name, rate in rates)
        analysis = analysed(make_run(stacks, blocks=5, rate=None, trial_sd=0.03, seed=seed))
        best = analysis.ranking[0]
        if analysis.statements[0].claim.key == "throughput.fastest":
            named += 1
            of_best = [one for one in analysis.verdicts if best in (one.stack, one.against)]
            assert all(one.differs for one in of_best if one.metric == "throughput")
    assert named > 3


def test_what_needs_more_blocks_than_anybody_waits_for_is_not_called_no_difference() -> None:
    """The true ratio is 1.12; that it scatters much says nothing of how large it is."""
    run = make_run((Truth(GUNICORN, 5000, 180), Truth(GRANIAN, 5600, 180)), blocks=5, rate=None, trial_sd=0.12, seed=9)
    assert sentences(run)[0].endswith("inconclusive; more than 500 blocks would be needed at this scatter.")
    keys = {addition.key for addition in analysed(run).statements[0].additions}
    assert keys == {"decide.many"}
