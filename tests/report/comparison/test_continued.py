"""A run that blocks were added to says so, in every format."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.factories import Truth, make_run
from webdyno.lab.continuing import going_on
from webdyno.model.fact import fact
from webdyno.model.run import Run
from webdyno.questions.analysed import result_of

PAIR = (Truth("flask@gunicorn", 3000, 300), Truth("fastapi@granian", 3100, 290))
DAY = datetime(2026, 11, 29, 13, 2, tzinfo=UTC)


def continued() -> Run:
    """Four blocks, and later two more on another kernel."""
    run = make_run(PAIR, blocks=6)
    first = run.model_copy(update={"trials": tuple(trial for trial in run.trials if trial.block <= 4)})
    kernel = fact("continued.host", what="kernel", before="6.1", now="6.2")
    later = going_on(first, first.host, DAY, [kernel])
    return later.model_copy(update={"state": "complete", "finished": run.finished, "trials": run.trials})


def test_every_format_says_when_blocks_were_added_and_what_was_otherwise() -> None:
    result = result_of(continued())
    for name in ("text", "markdown", "html"):
        told = " ".join(result.told(name).split())
        assert "blocks added on 2026-11-29 13:02 UTC, after 4 blocks; otherwise than before: kernel: 6.2" in told, name
        assert "looked at after 4 blocks before" in told, name
    assert '"after":4' in result.told("json").replace(" ", "").replace("\n", "")


def test_the_ratios_of_a_second_look_have_wider_intervals_at_the_level_that_is_told() -> None:
    plain = result_of(make_run(PAIR, blocks=6)).analysis.verdicts[0].ratio
    again = result_of(continued()).analysis.verdicts[0].ratio
    assert plain.interval and again.interval
    # 2.5 % x (1 - 4 / 6)
    assert again.interval.level == 1 - 0.025 / 3
    assert again.value == plain.value
    assert again.interval.low < plain.interval.low < plain.interval.high < again.interval.high
    assert "99.2 % CI" in result_of(continued()).told("text").replace("\n", " ")


def test_a_run_that_nobody_saw_before_says_when_blocks_were_added_and_nothing_of_looks() -> None:
    run = continued()
    unseen = run.model_copy(update={"experiment": run.experiment.model_copy(update={"looks": (6,)})})
    told = " ".join(result_of(unseen).told("text").split())
    assert "blocks added on 2026-11-29 13:02 UTC" in told
    assert "looked at after" not in told
