"""The contract in FastAPI."""

import asyncio
import json
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import webdyno_shared
from fastapi import APIRouter, BackgroundTasks, Depends, FastAPI, File, HTTPException, Request, Response, UploadFile
from fastapi import WebSocket as Socket
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, StreamingResponse
from fastapi.routing import APIRoute
from fastapi.staticfiles import StaticFiles
from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.websockets import WebSocketDisconnect
from webdyno_shared import cpu, limits, settings, sse, stock, upload, upstream
from webdyno_shared.about import about
from webdyno_shared.errors import error_body, invalid_body
from webdyno_shared.jobs import accepted, jobs
from webdyno_shared.metrics import metrics
from webdyno_shared.models import (
    Articulo,
    BlockingForm,
    Calls,
    CpuMode,
    Events,
    FanoutMode,
    Interval,
    ItemId,
    JobOrder,
    Limit,
    Lote,
    Milliseconds,
    Search,
    Skip,
    Units,
)


@asynccontextmanager
async def lifespan(app):
    metrics.start()
    app.state.started = True
    async with upstream.Session() as app.state.upstream:
        yield


app = FastAPI(title="webdyno", lifespan=lifespan)
app.state.started, app.state.upstream = False, None


class LimitedRequest(Request):
    """A request whose body may be as long as its endpoint allows, however it is sent."""

    async def stream(self):
        size, limit = 0, limits.UPLOAD_BYTES if self.url.path == "/upload" else limits.JSON_BYTES
        async for piece in super().stream():
            size += len(piece)
            if size > limit:
                raise HTTPException(413)
            yield piece

    async def body(self):
        # FastAPI takes no body at all for a missing one; the contract, for one that is not JSON.
        if not (whole := await super().body()):
            raise HTTPException(400)
        return whole

    async def json(self):
        # FastAPI takes UTF-16 and UTF-32 as well, and answers 400 where this fails.
        return json.loads((await self.body()).decode())

    async def form(self, **limits):
        try:
            return await super().form(**limits)
        except StarletteHTTPException as error:
            if error.status_code != 400:
                raise
            # What is no multipart has no file.
            return FormData()


class BodyRoute(APIRoute):
    """A route that looks at a body's type and announced length before any of it is read."""

    content_type = "application/json"

    def get_route_handler(self):
        handler = super().get_route_handler()

        async def checked(request):
            if self.methods == {"POST"}:
                self.check(request.headers)
                request = LimitedRequest(request.scope, request.receive)
            return await handler(request)

        return checked

    def check(self, headers):
        content_type = headers.get("content-type", "").partition(";")[0]
        if content_type.strip().lower() != self.content_type:
            raise HTTPException(415)
        limit = limits.UPLOAD_BYTES if self.path == "/upload" else limits.JSON_BYTES
        if int(headers.get("content-length", 0)) > limit:
            raise HTTPException(413)


class UploadRoute(BodyRoute):
    """The same for uploads."""

    content_type = "multipart/form-data"

    def check(self, headers):
        super().check(headers)
        if not parse_options_header(headers["content-type"])[1].get(b"boundary"):
            raise HTTPException(400)


bodies = APIRouter(route_class=BodyRoute)
uploads = APIRouter(route_class=UploadRoute)


@app.exception_handler(StarletteHTTPException)
async def http_error(request, error):
    return JSONResponse(error_body(error.status_code), error.status_code, headers=error.headers)


@app.exception_handler(RequestValidationError)
async def invalid(request, error):
    if any(one["type"] == "json_invalid" for one in error.errors()):
        return JSONResponse(error_body(400), 400)
    return JSONResponse(invalid_body(error.errors()), 422)


@app.exception_handler(upstream.UpstreamFailed)
async def upstream_failed(request, error):
    return JSONResponse(error_body(502), 502)


@app.get("/async")
@app.get("/")
async def hello():
    return {"message": "Hello, World!"}


