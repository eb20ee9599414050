"""Blocks without a planned number: they end when all is precise, when the time is up, and never before."""

from __future__ import annotations

import pytest

from webdyno.api import compare
from webdyno.errors import UsageError
from webdyno.lab.question import Question
from webdyno.lab.stopping import blocks_to_go, not_reached
from webdyno.model.load import ClosedLoad, OpenLoad, Window
from webdyno.model.metric import Metric
from webdyno.model.notation import parse_notation
from webdyno.model.verdict import Closing
from webdyno.model.workload import HELLO
from webdyno.stacks.app_settings import AppSettings
from webdyno.texts.catalogue import told

STACKS = ("bare-asgi@uvicorn", "bare-asgi@granian")


def closing(more: int | None, half: float | None = 0.05) -> Closing:
    return Closing(metric="throughput", stack="b", against="a", half_width=half, more_blocks=more)


def question(
    stacks: tuple[str, ...] = STACKS,
    precision: float | None = 0.03,
    blocks: int | None = None,
    max_time_s: float = 100.0,
    metrics: tuple[Metric, ...] = ("throughput",),
) -> Question:
    return Question(
        stacks=tuple(map(parse_notation, stacks)),
        settings=AppSettings(),
        workload=HELLO,
        saturation=ClosedLoad(connections=2),
        rate=OpenLoad(rate=50.0),
        arrivals="poisson",
        window=Window(warmup_s=0.0, duration_s=0.1),
        blocks=blocks,
        max_time_s=max_time_s,
        seed=1,
        precision=precision,
        metrics=metrics,
    )


def test_only_one_thing_says_when_to_end() -> None:
    with pytest.raises(UsageError, match="all say when to end"):
        compare(STACKS, blocks=3, decided=lambda run: True)


def test_the_blocks_to_go_are_those_of_the_slowest_ratio() -> None:
    assert blocks_to_go([closing(0), closing(7), closing(2)]) == 7
    assert blocks_to_go([closing(0), closing(0)]) == 0
    assert blocks_to_go([closing(0), closing(None)]) is None
    assert blocks_to_go([]) is None


def test_only_what_is_not_yet_precise_is_told() -> None:
    text = told(not_reached(9, [closing(0, 0.01), closing(None, None), closing(None, 0.4)], 0.03))
    assert text.endswith(": throughput of b no interval, throughput of b +-40 %")
    assert told(not_reached(9, [], 0.03)).endswith(": no two stacks had a valid trial")


@pytest.mark.parametrize(
    ("asked", "match"),
    [
        ({"precision": 0.03, "blocks": 6}, "both say when to end"),
        ({"stacks": STACKS[:1]}, "one stack only"),
    ],
)
def test_a_precision_that_cannot_be_had_is_refused(asked: dict[str, object], match: str) -> None:
    with pytest.raises(UsageError, match=match):
        question(**asked)  # type: ignore[arg-type]
