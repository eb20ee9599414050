"""The servers inside Sanic and aiohttp: they start, take their settings, and leave nothing behind."""

from __future__ import annotations

import http.client
import json
import os
from pathlib import Path

import psutil
import pytest

from tests.serving.launch_servers import eventually
from webdyno.model.notation import parse_notation
from webdyno.model.run import StackRecord
from webdyno.model.workload import Request
from webdyno.serving.launcher import LocalServer, launch
from webdyno.serving.sockets import family
from webdyno.stacks.app_settings import AppSettings
from webdyno.stacks.environments import environment, this_interpreter
from webdyno.stacks.prepare import prepare

SANIC_SHOP = """
from pathlib import Path
from sanic import Sanic, json

class Shop(Sanic): ...

app = Shop("shop")

@app.get("/")
def index(request):
    return json({"greeting": "hola"})

@app.after_server_stop
def closed(app):
    Path("closed").touch()
"""
AIOHTTP_SHOP = """
from pathlib import Path
from types import SimpleNamespace
from aiohttp import web

async def index(request):
    return web.json_response({"greeting": "hola"})

async def closed(app):
    Path("closed").touch()

app = web.Application()
app.router.add_get("/", index)
app.on_cleanup.append(closed)
inner = SimpleNamespace(app=app)
"""


def pids_that_answer(server: LocalServer, requests: int) -> set[int]:
    found = set()
    for _ in range(requests):
        connection = http.client.HTTPConnection(server.host, server.port, timeout=10)
        connection.request("GET", "/test-api")
        found.add(json.loads(connection.getresponse().read())["pid"])
        connection.close()
    return found


def lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize(
    ("text", "workers"),
    [
        ("sanic", 1),
        ("sanic@sanic?workers=2", 2),
        ("aiohttp", 1),
        ("aiohttp@aiohttp?worker_class=asyncio&keep_alive=3&backlog=300", 1),
        ("aiohttp@gunicorn?workers=2", 2),
    ],
)
def test_it_serves_by_as_many_workers_on_its_cpus_and_stops_whole(text: str, workers: int) -> None:
    cpu = max(os.sched_getaffinity(0))
    with launch(prepare(parse_notation(text)), cpus=[cpu]) as server:
        server.wait_ready(Request())
        # Who accepts is the system's choice: all are seen only where one is there.
        answered = pids_that_answer(server, 5)
        tree = family(server.pid)
        named = [psutil.Process(pid) for pid in tree]
        assert answered <= tree and len(answered) <= workers
        assert {tuple(process.cpu_affinity()) for process in named} == {(cpu,)}
        assert not any("/test-api" in line for line in server.output_tail(100)), "there is no access log"
        server.check_alive()
    assert not [pid for pid in tree if lives(pid)]


def own_app(folder: Path, source: str, text: str, *packages: str) -> StackRecord:
    (folder / "shop.py").write_text(source)
    user = environment(packages, this_interpreter(), lambda text: None)
    record = prepare(parse_notation(text), AppSettings(cwd=folder, python=user.python))
    assert record.argv[0] == str(user.python)
    return record


def test_an_own_sanic_app_runs_on_sanics_server_and_is_stopped_gracefully(tmp_path: Path) -> None:
    record = own_app(tmp_path, SANIC_SHOP, "shop:app", "sanic")
    assert (record.interface, record.served_as, record.argv[2]) == ("sanic", "sanic", "sanic")
    with launch(record, stop_deadline_s=10.0) as server:
        assert json.loads(server.wait_ready(Request()).body) == {"greeting": "hola"}
        # It answers a moment before it knows what to do when asked to stop.
        assert eventually(lambda: any("Worker ready" in line for line in server.output_tail()))
        assert not (tmp_path / "closed").exists()
    assert (tmp_path / "closed").exists(), "what it does at shutdown was done"


def test_an_own_aiohttp_app_runs_on_aiohttps_server_and_is_stopped_gracefully(tmp_path: Path) -> None:
    record = own_app(tmp_path, AIOHTTP_SHOP, "shop:inner.app@aiohttp?worker_class=asyncio", "aiohttp")
    assert (record.interface, record.served_as) == ("aiohttp", "aiohttp")
    with launch(record, stop_deadline_s=10.0) as server:
        assert json.loads(server.wait_ready(Request()).body) == {"greeting": "hola"}
        assert not (tmp_path / "closed").exists()
    assert (tmp_path / "closed").exists(), "what it does at shutdown was done"
