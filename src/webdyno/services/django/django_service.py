"""The contract in Django under ASGI."""

import asyncio
import functools

import django_common as common
from asgiref.sync import sync_to_async
from django.conf import settings as django_settings
from django.core.asgi import get_asgi_application
from django.urls import path
from django_common import Answer, Refused, query, takes
from webdyno_shared import limits, settings, sse, upstream
from webdyno_shared.metrics import metrics
from webdyno_shared.models import FanoutQuery, StreamQuery

django_settings.configure(ROOT_URLCONF=__name__, **common.SETTINGS)
handler = get_asgi_application()
handler400, handler404 = common.bad_request, common.not_found
metrics.start()


async def app(scope, receive, send):
    """Django's handler, which by itself reads all of a body before it asks what may be done with it."""
    if scope.get("method") == "POST":
        announced = int(dict(scope["headers"]).get(b"content-length", 0))
        receive = limited(receive, announced).__anext__
    await handler(scope, receive, send)


async def limited(receive, announced):
    """The messages of a request, without what goes beyond the length that its body may have."""
    size, more = 0, announced <= limits.JSON_BYTES
    if not more:
        yield {"type": "http.request"}
    while True:
        message = await receive()
        if message["type"] != "http.request":
            yield message
        elif more:
            size += len(message.get("body", b""))
            more = message.get("more_body", False) and size <= limits.JSON_BYTES
            yield {**message, "more_body": more}


def in_loop(view):
    """A `def` view that waits for nothing as `async def`: Django would run it in a thread."""

    @functools.wraps(view)
    async def viewed(request, **captured):
        return view(request, **captured)

    return viewed


@takes("GET")
async def hello(request):
    return Answer({"message": "Hello, World!"})


@takes("GET")
def hello_sync(request):
    return Answer({"message": "Hello, World!"})


@functools.cache
def client():
    # Django has no start-up event: the process's connections begin with the first request that needs them.
    return upstream.Session()


@takes("GET")
async def fanout(request):
    asked = query(request, FanoutQuery)
    if not settings.UPSTREAM:
        raise Refused(503)
    try:
        if asked.mode == "threads":
            return Answer(await sync_to_async(upstream.threads)(asked.n))
        call = upstream.gathered if asked.mode == "async" else upstream.sequential_async
        return Answer(await call(client(), asked.n))
    except upstream.UpstreamFailed as error:
        raise Refused(502) from error


@takes("GET")
async def stream(request):
    asked = query(request, StreamQuery)
    return common.events(counted(asked.n, asked.interval_ms))


async def counted(n, interval_ms):
    for i in range(n):
        if i and interval_ms:
            await asyncio.sleep(interval_ms / 1000)
        yield sse.event({"i": i})


urlpatterns = [
    path("", hello),
    path("async", hello),
    path("sync", hello_sync),
    path("test-api", in_loop(common.test_api)),
    path("status", in_loop(common.status)),
    path("stats", in_loop(common.stats)),
    path("items/<item_id>", in_loop(common.item)),
    path("items/", in_loop(common.items)),
    path("articulos/", in_loop(common.articulos)),
    path("articulos/lote", in_loop(common.new_lote)),
    path("fanout", fanout),
    path("stream", stream),
]
