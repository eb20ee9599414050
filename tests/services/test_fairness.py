"""What `docs/fairness.md` says is equal between stacks, and that the report tells what is not."""

from __future__ import annotations

import functools
import html
import io
import re
import sys
from pathlib import Path

import pytest
from rich.console import Console

from webdyno.model.fact import Fact
from webdyno.model.notation import parse_notation
from webdyno.model.run import StackRecord
from webdyno.report.comparison.markdown import escaped, to_markdown
from webdyno.report.comparison.terminal import render
from webdyno.report.html import page
from webdyno.stacks.catalogue import APPS, SERVERS, app_names, find_app
from webdyno.stacks.entries import IDLE_S, SERVICES
from webdyno.stacks.listing import list_stacks
from webdyno.stacks.lock import locked_pins
from webdyno.stacks.matrix import matrix
from webdyno.stacks.prepare import prepare
from webdyno.stacks.resolve import Resolved, resolve
from webdyno.stacks.wrappers import WRAPPERS
from webdyno.texts.catalogue import told

from ..factories import Truth, analysed, make_run
from .test_contract import started_with

PAGE = Path(__file__).parents[2] / "docs" / "fairness.md"
STACKS = list_stacks()
SAME_LIBRARIES = {"pydantic", "pydantic-core", "urllib3", "aiohttp", "psutil"}
OTHER_JSON = {"orjson", "ujson", "rapidjson", "python-rapidjson", "simplejson", "msgspec", "yyjson", "cysimdjson"}
JSON_OF_FRAMEWORKS = {"sanic": {"ujson"}, "litestar": {"msgspec"}}
ONE = {"workers", "threads", "blocking_threads", "runtime_threads"}
IDLE = {"keep_alive", "channel_timeout"}
OWN_IDLE_TIME = {"granian", "sanic"}
SWITCHES_OFF = {"--no-access-log", "--no-access-logs"}
UNWANTED = ("access", "reload", "debug", "dev", "log-level", "statsd", "metrics", "proxy")


def resolved(notation: str) -> Resolved:
    return resolve(parse_notation(notation))


@functools.cache
def records() -> tuple[StackRecord, ...]:
    # Those that test_contract starts: an environment for each of the others as well would take minutes to make.
    return tuple(prepare(parse_notation(notation)) for app in app_names() for notation in started_with(app))


def test_all_stacks_have_the_same_version_of_every_package_that_they_share() -> None:
    locked = locked_pins()
    versions: dict[str, set[str]] = {}
    for record in records():
        assert record.locked, record.notation
        for package, version in record.packages.items():
            versions.setdefault(package, set()).add(version)
    assert {package: found for package, found in versions.items() if len(found) > 1} == {}
    for package in SAME_LIBRARIES:
        assert versions[package] <= {pin.version for pin in locked[package]}


def test_every_framework_has_the_same_libraries_for_the_same_work() -> None:
    for record in records():
        if "articulos" in matrix()[record.stack.app].parts:
            assert record.packages.keys() >= SAME_LIBRARIES, record.notation


def test_no_stack_has_another_json_library_than_its_frameworks_own() -> None:
    for record in records():
        own = JSON_OF_FRAMEWORKS.get(record.stack.app, set())
        assert record.packages.keys() & OTHER_JSON == own, record.notation


def test_all_stacks_run_on_one_python() -> None:
    assert {Path(record.argv[0]).resolve() for record in records()} == {Path(sys.executable).resolve()}
    assert {record.python for record in records()} == {".".join(map(str, sys.version_info[:3]))}


def test_nothing_but_the_app_is_set_by_variables() -> None:
    for record in records():
        assert record.env.keys() <= {"PYTHONPATH", "WEBDYNO_SERVER", "WEBDYNO_TARGET"}, record.notation


@pytest.mark.parametrize("notation", STACKS)
def test_a_command_line_asks_for_no_access_log_no_reload_and_no_debug_mode(notation: str) -> None:
    arguments = resolved(notation).arguments("target:app")
    flags = {argument for argument in arguments if argument.startswith("-") and argument not in SWITCHES_OFF}
    assert not [flag for flag in flags if any(word in flag for word in UNWANTED)]


