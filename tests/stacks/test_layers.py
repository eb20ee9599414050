import pytest

from tests.factories import Truth, make_run
from webdyno.errors import NotationError, UsageError
from webdyno.model.notation import parse_notation
from webdyno.model.run import Run
from webdyno.stacks.layers import explainable, layered


def upto(text: str) -> dict[str, str]:
    return {str(layer): stack for layer, stack in layered(parse_notation(text)).upto.items()}


def test_a_wsgi_stack_is_its_server_and_its_framework() -> None:
    assert upto("flask@gunicorn?workers=2") == {
        "server": "bare-wsgi@gunicorn?workers=2",
        "framework": "flask@gunicorn?workers=2",
    }


def test_an_asgi_stack_is_known_with_both_handlers() -> None:
    assert upto("fastapi==0.115.0@gunicorn?worker_class=uvicorn") == {
        "server": "bare-asgi@gunicorn?worker_class=uvicorn",
        "framework": "fastapi==0.115.0@gunicorn?worker_class=uvicorn&handler=sync",
        "handler": "fastapi==0.115.0@gunicorn?worker_class=uvicorn",
    }
    assert list(upto("fastapi@uvicorn?handler=sync")) == ["server", "framework"]


def test_a_wrapper_is_a_layer_of_its_own() -> None:
    assert upto("flask@uvicorn?wrap=a2wsgi") == {
        "server": "bare-asgi@uvicorn",
        "wrapper": "bare-wsgi@uvicorn?wrap=a2wsgi",
        "framework": "flask@uvicorn?wrap=a2wsgi",
    }


def test_parts_are_the_last_layer() -> None:
    assert upto("quart@uvicorn?with=gzip") == {
        "server": "bare-asgi@uvicorn",
        "framework": "quart@uvicorn?handler=sync",
        "handler": "quart@uvicorn",
        "parts": "quart@uvicorn?with=gzip",
    }
    assert list(upto("flask?with=cors")) == ["server", "framework", "parts"]


def test_a_bare_app_is_nothing_but_its_server() -> None:
    assert upto("bare-asgi@granian") == {"server": "bare-asgi@granian"}


def test_the_default_server_is_named() -> None:
    assert upto("flask")["server"] == "bare-wsgi@gunicorn"


@pytest.mark.parametrize("text", ["shop.main:app@uvicorn", "aiohttp@aiohttp"])
def test_what_cannot_be_taken_apart_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="taken apart"):
        layered(parse_notation(text))


@pytest.mark.parametrize("text", ["fastapi@waitress", "bare-asgi@uvicorn?handler=sync", "fastapi?handler=both"])
def test_a_wrong_notation_is_refused_as_everywhere(text: str) -> None:
    with pytest.raises(NotationError):
        layered(parse_notation(text))


def stacks(*names: str) -> Run:
    return make_run(tuple(Truth(name, 1000, 900) for name in names), blocks=1, rate=None)


WHOLE = ("fastapi@uvicorn", "fastapi@uvicorn?handler=sync", "bare-asgi@uvicorn")


def test_two_stacks_of_a_run_can_be_explained_where_all_that_they_are_made_of_was_measured() -> None:
    found = explainable(stacks("flask@gunicorn", *WHOLE, "bare-wsgi@gunicorn"))
    assert found
    assert [side.stack for side in found] == ["flask@gunicorn", "fastapi@uvicorn"]


@pytest.mark.parametrize(
    "names",
    [
        ("flask@gunicorn", *WHOLE),
        ("bare-wsgi@gunicorn", "bare-wsgi@waitress"),
        ("flask@gunicorn", "bare-wsgi@gunicorn"),
        ("shop.main:app@gunicorn", *WHOLE),
        WHOLE,
    ],
)
def test_no_stacks_are_explained_of_which_a_part_is_missing_or_one_is_the_others_part(names: tuple[str, ...]) -> None:
    assert explainable(stacks(*names)) is None


def test_what_was_not_asked_is_not_explained() -> None:
    run = stacks("flask@gunicorn", *WHOLE, "bare-wsgi@gunicorn")
    for asked in ({"metrics": ("cpu_per_request",)}, {"design": "duet"}):
        plan = run.experiment.model_copy(update=asked)
        assert explainable(run.model_copy(update={"experiment": plan})) is None
