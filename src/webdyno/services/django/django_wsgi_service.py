"""The contract in Django under WSGI."""

import time

import django_common as common
from asgiref.sync import async_to_sync
from django.conf import settings as django_settings
from django.core.wsgi import get_wsgi_application
from django.urls import path
from django_common import Answer, Refused, query, takes
from webdyno_shared import settings, sse, upstream
from webdyno_shared.metrics import metrics
from webdyno_shared.models import FanoutQuery, StreamQuery

django_settings.configure(ROOT_URLCONF=__name__, **common.SETTINGS)
app = get_wsgi_application()
handler400, handler404 = common.bad_request, common.not_found
metrics.start()


@takes("GET")
def hello(request):
    return Answer({"message": "Hello, World!"})


@takes("GET")
async def hello_async(request):
    return Answer({"message": "Hello, World!"})


@takes("GET")
def fanout(request):
    asked = query(request, FanoutQuery)
    if not settings.UPSTREAM:
        raise Refused(503)
    try:
        if asked.mode == "async":
            return Answer(async_to_sync(fanout_async)(asked.n))
        call = upstream.threads if asked.mode == "threads" else upstream.sequential
        return Answer(call(asked.n))
    except upstream.UpstreamFailed as error:
        raise Refused(502) from error


async def fanout_async(n):
    # Each request's coroutines run in an event loop of their own, which the connections cannot outlive.
    async with upstream.Session() as client:
        return await upstream.gathered(client, n)


@takes("GET")
def stream(request):
    asked = query(request, StreamQuery)
    return common.events(counted(asked.n, asked.interval_ms))


def counted(n, interval_ms):
    for i in range(n):
        if i and interval_ms:
            time.sleep(interval_ms / 1000)
        yield sse.event({"i": i})


urlpatterns = [
    path("", hello),
    path("sync", hello),
    path("async", hello_async),
    path("test-api", common.test_api),
    path("status", common.status),
    path("stats", common.stats),
    path("items/<item_id>", common.item),
    path("items/", common.items),
    path("articulos/", common.articulos),
    path("articulos/lote", common.new_lote),
    path("fanout", fanout),
    path("stream", stream),
]