@pytest.mark.parametrize("file", sorted((SERVICES / "settings").glob("*.*")), ids=lambda path: path.name)
def test_a_settings_file_asks_for_none_of_it_either(file: Path) -> None:
    lines = [line.partition("#")[0] for line in file.read_text().split('"""')[-1].splitlines()]
    assert any("=" in line for line in lines)
    assert not [line for line in lines if any(word in line.replace("_", "-") for word in UNWANTED)]


@pytest.mark.parametrize("notation", STACKS)
def test_workers_threads_and_the_time_of_idle_connections_are_equal_and_stated(notation: str) -> None:
    found = resolved(notation)
    settable = {option.name for option in found.mode.options}
    assert {name: found.options[name] for name in ONE & settable} == dict.fromkeys(ONE & settable, "1")
    assert {name: found.options[name] for name in IDLE & settable} == dict.fromkeys(IDLE & settable, IDLE_S)
    assert ONE & settable, "how much serves the app stands on the command line"
    assert IDLE & settable or found.server.name in OWN_IDLE_TIME or found.mode.worker == "sync"


def unequal() -> dict[str, tuple[Fact, ...]]:
    """The first stack of each mode and wrapper that has notes."""
    found: dict[str, tuple[Fact, ...]] = {}
    for notation in STACKS:
        notes = resolved(notation).notes
        if notes and notes not in found.values():
            found[notation] = notes
    return found


def test_what_sets_a_stack_apart_is_written_into_its_record() -> None:
    for record in records():
        assert tuple(note.what for note in record.notes) == resolved(record.notation).notes
    notes = [note for found in unequal().values() for note in found]
    assert all(note in notes for wrapper in WRAPPERS.values() for note in wrapper.notes)


@pytest.mark.parametrize("notation", unequal())
def test_what_sets_a_stack_apart_stands_beside_its_result(notation: str) -> None:
    notes = resolved(notation).notes
    run = make_run((Truth(notation, 3000, 300, notes=notes), Truth("fastapi@uvicorn", 9000, 100)), blocks=2)
    analysis = analysed(run)
    out = io.StringIO()
    Console(file=out, width=80).print(render(run, analysis, width=80, colour=False, stored=""))
    for note in map(told, notes):
        assert note in " ".join(out.getvalue().split())
        assert escaped(note) in to_markdown(run, analysis)
        assert note in html.unescape(page.render(run, analysis))
        assert note in [reason.sentence for reason in analysis.stack(notation).reasons]


def test_gunicorns_sync_worker_is_said_to_reconnect_for_every_request() -> None:
    notes = resolved("flask@gunicorn").notes
    run = make_run((Truth("flask@gunicorn", 3000, 300, reconnecting=1.0, notes=notes),), blocks=2)
    sentences = [reason.sentence for reason in analysed(run).stack("flask@gunicorn").reasons]
    assert any("closes every connection" in sentence for sentence in sentences)
    assert any(sentence.startswith("100 % of the requests needed a new connection") for sentence in sentences)


def test_the_page_names_every_server_wrapper_and_framework_and_only_tests_that_exist() -> None:
    text = PAGE.read_text()
    for name in {*SERVERS, *APPS} - {"bare-wsgi", "bare-asgi", "django-wsgi", "falcon-asgi"}:
        assert re.search(rf"^\| .*\b{name}\b.* \|", text, re.I | re.M), name
    assert all(f"`wrap={name}`" in text for name in WRAPPERS)
    tests = PAGE.parents[1] / "tests"
    named = re.findall(r"`(?:tests/)?((?:\w+/)*test_\w+\.py|services/contract)`", text)
    assert named and all((tests / name).exists() or (tests / "services" / name).exists() for name in named)


def test_every_reference_app_is_looked_at_here() -> None:
    assert {resolved(notation).app for notation in STACKS} == {find_app(name) for name in APPS}
