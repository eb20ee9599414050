"""The contract in Sanic."""

import asyncio

from pydantic import ValidationError
from sanic import Request, Sanic, json
from sanic.exceptions import BadRequest, NotFound, PayloadTooLarge, SanicException
from webdyno_shared import limits, settings, sse, stock, upstream
from webdyno_shared.about import about
from webdyno_shared.errors import error_body, invalid_body
from webdyno_shared.metrics import metrics
from webdyno_shared.models import Articulo, FanoutQuery, ItemPath, ItemsQuery, Lote, PageQuery, StreamQuery


class LimitedRequest(Request):
    """A request whose body may be as long as the contract allows, whichever server reads it."""

    async def receive_body(self):
        # Sanic's own server keeps to REQUEST_MAX_SIZE; under ASGI the limit is left to the app.
        if int(self.headers.get("content-length", 0)) > limits.JSON_BYTES:
            raise PayloadTooLarge()
        size, pieces = 0, []
        async for piece in self.stream:
            size += len(piece)
            if size > limits.JSON_BYTES:
                raise PayloadTooLarge()
            pieces.append(piece)
        self.body = b"".join(pieces)


app = Sanic("webdyno", strict_slashes=True, request_class=LimitedRequest)
app.config.REQUEST_MAX_SIZE = limits.JSON_BYTES
# As with the other servers, an answer may take as long as its work; Sanic gives up after a minute.
app.config.RESPONSE_TIMEOUT = 24 * 3600
app.ctx.started = False


@app.before_server_start
async def start(app):
    metrics.start()
    app.ctx.started = True
    app.ctx.upstream = upstream.Session()


@app.after_server_stop
async def stop(app):
    await app.ctx.upstream.close()


class Invalid(Exception):
    """A parameter or a body is not what the contract asks for."""

    def __init__(self, error, where):
        self.document = invalid_body(error.errors(include_url=False, include_input=False), where)


def query(request, model):
    """The request's parameters, validated."""
    return valid(model, dict(request.get_query_args(keep_blank_values=True)), "query")


def body(request, model):
    """The request's JSON body, validated."""
    if request.content_type.partition(";")[0].strip().lower() != "application/json":
        raise SanicException(status_code=415)
    if not request.body:
        raise BadRequest()
    return valid(model, request.json, "body")


def valid(model, data, where):
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise Invalid(error, where) from error


@app.exception(Invalid)
async def invalid(request, error):
    return json(error.document, 422)


@app.exception(SanicException)
async def http_error(request, error):
    return json(error_body(error.status_code), error.status_code, error.headers)


@app.exception(upstream.UpstreamFailed)
async def upstream_failed(request, error):
    return json(error_body(502), 502)


@app.get("/")
@app.get("/async", name="hello_async")
async def hello(request):
    return json({"message": "Hello, World!"})


@app.get("/sync")
def hello_sync(request):
    return json({"message": "Hello, World!"})


@app.get("/test-api")
async def test_api(request):
    return json(about("sanic", request.app.ctx.started))


@app.get("/status")
async def status(request):
    return json(metrics.now())


@app.get("/stats")
async def stats(request):
    return json(metrics.history())


@app.get("/items/<item_id>", unquote=True)
async def item(request, item_id):
    asked = valid(ItemPath, {"item_id": item_id}, "path")
    if (found := stock.item(asked.item_id)) is None:
        raise NotFound()
    return json(found)


@app.get("/items/")
async def items(request):
    return json(stock.items(**query(request, ItemsQuery).model_dump()))


@app.get("/articulos/")
async def articulos(request):
    page = query(request, PageQuery)
    records = stock.ARTICULOS[page.skip : page.skip + page.limit]
    return json([Articulo.model_validate(record).model_dump() for record in records])


@app.post("/articulos/")
async def new_articulo(request):
    record = stock.received(body(request, Articulo).model_dump())
    return json(Articulo.model_validate(record).model_dump(), 201)


@app.post("/articulos/lote")
async def new_lote(request):
    record = stock.received_lote(body(request, Lote).model_dump())
    return json(Lote.model_validate(record).model_dump(), 201)


@app.get("/fanout")
async def fanout(request):
    asked = query(request, FanoutQuery)
    if not settings.UPSTREAM:
        return json(error_body(503), 503)
    if asked.mode == "threads":
        return json(await asyncio.to_thread(upstream.threads, asked.n))
    call = upstream.gathered if asked.mode == "async" else upstream.sequential_async
    return json(await call(request.app.ctx.upstream, asked.n))


@app.get("/stream")
async def stream(request):
    asked = query(request, StreamQuery)
    response = await request.respond(content_type="text/event-stream", headers=sse.HEADERS)
    for i in range(asked.n):
        if i and asked.interval_ms:
            await asyncio.sleep(asked.interval_ms / 1000)
        await response.send(sse.event({"i": i}))
    await response.eof()
