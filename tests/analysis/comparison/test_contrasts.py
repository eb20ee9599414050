"""What part of a difference belongs to which part of a stack: only where it was measured."""

from __future__ import annotations

import pytest

from tests.factories import Truth, analysed, make_run
from webdyno.analysis.comparison.contrasts import difference, shares
from webdyno.model.notation import parse_stack


@pytest.mark.parametrize(
    ("one", "other", "parts"),
    [
        ("fastapi@granian", "flask@granian", "app"),
        ("fastapi@granian", "fastapi@gunicorn?worker_class=uvicorn", "server"),
        ("flask@gunicorn", "flask@gunicorn?worker_class=gthread", "worker_class"),
        ("flask@gunicorn", "flask@gunicorn?worker_class=gthread&threads=8", "threads worker_class"),
        ("flask@uvicorn?wrap=asgiref", "flask@uvicorn?wrap=a2wsgi", "wrap"),
        ("fastapi@uvicorn", "fastapi@uvicorn?with=cors", "with"),
        ("fastapi==0.110.0@uvicorn", "fastapi@uvicorn", "app_version"),
        ("fastapi@uvicorn==0.30.0", "fastapi@uvicorn", "server_version"),
        ("fastapi==0.110.0@uvicorn", "quart@uvicorn", "app"),
        ("flask@uvicorn?python=/a/python", "flask@uvicorn?python=/b/python", "python"),
        # Several parts, none, or something that is not known.
        ("fastapi@granian", "flask@gunicorn", ""),
        ("flask@gunicorn", "fastapi@gunicorn?worker_class=uvicorn", ""),
        ("flask@gunicorn?workers=2", "quart@gunicorn?workers=4", ""),
        ("flask@uvicorn?wrap=asgiref", "flask@gunicorn", ""),
        ("fastapi==0.110.0@uvicorn==0.30.0", "fastapi@uvicorn", ""),
        ("flask@gunicorn?workers=2&threads=8", "flask@gunicorn?threads=8&workers=2", ""),
        ("fastapi", "fastapi@uvicorn", ""),
    ],
)
def test_the_one_part_in_which_two_stacks_differ(one: str, other: str, parts: str) -> None:
    assert difference(parse_stack(one), parse_stack(other)) == tuple(parts.split())
    assert difference(parse_stack(other), parse_stack(one)) == tuple(parts.split())


def test_a_part_is_shared_where_its_value_is_the_same() -> None:
    first, second = parse_stack("fastapi@gunicorn?workers=2"), parse_stack("flask@gunicorn?workers=4")
    assert not shares(["app"], first, second)
    assert not shares(["server"], first, second)
    assert not shares(["workers"], first, second)
    assert shares(["wrap"], first, second)
    assert shares(["server"], first, parse_stack("quart@gunicorn?workers=2"))
    assert not shares(["app"], first, parse_stack("fastapi==0.110.0@gunicorn?workers=2"))


def test_a_server_with_other_settings_is_not_the_baselines_server() -> None:
    """The winner's rival runs gunicorn with another worker class than the baseline: nothing lies between the two."""
    rivals = (Truth("fastapi@gunicorn?worker_class=uvicorn", 9854, 100), Truth("fastapi@granian", 11592, 84))
    told = analysed(make_run((Truth("flask@gunicorn", 3286, 290), *rivals))).sentences
    assert "comes with" not in " ".join(told)
    assert "they differ in the server only" in told[1]


def test_a_part_that_exceeds_the_whole_is_not_told() -> None:
    """The server makes good for what the app costs: flask@granian carries more than fastapi@granian."""
    stacks = (
        Truth("flask@gunicorn", 9000, 105),
        Truth("fastapi@gunicorn", 5000, 190),
        Truth("fastapi@granian", 12000, 80),
    )
    assert "comes with" not in analysed(make_run(stacks)).sentences[0]


def test_a_share_of_the_difference_is_told_against_the_measured_stack_between() -> None:
    analysis = analysed(
        make_run(
            (Truth("flask@gunicorn", 3000, 320), Truth("flask@granian", 9000, 110), Truth("fastapi@granian", 12000, 80))
        )
    )
    assert analysis.sentences[0].startswith("fastapi@granian is fastest: ")
    assert "of it comes with the app (against flask@granian)" in analysis.sentences[0]
    assert [(*one.parts, one.stack, one.against) for one in analysis.contrasts] == [
        ("app", "fastapi@granian", "flask@granian"),
        ("server", "flask@granian", "flask@gunicorn"),
    ]


def test_nothing_is_claimed_against_a_stack_that_does_not_lie_between() -> None:
    """fastapi@hypercorn differs from the best in the server, but its server is not the baseline's."""
    analysis = analysed(
        make_run(
            (
                Truth("flask@gunicorn", 3000, 320),
                Truth("fastapi@hypercorn", 4000, 240),
                Truth("fastapi@granian", 12000, 80),
            )
        )
    )
    assert "comes with" not in analysis.sentences[0]


def test_nothing_is_claimed_where_the_part_makes_no_certain_difference() -> None:
    analysis = analysed(
        make_run(
            (Truth("flask@gunicorn", 3000, 320), Truth("flask@granian", 11990, 80), Truth("fastapi@granian", 12000, 80))
        )
    )
    assert "comes with" not in " ".join(analysis.sentences)


def test_invalid_stacks_take_no_part_in_contrasts() -> None:
    analysis = analysed(make_run((Truth("flask@gunicorn", 3000, 320), Truth("flask@granian", 9000, 110, failing=0.3))))
    assert analysis.contrasts == ()
