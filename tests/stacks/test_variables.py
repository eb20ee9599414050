"""Variables that change a server or Python: seen, with whether the command line goes before them."""

from __future__ import annotations

import pytest

from webdyno.model.notation import parse_notation
from webdyno.stacks.resolve import resolve
from webdyno.stacks.variables import variable_notes
from webdyno.texts.catalogue import told


def notes(notation: str, *names: str) -> list[str]:
    resolved = resolve(parse_notation(notation))
    found = variable_notes(dict.fromkeys(names, "4"), resolved.server, resolved.arguments("shop:app"))
    return list(map(told, found))


@pytest.mark.parametrize(
    ("notation", "name", "told"),
    [
        ("flask@gunicorn", "WEB_CONCURRENCY", "has no effect on gunicorn: webdyno gives --workers"),
        ("fastapi@uvicorn", "WEB_CONCURRENCY", "has no effect on uvicorn: webdyno gives --workers"),
        ("fastapi@uvicorn", "UVICORN_WORKERS", "has no effect on uvicorn: webdyno gives --workers"),
        ("fastapi@uvicorn", "UVICORN_TIMEOUT_KEEP_ALIVE", "webdyno gives --timeout-keep-alive"),
        ("fastapi@uvicorn", "UVICORN_ACCESS_LOG", "webdyno gives --no-access-log"),
        ("fastapi@uvicorn", "UVICORN_LOOP", "changes uvicorn"),
        ("fastapi@uvicorn?loop=asyncio", "UVICORN_LOOP", "has no effect on uvicorn: webdyno gives --loop"),
        ("fastapi@uvicorn", "FORWARDED_ALLOW_IPS", "changes uvicorn"),
        ("fastapi@granian", "GRANIAN_WORKERS", "has no effect on granian: webdyno gives --workers"),
        ("fastapi@granian", "GRANIAN_LOG_LEVEL", "changes granian"),
        ("sanic@sanic", "SANIC_KEEP_ALIVE", "changes sanic"),
        ("aiohttp", "AIOHTTP_NO_EXTENSIONS", "changes aiohttp"),
        ("fastapi@granian", "PYTHONOPTIMIZE", "changes Python itself"),
        ("flask@gunicorn", "PYTHONDEVMODE", "changes Python itself"),
        ("flask@gunicorn", "PYTHONHASHSEED", "has no effect"),
    ],
)
def test_it_is_told_what_a_variable_does_to_the_stack(notation: str, name: str, told: str) -> None:
    (note,) = notes(notation, name)
    assert note.startswith(f"{name} of --env ") and told in note


def test_variables_of_the_app_and_of_other_servers_are_nothing_to_tell() -> None:
    assert (
        notes("flask@gunicorn", "DATABASE_URL", "UVICORN_LOOP", "GRANIAN_WORKERS", "PYTHONPATH", "PYTHONUNBUFFERED")
        == []
    )