@app.get("/sync")
def hello_sync():
    return {"message": "Hello, World!"}


@app.get("/test-api")
async def test_api(request: Request):
    return about("fastapi", request.app.state.started)


@app.get("/status")
async def status():
    return metrics.now()


@app.get("/stats")
async def stats():
    return metrics.history()


class Page:
    """Which part of a list is asked for."""

    def __init__(self, skip: Skip = 0, limit: Limit = 10):
        self.skip = skip
        self.limit = limit


@app.get("/items/{item_id}")
async def item(item_id: ItemId):
    if (found := stock.item(item_id)) is None:
        raise HTTPException(404)
    return found


@app.get("/items/")
async def items(page: Annotated[Page, Depends()], q: Search | None = None):
    return stock.items(q, page.skip, page.limit)


@bodies.get("/articulos/", response_model=list[Articulo])
async def articulos(page: Annotated[Page, Depends()]):
    return stock.ARTICULOS[page.skip : page.skip + page.limit]


@bodies.post("/articulos/", status_code=201, response_model=Articulo)
async def new_articulo(articulo: Articulo):
    return stock.received(articulo.model_dump())


@bodies.post("/articulos/lote", status_code=201, response_model=Lote)
async def new_lote(lote: Lote):
    return stock.received_lote(lote.model_dump())


@app.get("/fanout")
async def fanout(request: Request, n: Calls = 20, mode: FanoutMode = "sequential"):
    if not (settings.UPSTREAM and request.app.state.upstream):
        raise HTTPException(503)
    if mode == "threads":
        return await run_in_threadpool(upstream.threads, n)
    call = upstream.gathered if mode == "async" else upstream.sequential_async
    return await call(request.app.state.upstream, n)


@app.get("/cpu")
async def compute(units: Units = 1, mode: CpuMode = "inline"):
    digest = cpu.digest(units) if mode == "inline" else await asyncio.wrap_future(cpu.submit(units, mode))
    return {"units": units, "digest": digest}


@app.get("/blocking")
async def blocking(ms: Milliseconds = 50, form: BlockingForm = "wrong"):
    if form == "wrong":
        time.sleep(ms / 1000)
    else:
        await asyncio.sleep(ms / 1000)
    return {"ms": ms, "form": form}


@uploads.post("/upload")
def receive(file: Annotated[UploadFile, File()]):
    return upload.store(file.file)


@bodies.post("/jobs", status_code=202)
async def new_job(order: JobOrder, request: Request, response: Response, background: BackgroundTasks):
    job = jobs.add(order.steps, order.step_ms)
    background.add_task(job.run_async)
    response.headers["Location"] = request.app.url_path_for("job", job_id=job.id)
    return accepted(job)


def found_job(job_id: str):
    if (job := jobs.find(job_id)) is None:
        raise HTTPException(404)
    return job


@app.get("/jobs/{job_id}")
async def job(job: Annotated[object, Depends(found_job)]):
    return job.told()


@app.get("/jobs/{job_id}/events")
async def job_events(job: Annotated[object, Depends(found_job)]):
    return events(sse.event(document, "job") async for document in job.events_async())


@app.get("/stream")
async def stream(n: Events = 100, interval_ms: Interval = 0):
    return events(counted(n, interval_ms))


async def counted(n, interval_ms):
    for i in range(n):
        if i and interval_ms:
            await asyncio.sleep(interval_ms / 1000)
        yield sse.event({"i": i})


def events(texts):
    return StreamingResponse(texts, media_type="text/event-stream", headers=sse.HEADERS)


@app.websocket("/ws")
async def echo(socket: Socket):
    await socket.accept()
    try:
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            if message.get("text") is not None:
                await socket.send_text(message["text"])
            else:
                await socket.send_bytes(message["bytes"])
    except WebSocketDisconnect:
        return


app.include_router(bodies)
app.include_router(uploads)
app.mount("/static", StaticFiles(directory=Path(webdyno_shared.__file__).parent / "static"))
