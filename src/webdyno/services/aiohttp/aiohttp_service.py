"""The contract in aiohttp's web framework."""

import asyncio
import json

from aiohttp import web
from pydantic import ValidationError
from webdyno_shared import limits, settings, sse, stock, upstream
from webdyno_shared.about import about
from webdyno_shared.errors import error_body, invalid_body
from webdyno_shared.metrics import metrics
from webdyno_shared.models import Articulo, FanoutQuery, ItemPath, ItemsQuery, Lote, PageQuery, StreamQuery

CLIENT = web.AppKey("client", upstream.Session)
routes = web.RouteTableDef()


async def lifespan(app):
    metrics.start()
    async with upstream.Session() as app[CLIENT]:
        yield


class Invalid(Exception):
    """A parameter or a body is not what the contract asks for."""

    def __init__(self, error, where):
        self.document = invalid_body(error.errors(include_url=False, include_input=False), where)


def query(request, model):
    """The request's parameters, validated."""
    return valid(model, dict(request.query), "query")


async def body(request, model):
    """The request's JSON body, validated."""
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType()
    if (request.content_length or 0) > limits.JSON_BYTES:
        raise web.HTTPRequestEntityTooLarge(limits.JSON_BYTES)
    try:
        # aiohttp's own `json` takes the charset that is announced; here it is UTF-8 always.
        document = json.loads((await request.read()).decode())
    except (ValueError, RecursionError) as error:
        raise web.HTTPBadRequest() from error
    return valid(model, document, "body")


def valid(model, data, where):
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise Invalid(error, where) from error


@web.middleware
async def errors(request, handler):
    """What aiohttp has for error pages of one's own."""
    try:
        return await handler(request)
    except Invalid as error:
        return web.json_response(error.document, status=422)
    except web.HTTPException as error:
        # The header of a 405 says what is allowed.
        headers = {name: error.headers[name] for name in ("Allow",) if name in error.headers}
        return web.json_response(error_body(error.status), status=error.status, headers=headers)
    except upstream.UpstreamFailed:
        return web.json_response(error_body(502), status=502)


@routes.get("/")
@routes.get("/sync")
@routes.get("/async")
async def hello(request):
    return web.json_response({"message": "Hello, World!"})


@routes.get("/test-api")
async def test_api(request):
    return web.json_response(about("aiohttp", lifespan=CLIENT in request.app))


@routes.get("/status")
async def status(request):
    return web.json_response(metrics.now())


@routes.get("/stats")
async def stats(request):
    return web.json_response(metrics.history())


@routes.get("/items/{item_id}")
async def item(request):
    asked = valid(ItemPath, request.match_info, "path")
    if (found := stock.item(asked.item_id)) is None:
        raise web.HTTPNotFound()
    return web.json_response(found)


@routes.get("/items/")
async def items(request):
    return web.json_response(stock.items(**query(request, ItemsQuery).model_dump()))


@routes.get("/articulos/")
async def articulos(request):
    page = query(request, PageQuery)
    records = stock.ARTICULOS[page.skip : page.skip + page.limit]
    return web.json_response([Articulo.model_validate(record).model_dump() for record in records])


@routes.post("/articulos/")
async def new_articulo(request):
    record = stock.received((await body(request, Articulo)).model_dump())
    return web.json_response(Articulo.model_validate(record).model_dump(), status=201)


@routes.post("/articulos/lote")
async def new_lote(request):
    record = stock.received_lote((await body(request, Lote)).model_dump())
    return web.json_response(Lote.model_validate(record).model_dump(), status=201)


@routes.get("/fanout")
async def fanout(request):
    asked = query(request, FanoutQuery)
    if not settings.UPSTREAM:
        raise web.HTTPServiceUnavailable()
    if asked.mode == "threads":
        return web.json_response(await asyncio.to_thread(upstream.threads, asked.n))
    call = upstream.gathered if asked.mode == "async" else upstream.sequential_async
    return web.json_response(await call(request.app[CLIENT], asked.n))


@routes.get("/stream")
async def stream(request):
    asked = query(request, StreamQuery)
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", **sse.HEADERS})
    await response.prepare(request)
    for i in range(asked.n):
        if i and asked.interval_ms:
            await asyncio.sleep(asked.interval_ms / 1000)
        await response.write(sse.event({"i": i}).encode())
    return response


app = web.Application(middlewares=[errors], client_max_size=limits.JSON_BYTES)
app.cleanup_ctx.append(lifespan)
app.add_routes(routes)
