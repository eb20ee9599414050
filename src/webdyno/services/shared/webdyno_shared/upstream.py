"""Calls to the upstream, one after another, by threads, or by asyncio; connections are pooled and alike in number."""

import asyncio
import functools
import json
from concurrent.futures import ThreadPoolExecutor

from .limits import UPSTREAM_CALLS, UPSTREAM_TIMEOUT_S
from .settings import UPSTREAM

if UPSTREAM:
    # Only then: what is imported lengthens every collection of garbage, and so what `hello` costs.
    import aiohttp
    import urllib3


class UpstreamFailed(Exception):
    """A call was not answered with 200 and the document."""


def path(i):
    """What the i-th call of a request asks for."""
    return f"{UPSTREAM}/value?x={i}"


def told(answers):
    """The document of `/fanout`, from the upstream's documents: a call left out, or one made up, shows."""
    serials = {answer["serial"] for answer in answers}
    return {"n": len(answers), "distinct": len(serials), "sum": sum(answer["value"] for answer in answers)}


@functools.cache
def _pool():
    timeout = urllib3.Timeout(UPSTREAM_TIMEOUT_S)
    return urllib3.PoolManager(maxsize=UPSTREAM_CALLS, block=True, retries=False, timeout=timeout)


@functools.cache
def _threads():
    return ThreadPoolExecutor(UPSTREAM_CALLS, "upstream")


def call(i):
    """One call, in this thread."""
    try:
        answer = _pool().request("GET", path(i))
        if answer.status != 200:
            raise UpstreamFailed(f"status {answer.status}")
        return json.loads(answer.data)
    except (urllib3.exceptions.HTTPError, ValueError) as error:
        raise UpstreamFailed(str(error)) from error


def sequential(n):
    """As many calls, one after another."""
    return told([call(i) for i in range(n)])


def threads(n):
    """As many calls by the process's threads."""
    return told(list(_threads().map(call, range(n))))


class Session:
    """A client for `call_async`; it belongs to the event loop of its first call, and whoever makes it closes it."""

    def __init__(self):
        self._client = None

    async def __aenter__(self):
        return self

    async def __aexit__(self, *exc_info):
        await self.close()

    async def close(self):
        """Close its connections."""
        if self._client:
            await self._client.close()

    def get(self, url):
        """Ask for a URL."""
        if self._client is None:
            connector = aiohttp.TCPConnector(limit=UPSTREAM_CALLS)
            timeout = aiohttp.ClientTimeout(UPSTREAM_TIMEOUT_S)
            self._client = aiohttp.ClientSession(connector=connector, timeout=timeout)
        return self._client.get(url)


async def call_async(client, i):
    """One call, awaited."""
    try:
        async with client.get(path(i)) as answer:
            if answer.status != 200:
                raise UpstreamFailed(f"status {answer.status}")
            return await answer.json()
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise UpstreamFailed(str(error)) from error


async def sequential_async(client, n):
    """As many calls, each awaited before the next."""
    return told([await call_async(client, i) for i in range(n)])


async def gathered(client, n):
    """As many calls at once, as far as the connections go."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(call_async(client, i)) for i in range(n)]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from failed
    return told([task.result() for task in tasks])
