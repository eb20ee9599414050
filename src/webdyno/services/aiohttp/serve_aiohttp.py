"""Serves an aiohttp app by `web.run_app`: aiohttp's own command line takes neither an app nor an event loop."""

import argparse
import asyncio
import importlib
from functools import reduce

from aiohttp import web


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("target", help="MODULE:ATTRIBUTE")
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--worker-class", choices=["uvloop", "asyncio"], required=True)
    parser.add_argument("--workers", type=int, choices=[1])
    parser.add_argument("--backlog", type=int, default=128)
    parser.add_argument("--keep-alive", type=float, default=75.0)
    asked = parser.parse_args()
    loop = importlib.import_module(asked.worker_class).new_event_loop()
    # An app may ask for the loop while it is imported.
    asyncio.set_event_loop(loop)
    module, _, attribute = asked.target.partition(":")
    web.run_app(
        reduce(getattr, attribute.split("."), importlib.import_module(module)),
        host=asked.host,
        port=asked.port,
        backlog=asked.backlog,
        keepalive_timeout=asked.keep_alive,
        access_log=None,
        loop=loop,
    )


if __name__ == "__main__":
    main()
