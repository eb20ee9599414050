"""What the services' own code may not do, so that none of them wins by having more or by doing less."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from webdyno.stacks.entries import SERVICES, SHARED

# The upstream stands for somebody else's service; the inspection runs in front of no measured stack.
NO_SERVICES = {"upstream", "inspection"}
FILES = sorted(path for path in SERVICES.rglob("*.py") if path.relative_to(SERVICES).parts[0] not in NO_SERVICES)
OTHER_JSON = {"orjson", "ujson", "rapidjson", "simplejson", "msgspec", "pydantic_core", "pickle", "marshal"}
POOLS = {
    "ThreadPoolExecutor", "ProcessPoolExecutor", "CapacityLimiter", "Semaphore", "BoundedSemaphore",
    "TCPConnector", "ClientSession", "PoolManager", "HTTPConnectionPool", "set_default_executor",
}  # fmt: skip
SWITCHES = {"debug", "reload", "auto_reload", "autoreload", "access_log", "dev"}


def last(node: ast.expr) -> str:
    """`b` of `a.b`, and of `b`."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def other_json(tree: ast.Module) -> set[str]:
    """The JSON libraries that it imports beside Python's own."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {one.name.partition(".")[0] for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found & OTHER_JSON


def pools(tree: ast.Module) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call) and last(node.func) in POOLS)


def own_sizes(tree: ast.Module) -> list[int]:
    """The numbers that its pools are given as they stand, not by the name of a common limit."""
    return [
        node.value
        for pool in pools(tree)
        for node in ast.walk(pool)
        if isinstance(node, ast.Constant) and type(node.value) is int
    ]


def switched_on(tree: ast.Module) -> list[str]:
    """The debug modes, reloads and access logs that it asks for."""
    given: list[tuple[str, ast.expr | None]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword):
            given.append((node.arg or "", node.value))
        elif isinstance(node, ast.Assign):
            given += [(last(target), node.value) for target in node.targets]
            given += [
                (str(target.slice.value), node.value)
                for target in node.targets
                if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant)
            ]
        elif isinstance(node, ast.Dict):
            given += [
                (str(key.value), value)
                for key, value in zip(node.keys, node.values, strict=True)
                if isinstance(key, ast.Constant)
            ]
    return [
        name
        for name, value in given
        if name.lower() in SWITCHES and not (isinstance(value, ast.Constant) and not value.value)
    ]


def kept_answers(tree: ast.Module) -> list[str]:
    """The functions that remember what they returned for which arguments."""
    return [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (node.args.args or node.args.kwonlyargs)
        for decorator in node.decorator_list
        if "cache" in last(decorator.func if isinstance(decorator, ast.Call) else decorator)
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SERVICES)))
def test_a_service_takes_no_more_and_does_no_less_than_the_others(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert not other_json(tree)
    assert not own_sizes(tree)
    assert path.is_relative_to(SHARED) or not list(pools(tree)), "pools are made once, in webdyno_shared"
    assert not switched_on(tree)
    assert not kept_answers(tree)


def test_all_services_are_looked_at_and_the_shared_pools_among_them() -> None:
    assert {path.parent.name for path in FILES} >= {"flask", "fastapi", "sanic", "bare_wsgi", "wrap", "aiohttp"}
    made = {last(pool.func) for path in FILES for pool in pools(ast.parse(path.read_text()))}
    assert made == {"ThreadPoolExecutor", "ProcessPoolExecutor", "TCPConnector", "ClientSession", "PoolManager"}


@pytest.mark.parametrize(
    ("check", "text"),
    [
        (other_json, "import orjson"),
        (other_json, "from msgspec.json import encode"),
        (own_sizes, "pool = ThreadPoolExecutor(500)"),
        (own_sizes, "aiohttp.TCPConnector(limit=0)"),
        (switched_on, "app = Flask(debug=True)"),
        (switched_on, "app.debug = settings.DEBUG"),
        (switched_on, 'SETTINGS = {"DEBUG": True}'),
        (switched_on, 'app.config["DEBUG"] = 1'),
        (kept_answers, "@functools.lru_cache(10)\ndef item(number): ..."),
        (kept_answers, "@cache\nasync def item(*, number): ..."),
    ],
)
def test_what_would_be_unfair_is_seen(check: object, text: str) -> None:
    assert callable(check) and list(check(ast.parse(text)))
