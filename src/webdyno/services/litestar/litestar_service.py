"""The contract in Litestar."""

import asyncio
import json
from contextlib import asynccontextmanager
from typing import Annotated, Any

from litestar import Litestar, Request, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException, NotFoundException, SerializationException, ValidationException
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.plugins.pydantic import PydanticPlugin
from litestar.response import Stream
from webdyno_shared import limits, settings, sse, stock, upstream
from webdyno_shared.about import about
from webdyno_shared.errors import error_body, invalid_body
from webdyno_shared.metrics import metrics
from webdyno_shared.models import Articulo, Calls, Events, FanoutMode, Interval, ItemId, Limit, Lote, Search, Skip

# Litestar leaves out the limits of a type within a union.
OptionalSearch = Annotated[str | None, *Search.__metadata__]


@asynccontextmanager
async def lifespan(app: Litestar):
    metrics.start()
    app.state.started = True
    async with upstream.Session() as app.state.upstream:
        yield


def upstream_client(state: State) -> upstream.Session | None:
    return state.upstream


class JsonRequest(Request):
    """A request whose body must be JSON, and announced as such."""

    async def body(self) -> bytes:
        if self.content_type[0] != "application/json":
            raise HTTPException(status_code=415)
        # Litestar takes no body at all for a missing one; the contract, for one that is not JSON.
        if not (whole := await super().body()):
            raise HTTPException(status_code=400)
        return whole

    async def json(self) -> Any:
        try:
            return await super().json()
        except (SerializationException, ValueError, RecursionError):
            return await self.json_refused()

    async def json_refused(self) -> Any:
        # msgspec refuses NaN and lone surrogates as no JSON; the contract, as values beyond their limits.
        try:
            return json.loads((await self.body()).decode())
        except (ValueError, RecursionError) as error:
            raise HTTPException(status_code=400) from error


def http_error(request: Request, error: HTTPException) -> Response:
    return Response(error_body(error.status_code), status_code=error.status_code, headers=error.headers)


def invalid(request: Request, error: ValidationException) -> Response:
    if request.method == "POST":
        # Litestar tells what Pydantic found, but not the places of all of it.
        document = invalid_body(error.__cause__.errors, "body")
    else:
        names = [one["key"] for one in error.extra]
        places = [("path" if name in request.path_params else "query", name) for name in names]
        document = invalid_body([{"loc": place} for place in places])
    return Response(document, status_code=422)


def upstream_failed(request: Request, error: upstream.UpstreamFailed) -> Response:
    return Response(error_body(502), status_code=502)


@get(["/", "/async"])
async def hello() -> dict[str, str]:
    return {"message": "Hello, World!"}


@get("/sync", sync_to_thread=True)
def hello_sync() -> dict[str, str]:
    return {"message": "Hello, World!"}


@get("/test-api")
async def test_api(state: State) -> dict[str, Any]:
    return about("litestar", state.started)


@get("/status")
async def status() -> dict[str, Any]:
    return metrics.now()


@get("/stats")
async def stats() -> dict[str, Any]:
    return metrics.history()


@get("/items/{item_id:str}")
async def item(item_id: FromPath[ItemId]) -> dict[str, Any]:
    if (found := stock.item(item_id)) is None:
        raise NotFoundException
    return found


@get("/items/")
async def items(
    q: FromQuery[OptionalSearch] = None, skip: FromQuery[Skip] = 0, limit: FromQuery[Limit] = 10
) -> dict[str, Any]:
    return stock.items(q, skip, limit)


@get("/articulos/")
async def articulos(skip: FromQuery[Skip] = 0, limit: FromQuery[Limit] = 10) -> list[Articulo]:
    return [Articulo.model_validate(record) for record in stock.ARTICULOS[skip : skip + limit]]


@post("/articulos/", request_class=JsonRequest)
async def new_articulo(data: JSONBody[Articulo]) -> Articulo:
    return Articulo.model_validate(stock.received(data.model_dump()))


@post("/articulos/lote", request_class=JsonRequest)
async def new_lote(data: JSONBody[Lote]) -> Lote:
    return Lote.model_validate(stock.received_lote(data.model_dump()))


@get("/fanout", dependencies={"client": Provide(upstream_client, sync_to_thread=False)})
async def fanout(
    client: NamedDependency[upstream.Session | None],
    n: FromQuery[Calls] = 20,
    mode: FromQuery[FanoutMode] = "sequential",
) -> dict[str, int]:
    if not (settings.UPSTREAM and client):
        raise HTTPException(status_code=503)
    if mode == "threads":
        return await sync_to_thread(upstream.threads, n)
    call = upstream.gathered if mode == "async" else upstream.sequential_async
    return await call(client, n)


@get("/stream")
async def stream(n: FromQuery[Events] = 100, interval_ms: FromQuery[Interval] = 0) -> Stream:
    return Stream(counted(n, interval_ms), media_type="text/event-stream", headers=sse.HEADERS)


async def counted(n, interval_ms):
    for i in range(n):
        if i and interval_ms:
            await asyncio.sleep(interval_ms / 1000)
        yield sse.event({"i": i})


app = Litestar(
    [hello, hello_sync, test_api, status, stats, item, items, articulos, new_articulo, new_lote, fanout, stream],
    lifespan=[lifespan],
    state=State({"started": False, "upstream": None}),
    exception_handlers={
        HTTPException: http_error,
        ValidationException: invalid,
        upstream.UpstreamFailed: upstream_failed,
    },
    # A body is as strict as its model says, which Litestar overrides by default.
    plugins=[PydanticPlugin(validate_strict=True)],
    request_max_body_size=limits.JSON_BYTES,
    openapi_config=None,
)
