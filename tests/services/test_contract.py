"""Every reference service keeps the contract on every server that can serve it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from webdyno.model.notation import parse_notation
from webdyno.model.run import StackRecord
from webdyno.stacks.catalogue import app_names
from webdyno.stacks.entries import MODE_KEY, Integer, OneOf, ServerOption
from webdyno.stacks.listing import list_stacks
from webdyno.stacks.prepare import prepare
from webdyno.stacks.resolve import resolve

from ..stacks.starting import Answered, ask

# A value that is not the server's default, so that a flag which is spelled wrong does not go unseen.
OTHER_VALUES = {"workers": "1", "runtime_mode": "st", "task_impl": "asyncio", "lifespan": "off"}
# What modes and wrappers do with an interface is proven with these; the others are started on every server once.
IN_EVERY_MODE = ("bare-wsgi", "bare-asgi", "flask", "fastapi", "sanic", "aiohttp")


def started_with(app: str) -> list[str]:
    """The stacks with which an app is started."""
    notations = [text for text in list_stacks() if text.startswith(f"{app}@")]
    return [text for text in notations if app in IN_EVERY_MODE or "?" not in text]


def together(records: list[StackRecord], home: Path) -> list[list[Answered]]:
    """Start a few at a time, and ask each for a path of the contract and one outside of it."""
    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(lambda record: ask(record, "/", "/nowhere", home=home), records))


def check(records: list[StackRecord], home: Path) -> None:
    for record, (greeting, nowhere) in zip(records, together(records, home), strict=True):
        assert (greeting.status, greeting.content_type) == (200, "application/json"), record.notation
        assert json.loads(greeting.body) == {"message": "Hello, World!"}, record.notation
        assert nowhere.status == 404, record.notation
    assert not list(home.iterdir()), "a server leaves nothing in the user's home"


@pytest.mark.parametrize("app", app_names())
def test_the_service_keeps_the_contract_on_every_server(app: str, tmp_path: Path) -> None:
    records = [prepare(parse_notation(text)) for text in started_with(app)]
    assert records and all(record.locked for record in records)
    check(records, tmp_path)


def test_every_option_of_every_server_is_one_that_the_server_takes(tmp_path: Path) -> None:
    apps = ("bare-", "sanic@sanic", "aiohttp@")
    direct = [text for text in list_stacks() if text.startswith(apps) and "wrap=" not in text]
    records = [prepare(parse_notation(with_all_options(text))) for text in direct]
    check(records, tmp_path)


def with_all_options(notation: str) -> str:
    """The notation with a value for each option of its server's mode."""
    mode = resolve(parse_notation(notation)).mode
    head, _, query = notation.partition("?")
    pairs = [query] if query else [f"{MODE_KEY}={mode.name}"] if mode.name else []
    pairs += [f"{option.name}={other_value(option)}" for option in mode.options if option.flag is not None]
    return f"{head}?{'&'.join(pairs)}"


def other_value(option: ServerOption) -> str:
    if option.name in OTHER_VALUES:
        return OTHER_VALUES[option.name]
    if isinstance(option.kind, OneOf):
        return option.kind.values[-1]
    assert isinstance(option.kind, Integer)
    return str(max(option.kind.low, 300))
