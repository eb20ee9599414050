"""The contract in Quart."""

import asyncio
import time
from pathlib import Path

import webdyno_shared
from pydantic import ValidationError
from quart import Quart, Response, abort, request, url_for, websocket
from quart import Request as QuartRequest
from quart.utils import run_sync
from quart.wrappers.request import Body as QuartBody
from webdyno_shared import cpu, limits, settings, sse, stock, upload, upstream
from webdyno_shared.about import about
from webdyno_shared.errors import error_body, invalid_body
from webdyno_shared.jobs import accepted, jobs
from webdyno_shared.metrics import metrics
from webdyno_shared.models import (
    Articulo,
    BlockingQuery,
    CpuQuery,
    FanoutQuery,
    ItemPath,
    ItemsQuery,
    JobOrder,
    Lote,
    PageQuery,
    StreamQuery,
)
from werkzeug.exceptions import HTTPException
from werkzeug.routing import WebsocketMismatch


class Body(QuartBody):
    """A body that is counted where it is read piece by piece: Quart counts what waits to be read."""

    size, limit = 0, limits.JSON_BYTES

    async def __anext__(self):
        piece = await super().__anext__()
        self.size += len(piece)
        if self.size > self.limit:
            abort(413)
        return piece


class Request(QuartRequest):
    """A request with that body."""

    body_class = Body


app = Quart(__name__, static_folder=Path(webdyno_shared.__file__).parent / "static")
app.request_class = Request
app.config["MAX_CONTENT_LENGTH"] = limits.UPLOAD_BYTES
# A form field may be as long as the body; Quart's own limit is shorter.
app.config["MAX_FORM_MEMORY_SIZE"] = limits.UPLOAD_BYTES
app.started, app.upstream = False, None


@app.while_serving
async def lifespan():
    metrics.start()
    app.started = True
    async with upstream.Session() as app.upstream:
        yield


class Invalid(Exception):
    """A parameter or a body is not what the contract asks for."""

    def __init__(self, error, where):
        self.document = invalid_body(error.errors(include_url=False, include_input=False), where)


def query(model):
    """The request's parameters, validated."""
    return _valid(model, request.args.to_dict(), "query")


async def body(model):
    """The request's JSON body, validated."""
    if request.mimetype != "application/json":
        abort(415)
    if (request.content_length or 0) > limits.JSON_BYTES:
        abort(413)
    # Piece by piece, so that a body is refused as soon as it is too long.
    text = b"".join([piece async for piece in request.body])
    try:
        data = app.json.loads(text.decode())
    except (ValueError, RecursionError):
        abort(400)
    return _valid(model, data, "body")


def _valid(model, data, where):
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise Invalid(error, where) from error


@app.errorhandler(Invalid)
async def invalid(error):
    return error.document, 422


@app.errorhandler(HTTPException)
async def http_error(error):
    # The headers of a 405 say what is allowed.
    headers = {name: text for name, text in error.get_headers() if name == "Allow"}
    return error_body(error.code), error.code, headers


@app.errorhandler(WebsocketMismatch)
async def no_websocket(error):
    return error_body(404), 404


@app.errorhandler(upstream.UpstreamFailed)
async def upstream_failed(error):
    return error_body(502), 502


@app.get("/")
async def hello():
    return {"message": "Hello, World!"}


app.add_url_rule("/async", view_func=hello)


@app.get("/sync")
def hello_sync():
    return {"message": "Hello, World!"}


@app.get("/test-api")
async def test_api():
    return about("quart", app.started)


@app.get("/status")
async def status():
    return metrics.now()


@app.get("/stats")
async def stats():
    return metrics.history()


@app.get("/items/<item_id>")
async def item(item_id):
    asked = _valid(ItemPath, {"item_id": item_id}, "path")
    return stock.item(asked.item_id) or abort(404)


@app.get("/items/")
async def items():
    return stock.items(**query(ItemsQuery).model_dump())


@app.get("/articulos/")
async def articulos():
    page = query(PageQuery)
    records = stock.ARTICULOS[page.skip : page.skip + page.limit]
    return [Articulo.model_validate(record).model_dump() for record in records]


@app.post("/articulos/")
async def new_articulo():
    articulo = await body(Articulo)
    record = stock.received(articulo.model_dump())
    return Articulo.model_validate(record).model_dump(), 201


@app.post("/articulos/lote")
async def new_lote():
    lote = await body(Lote)
    record = stock.received_lote(lote.model_dump())
    return Lote.model_validate(record).model_dump(), 201


@app.get("/fanout")
async def fanout():
    asked = query(FanoutQuery)
    if not (settings.UPSTREAM and app.upstream):
        abort(503)
    if asked.mode == "threads":
        return await run_sync(upstream.threads)(asked.n)
    call = upstream.gathered if asked.mode == "async" else upstream.sequential_async
    return await call(app.upstream, asked.n)


@app.get("/cpu")
async def compute():
    asked = query(CpuQuery)
    if asked.mode == "inline":
        digest = cpu.digest(asked.units)
    else:
        digest = await asyncio.wrap_future(cpu.submit(asked.units, asked.mode))
    return {"units": asked.units, "digest": digest}


@app.get("/blocking")
async def blocking():
    asked = query(BlockingQuery)
    if asked.form == "wrong":
        time.sleep(asked.ms / 1000)
    else:
        await asyncio.sleep(asked.ms / 1000)
    return {"ms": asked.ms, "form": asked.form}


@app.post("/upload")
async def receive():
    request.body.limit = limits.UPLOAD_BYTES
    if request.mimetype != "multipart/form-data":
        abort(415)
    if not request.mimetype_params.get("boundary"):
        abort(400)
    files = await request.files
    if "file" not in files:
        return invalid_body([{"loc": ("file",)}], "body"), 422
    return await run_sync(upload.store)(files["file"].stream)


@app.post("/jobs")
async def new_job():
    order = await body(JobOrder)
    job = jobs.add(order.steps, order.step_ms)
    app.add_background_task(job.run_async)
    return accepted(job), 202, {"Location": url_for("job", job_id=job.id)}


@app.get("/jobs/<job_id>")
async def job(job_id):
    return (jobs.find(job_id) or abort(404)).told()


@app.get("/jobs/<job_id>/events")
async def job_events(job_id):
    found = jobs.find(job_id) or abort(404)
    return events(sse.event(document, "job") async for document in found.events_async())


@app.get("/stream")
async def stream():
    asked = query(StreamQuery)
    return events(counted(asked.n, asked.interval_ms))


async def counted(n, interval_ms):
    for i in range(n):
        if i and interval_ms:
            await asyncio.sleep(interval_ms / 1000)
        yield sse.event({"i": i})


def events(texts):
    response = Response(texts, mimetype="text/event-stream", headers=sse.HEADERS)
    # Otherwise Quart breaks an answer off after a minute.
    response.timeout = None
    return response


@app.websocket("/ws")
async def echo():
    while True:
        await websocket.send(await websocket.receive())
