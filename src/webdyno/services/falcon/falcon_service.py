"""The contract in Falcon's WSGI interface."""

import asyncio
import time

import falcon
import falcon_common as common
from webdyno_shared import sse, upstream
from webdyno_shared.about import about
from webdyno_shared.metrics import metrics
from webdyno_shared.models import StreamQuery

metrics.start()


class Request(common.AnyCase, falcon.Request):
    """A request whose body may come in chunks, where the server knows their end."""

    @property
    def bounded_stream(self):
        if self.content_length is None and self.env.get("wsgi.input_terminated"):
            return self.stream
        return super().bounded_stream


class Hello:
    """`/`."""

    def on_get(self, req, resp):
        resp.media = {"message": "Hello, World!"}


class TestApi:
    """`/test-api`."""

    def on_get(self, req, resp):
        resp.media = about("falcon", lifespan=False)


class Status:
    """`/status`."""

    def on_get(self, req, resp):
        resp.media = metrics.now()


class Stats:
    """`/stats`."""

    def on_get(self, req, resp):
        resp.media = metrics.history()


class Items:
    """`/items/`, and each `/items/{item_id}`."""

    def on_get(self, req, resp):
        resp.media = common.items(req)

    def on_get_one(self, req, resp, item_id):
        resp.media = common.item(item_id)


class Articulos:
    """`/articulos/` and `/articulos/lote`."""

    def on_get(self, req, resp):
        resp.media = common.articulos(req)

    def on_post(self, req, resp):
        resp.media = common.new_articulo(req.get_media())
        resp.status = falcon.HTTP_CREATED

    def on_post_lote(self, req, resp):
        resp.media = common.new_lote(req.get_media())
        resp.status = falcon.HTTP_CREATED


class Fanout:
    """`/fanout`."""

    def on_get(self, req, resp):
        asked = common.fanout(req)
        if asked.mode == "async":
            # Falcon's `async_to_sync` has one event loop for all threads, which only one of them can run.
            resp.media = asyncio.run(gathered(asked.n))
        else:
            call = upstream.threads if asked.mode == "threads" else upstream.sequential
            resp.media = call(asked.n)


async def gathered(n):
    # The connections cannot outlive the request's event loop.
    async with upstream.Session() as client:
        return await upstream.gathered(client, n)


class Stream:
    """`/stream`."""

    def on_get(self, req, resp):
        asked = common.query(StreamQuery, req)
        resp.content_type = "text/event-stream"
        resp.set_headers(sse.HEADERS)
        resp.stream = counted(asked.n, asked.interval_ms)


def counted(n, interval_ms):
    for i in range(n):
        if i and interval_ms:
            time.sleep(interval_ms / 1000)
        yield sse.event({"i": i}).encode()


def upstream_failed(req, resp, error, params):
    raise falcon.HTTPBadGateway() from error


app = common.configured(falcon.App(request_type=Request))
app.add_error_handler(upstream.UpstreamFailed, upstream_failed)
items, articulos = Items(), Articulos()
app.add_route("/", Hello())
app.add_route("/sync", Hello())
app.add_route("/async", Hello())
app.add_route("/test-api", TestApi())
app.add_route("/status", Status())
app.add_route("/stats", Stats())
app.add_route("/items/", items)
app.add_route("/items/{item_id}", items, suffix="one")
app.add_route("/articulos/", articulos)
app.add_route("/articulos/lote", articulos, suffix="lote")
app.add_route("/fanout", Fanout())
app.add_route("/stream", Stream())
