"""How many calls, by name, one `GET /` takes: `count_calls.py MODULE:APP wsgi|asgi`, in the environment of the app."""

import asyncio
import importlib
import io
import json
import sys
from collections import Counter
from types import FrameType
from typing import Any

REQUESTS, BEFORE = 50, 50
SCOPE = {
    "type": "http",
    "asgi": {"version": "3.0", "spec_version": "2.3"},
    "http_version": "1.1",
    "method": "GET",
    "scheme": "http",
    "path": "/",
    "raw_path": b"/",
    "query_string": b"",
    "root_path": "",
    "headers": [(b"host", b"127.0.0.1:8000"), (b"accept", b"*/*")],
    "client": ("127.0.0.1", 1),
    "server": ("127.0.0.1", 8000),
}
ENVIRON = {
    "REQUEST_METHOD": "GET",
    "SCRIPT_NAME": "",
    "PATH_INFO": "/",
    "QUERY_STRING": "",
    "SERVER_NAME": "127.0.0.1",
    "SERVER_PORT": "8000",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "HTTP_HOST": "127.0.0.1:8000",
    "HTTP_ACCEPT": "*/*",
    "wsgi.version": (1, 0),
    "wsgi.url_scheme": "http",
    "wsgi.errors": sys.stderr,
    "wsgi.multithread": False,
    "wsgi.multiprocess": False,
    "wsgi.run_once": False,
}
counts: Counter[str] = Counter()


def count(frame: FrameType, event: str, value: Any) -> None:
    if event == "call":
        counts[frame.f_code.co_qualname] += 1
    elif event == "c_call":
        counts[value.__qualname__] += 1


async def ask_asgi(app: Any, requests: int) -> None:
    for _ in range(requests):
        sent: list[dict[str, Any]] = []
        asked: list[bool] = []

        async def receive(asked: list[bool] = asked) -> dict[str, Any]:
            if asked:
                # A client that waits for its answer sends no more.
                await asyncio.get_running_loop().create_future()
            asked.append(True)
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: dict[str, Any], sent: list[dict[str, Any]] = sent) -> None:
            sent.append(message)

        await app({**SCOPE, "state": {}}, receive, send)
        assert sent[0]["status"] == 200 and b"Hello, World!" in sent[1]["body"], sent


async def count_asgi(app: Any) -> None:
    await ask_asgi(app, BEFORE)
    sys.setprofile(count)
    await ask_asgi(app, REQUESTS)
    sys.setprofile(None)


def ask_wsgi(app: Any, requests: int) -> None:
    for _ in range(requests):
        answer = app({**ENVIRON, "wsgi.input": io.BytesIO()}, lambda status, headers, error=None: None)
        assert b"Hello, World!" in b"".join(answer)
        answer.close()


def count_wsgi(app: Any) -> None:
    ask_wsgi(app, BEFORE)
    sys.setprofile(count)
    ask_wsgi(app, REQUESTS)
    sys.setprofile(None)


module, _, name = sys.argv[1].partition(":")
app = getattr(importlib.import_module(module), name)
if sys.argv[2] == "wsgi":
    count_wsgi(app)
else:
    asyncio.run(count_asgi(app))
often = {name: round(number / REQUESTS, 1) for name, number in counts.items() if number >= REQUESTS / 2}
json.dump(often, sys.stdout)
