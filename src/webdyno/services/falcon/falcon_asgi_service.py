"""The contract in Falcon's ASGI interface."""

import asyncio

import falcon
import falcon.asgi
import falcon_common as common
from webdyno_shared import sse, upstream
from webdyno_shared.about import about
from webdyno_shared.metrics import metrics
from webdyno_shared.models import StreamQuery


class Lifespan:
    """What begins and ends with the process."""

    started = False
    upstream = None

    async def process_startup(self, scope, event):
        metrics.start()
        self.upstream = upstream.Session()
        self.started = True

    async def process_shutdown(self, scope, event):
        await self.upstream.close()


lifespan = Lifespan()


class Request(common.AnyCase, falcon.asgi.Request):
    """Falcon's, with that."""


class Hello:
    """`/`."""

    async def on_get(self, req, resp):
        resp.media = {"message": "Hello, World!"}


class HelloSync:
    """`/sync`: Falcon on ASGI takes `async def` only, and runs `def` code for it."""

    async def on_get(self, req, resp):
        resp.media = await falcon.sync_to_async(greet)


def greet():
    return {"message": "Hello, World!"}


class TestApi:
    """`/test-api`."""

    async def on_get(self, req, resp):
        resp.media = about("falcon", lifespan.started)


class Status:
    """`/status`."""

    async def on_get(self, req, resp):
        resp.media = metrics.now()


class Stats:
    """`/stats`."""

    async def on_get(self, req, resp):
        resp.media = metrics.history()


class Items:
    """`/items/`, and each `/items/{item_id}`."""

    async def on_get(self, req, resp):
        resp.media = common.items(req)

    async def on_get_one(self, req, resp, item_id):
        resp.media = common.item(item_id)


class Articulos:
    """`/articulos/` and `/articulos/lote`."""

    async def on_get(self, req, resp):
        resp.media = common.articulos(req)

    async def on_post(self, req, resp):
        resp.media = common.new_articulo(await req.get_media())
        resp.status = falcon.HTTP_CREATED

    async def on_post_lote(self, req, resp):
        resp.media = common.new_lote(await req.get_media())
        resp.status = falcon.HTTP_CREATED


class Fanout:
    """`/fanout`."""

    async def on_get(self, req, resp):
        asked = common.fanout(req)
        if not lifespan.upstream:
            raise falcon.HTTPServiceUnavailable()
        if asked.mode == "threads":
            resp.media = await falcon.sync_to_async(upstream.threads, asked.n)
        else:
            call = upstream.gathered if asked.mode == "async" else upstream.sequential_async
            resp.media = await call(lifespan.upstream, asked.n)


class Stream:
    """`/stream`."""

    async def on_get(self, req, resp):
        asked = common.query(StreamQuery, req)
        resp.set_headers(sse.HEADERS)
        resp.sse = counted(asked.n, asked.interval_ms)


async def counted(n, interval_ms):
    for i in range(n):
        if i and interval_ms:
            await asyncio.sleep(interval_ms / 1000)
        yield falcon.asgi.SSEvent(json={"i": i})


async def upstream_failed(req, resp, error, params):
    raise falcon.HTTPBadGateway() from error


app = common.configured(falcon.asgi.App(middleware=[lifespan], request_type=Request))
app.add_error_handler(upstream.UpstreamFailed, upstream_failed)
items, articulos = Items(), Articulos()
app.add_route("/", Hello())
app.add_route("/async", Hello())
app.add_route("/sync", HelloSync())
app.add_route("/test-api", TestApi())
app.add_route("/status", Status())
app.add_route("/stats", Stats())
app.add_route("/items/", items)
app.add_route("/items/{item_id}", items, suffix="one")
app.add_route("/articulos/", articulos)
app.add_route("/articulos/lote", articulos, suffix="lote")
app.add_route("/fanout", Fanout())
app.add_route("/stream", Stream())
