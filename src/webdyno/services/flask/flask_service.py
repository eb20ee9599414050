"""The contract in Flask."""

import time
from pathlib import Path

import webdyno_shared
from flask import Flask, Response, abort, current_app, request, url_for
from flask.json.provider import DefaultJSONProvider
from flask_sock import Sock
from pydantic import ValidationError
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


class JSON(DefaultJSONProvider):
    """Flask's JSON, in UTF-8 only."""

    def loads(self, data, **kwargs):
        return super().loads(data.decode(), **kwargs)


app = Flask(__name__, static_folder=Path(webdyno_shared.__file__).parent / "static")
app.json = JSON(app)
app.config["MAX_CONTENT_LENGTH"] = limits.JSON_BYTES
sock = Sock(app)
metrics.start()


class Invalid(Exception):
    """A parameter or a body is not what the contract asks for."""

    def __init__(self, error, where):
        self.document = invalid_body(error.errors(include_url=False, include_input=False), where)


def query(model):
    """The request's parameters, validated."""
    return _valid(model, request.args.to_dict(), "query")


def body(model):
    """The request's JSON body, validated."""
    if request.mimetype != "application/json":
        # Flask would take `application/*+json` as well.
        abort(415)
    # Werkzeug cuts a body of unknown length off at the limit, and says nothing.
    if request.content_length is None and len(request.get_data()) >= limits.JSON_BYTES:
        abort(413)
    return _valid(model, request.get_json(), "body")


def _valid(model, data, where):
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise Invalid(error, where) from error


@app.errorhandler(Invalid)
def invalid(error):
    return error.document, 422


@app.errorhandler(HTTPException)
def http_error(error):
    # The headers of a 405 say what is allowed.
    headers = [pair for pair in error.get_headers() if pair[0].lower() == "allow"]
    return error_body(error.code), error.code, headers


@app.errorhandler(WebsocketMismatch)
def no_websocket(error):
    return error_body(404), 404


@app.errorhandler(RecursionError)
def nested_too_deep(error):
    return error_body(400), 400


@app.errorhandler(upstream.UpstreamFailed)
def upstream_failed(error):
    return error_body(502), 502


@app.get("/")
def hello():
    return {"message": "Hello, World!"}


app.add_url_rule("/sync", view_func=hello)


@app.get("/async")
async def hello_async():
    return {"message": "Hello, World!"}


@app.get("/test-api")
def test_api():
    return about("flask", lifespan=False)


@app.get("/status")
def status():
    return metrics.now()


@app.get("/stats")
def stats():
    return metrics.history()


@app.get("/items/<item_id>")
def item(item_id):
    asked = _valid(ItemPath, {"item_id": item_id}, "path")
    return stock.item(asked.item_id) or abort(404)


@app.get("/items/")
def items():
    return stock.items(**query(ItemsQuery).model_dump())


@app.get("/articulos/")
def articulos():
    page = query(PageQuery)
    records = stock.ARTICULOS[page.skip : page.skip + page.limit]
    return [Articulo.model_validate(record).model_dump() for record in records]


@app.post("/articulos/")
def new_articulo():
    record = stock.received(body(Articulo).model_dump())
    return Articulo.model_validate(record).model_dump(), 201


@app.post("/articulos/lote")
def new_lote():
    record = stock.received_lote(body(Lote).model_dump())
    return Lote.model_validate(record).model_dump(), 201


@app.get("/fanout")
def fanout():
    asked = query(FanoutQuery)
    if not settings.UPSTREAM:
        return error_body(503), 503
    if asked.mode == "async":
        return current_app.ensure_sync(fanout_async)(asked.n)
    return upstream.threads(asked.n) if asked.mode == "threads" else upstream.sequential(asked.n)


async def fanout_async(n):
    # Flask runs each request's coroutines in an event loop of their own, which the connections cannot outlive.
    async with upstream.Session() as client:
        return await upstream.gathered(client, n)


@app.get("/cpu")
def compute():
    asked = query(CpuQuery)
    return {"units": asked.units, "digest": cpu.compute(asked.units, asked.mode)}


@app.get("/blocking")
def blocking():
    asked = query(BlockingQuery)
    # In a thread of its own, waiting is right.
    time.sleep(asked.ms / 1000)
    return {"ms": asked.ms, "form": asked.form}


@app.post("/upload")
def receive():
    request.max_content_length = limits.UPLOAD_BYTES
    if request.mimetype != "multipart/form-data":
        abort(415)
    if not request.mimetype_params.get("boundary"):
        abort(400)
    if "file" not in request.files:
        return invalid_body([{"loc": ("file",)}], "body"), 422
    return upload.store(request.files["file"].stream)


@app.post("/jobs")
def new_job():
    order = body(JobOrder)
    job = jobs.add(order.steps, order.step_ms)
    jobs.start(job)
    return accepted(job), 202, {"Location": url_for("job", job_id=job.id)}


@app.get("/jobs/<job_id>")
def job(job_id):
    return (jobs.find(job_id) or abort(404)).told()


@app.get("/jobs/<job_id>/events")
def job_events(job_id):
    found = jobs.find(job_id) or abort(404)
    return events(sse.event(document, "job") for document in found.events())


@app.get("/stream")
def stream():
    asked = query(StreamQuery)
    return events(counted(asked.n, asked.interval_ms))


def counted(n, interval_ms):
    for i in range(n):
        if i and interval_ms:
            time.sleep(interval_ms / 1000)
        yield sse.event({"i": i})


def events(texts):
    return Response(texts, mimetype="text/event-stream", headers=sse.HEADERS)


@sock.route("/ws")
def echo(ws):
    while True:
        ws.send(ws.receive())
