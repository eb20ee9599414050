"""What is validated: parameters and bodies."""

from typing import Annotated, Literal

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import BaseModel, ConfigDict

Text = Annotated[str, MinLen(1), MaxLen(100)]
# Parameters by themselves, for frameworks that take them one by one.
ItemId = Annotated[int, Ge(-(2**63)), Le(2**63 - 1)]
Search = Annotated[str, MaxLen(100)]
Skip = Annotated[int, Ge(0), Le(1_000_000)]
Limit = Annotated[int, Ge(1), Le(100)]
Calls = Annotated[int, Ge(1), Le(500)]
FanoutMode = Literal["sequential", "threads", "async"]
Units = Annotated[int, Ge(1), Le(1000)]
CpuMode = Literal["inline", "thread", "process"]
Milliseconds = Annotated[int, Ge(0), Le(10_000)]
BlockingForm = Literal["wrong", "right"]
Events = Annotated[int, Ge(1), Le(10_000)]
Interval = Annotated[int, Ge(0), Le(1000)]


class Model(BaseModel):
    """JSON's own types, nothing turned into another; fields that are not asked for are dropped."""

    model_config = ConfigDict(strict=True, extra="ignore", allow_inf_nan=False)


class Query(BaseModel):
    """Parameters, which come as text; others than these are left alone."""

    model_config = ConfigDict(extra="ignore")


class Articulo(Model):
    """What is taken in, and what is told: anything else that a record holds is dropped."""

    nombre: Text
    precio: Annotated[float, Ge(0), Le(1_000_000)]
    en_stock: bool


class Proveedor(Model):
    """Who delivers a lot."""

    nombre: Text
    pais: Annotated[str, MinLen(2), MaxLen(2)]


class Lote(Model):
    """A nested body: up to 100 articles of one supplier."""

    proveedor: Proveedor
    articulos: Annotated[list[Articulo], MinLen(1), MaxLen(100)]


class JobOrder(Model):
    """A job: so many steps, each of so many milliseconds."""

    steps: Annotated[int, Ge(1), Le(100)]
    step_ms: Interval


class ItemPath(Query):
    """`GET /items/{item_id}`."""

    item_id: ItemId


class PageQuery(Query):
    """`GET /articulos/`."""

    skip: Skip = 0
    limit: Limit = 10


class ItemsQuery(PageQuery):
    """`GET /items/`."""

    q: Search | None = None


class FanoutQuery(Query):
    """`GET /fanout`."""

    n: Calls = 20
    mode: FanoutMode = "sequential"


class CpuQuery(Query):
    """`GET /cpu`."""

    units: Units = 1
    mode: CpuMode = "inline"


class BlockingQuery(Query):
    """`GET /blocking`."""

    ms: Milliseconds = 50
    form: BlockingForm = "wrong"


class StreamQuery(Query):
    """`GET /stream`."""

    n: Events = 100
    interval_ms: Interval = 0
