"""`hello` goes through nothing but the framework: it takes just the calls that the framework's minimal app takes."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from webdyno.model.notation import parse_notation
from webdyno.stacks.prepare import prepare

SCRIPT = Path(__file__).with_name("count_calls.py")
STARLETTE = """
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route


async def hello(request):
    return JSONResponse({"message": "Hello, World!"})


app = Starlette(routes=[Route("/", hello)])
"""
DECORATED = """
from {module} import {framework}

app = {framework}({name})


@app.get("/")
{define} hello():
    return {{"message": "Hello, World!"}}
"""


def decorated(module: str, framework: str, name: str, define: str) -> str:
    return DECORATED.format(module=module, framework=framework, name=name, define=define)


MINIMAL = {
    "flask@gunicorn": decorated("flask", "Flask", "__name__", "def"),
    "quart@uvicorn": decorated("quart", "Quart", "__name__", "async def"),
    "starlette@uvicorn": STARLETTE,
    "fastapi@uvicorn": decorated("fastapi", "FastAPI", "", "async def"),
}
"""As the first page of each framework's documentation has it, but for the answer."""


@pytest.mark.parametrize("notation", MINIMAL)
def test_hello_takes_the_calls_of_the_frameworks_minimal_app_and_no_other(notation: str, tmp_path: Path) -> None:
    (tmp_path / "minimal.py").write_text(MINIMAL[notation])
    record = prepare(parse_notation(notation))
    path = os.pathsep.join((record.env["PYTHONPATH"], str(tmp_path)))
    service, minimal = (
        json.loads(
            subprocess.run(
                [record.argv[0], str(SCRIPT), target, record.interface],
                env={"PYTHONPATH": path},
                check=True,
                stdout=subprocess.PIPE,
            ).stdout
        )
        for target in (f"{record.stack.app}_service:app", "minimal:app")
    )
    assert service == minimal and service["hello"] == 1.0
