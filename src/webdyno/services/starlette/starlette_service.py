"""The contract in Starlette."""

import asyncio
import json
from contextlib import asynccontextmanager

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route
from webdyno_shared import limits, settings, sse, stock, upstream
from webdyno_shared.about import about
from webdyno_shared.errors import error_body, invalid_body
from webdyno_shared.metrics import metrics
from webdyno_shared.models import Articulo, FanoutQuery, ItemPath, ItemsQuery, Lote, PageQuery, StreamQuery


@asynccontextmanager
async def lifespan(app):
    metrics.start()
    app.state.started = True
    async with upstream.Session() as app.state.upstream:
        yield


class Invalid(Exception):
    """A parameter or a body is not what the contract asks for."""

    def __init__(self, error, where):
        self.document = invalid_body(error.errors(include_url=False, include_input=False), where)


def query(model, request):
    """The request's parameters, validated."""
    return _valid(model, dict(request.query_params), "query")


async def body(model, request):
    """The request's JSON body, validated."""
    content_type = request.headers.get("content-type", "").partition(";")[0]
    if content_type.strip().lower() != "application/json":
        raise HTTPException(415)
    try:
        data = json.loads(await _text(request))
    except (ValueError, RecursionError, ClientDisconnect) as error:
        raise HTTPException(400) from error
    return _valid(model, data, "body")


async def _text(request):
    """The body, as long as it may be. Starlette's own limit answers with a text of its own."""
    if int(request.headers.get("content-length", 0)) > limits.JSON_BYTES:
        raise HTTPException(413)
    whole = bytearray()
    async for piece in request.stream():
        whole += piece
        if len(whole) > limits.JSON_BYTES:
            raise HTTPException(413)
    return whole.decode()


def _valid(model, data, where):
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise Invalid(error, where) from error


async def http_error(request, error):
    return JSONResponse(error_body(error.status_code), error.status_code, headers=error.headers)


async def invalid(request, error):
    return JSONResponse(error.document, 422)


async def upstream_failed(request, error):
    return JSONResponse(error_body(502), 502)


async def hello(request):
    return JSONResponse({"message": "Hello, World!"})


def hello_sync(request):
    return JSONResponse({"message": "Hello, World!"})


async def test_api(request):
    return JSONResponse(about("starlette", request.app.state.started))


async def status(request):
    return JSONResponse(metrics.now())


async def stats(request):
    return JSONResponse(metrics.history())


async def item(request):
    asked = _valid(ItemPath, request.path_params, "path")
    if (found := stock.item(asked.item_id)) is None:
        raise HTTPException(404)
    return JSONResponse(found)


async def items(request):
    return JSONResponse(stock.items(**query(ItemsQuery, request).model_dump()))


async def articulos(request):
    page = query(PageQuery, request)
    records = stock.ARTICULOS[page.skip : page.skip + page.limit]
    return JSONResponse([Articulo.model_validate(record).model_dump() for record in records])


async def new_articulo(request):
    articulo = await body(Articulo, request)
    record = stock.received(articulo.model_dump())
    return JSONResponse(Articulo.model_validate(record).model_dump(), 201)


async def new_lote(request):
    lote = await body(Lote, request)
    record = stock.received_lote(lote.model_dump())
    return JSONResponse(Lote.model_validate(record).model_dump(), 201)


async def fanout(request):
    asked = query(FanoutQuery, request)
    if not (settings.UPSTREAM and request.app.state.upstream):
        raise HTTPException(503)
    if asked.mode == "threads":
        return JSONResponse(await run_in_threadpool(upstream.threads, asked.n))
    call = upstream.gathered if asked.mode == "async" else upstream.sequential_async
    return JSONResponse(await call(request.app.state.upstream, asked.n))


async def stream(request):
    asked = query(StreamQuery, request)
    texts = counted(asked.n, asked.interval_ms)
    return StreamingResponse(texts, media_type="text/event-stream", headers=sse.HEADERS)


async def counted(n, interval_ms):
    for i in range(n):
        if i and interval_ms:
            await asyncio.sleep(interval_ms / 1000)
        yield sse.event({"i": i})


app = Starlette(
    routes=[
        Route("/", hello),
        Route("/async", hello),
        Route("/sync", hello_sync),
        Route("/test-api", test_api),
        Route("/status", status),
        Route("/stats", stats),
        Route("/items/{item_id}", item),
        Route("/items/", items),
        Route("/articulos/", articulos),
        Route("/articulos/", new_articulo, methods=["POST"]),
        Route("/articulos/lote", new_lote, methods=["POST"]),
        Route("/fanout", fanout),
        Route("/stream", stream),
    ],
    exception_handlers={
        HTTPException: http_error,
        Invalid: invalid,
        upstream.UpstreamFailed: upstream_failed,
    },
    lifespan=lifespan,
)
app.state.started, app.state.upstream = False, None
