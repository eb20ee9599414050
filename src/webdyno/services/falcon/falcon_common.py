"""What Falcon's two interfaces share: all that neither waits nor reads."""

import io

import falcon
from falcon import media
from pydantic import ValidationError
from webdyno_shared import limits, settings, stock
from webdyno_shared.errors import error_body, invalid_body
from webdyno_shared.models import Articulo, FanoutQuery, ItemPath, ItemsQuery, Lote, PageQuery


class Invalid(falcon.HTTPUnprocessableEntity):
    """A parameter or a body is not what the contract asks for."""

    def __init__(self, error, where):
        super().__init__()
        self.document = invalid_body(error.errors(include_url=False, include_input=False), where)


class AnyCase:
    """A request whose media type may be written in any case; Falcon by itself compares it as it stands."""

    def get_media(self, *default):
        self.content_type = (self.content_type or "").lower()
        return super().get_media(*default)


class JSONHandler(media.JSONHandler):
    """JSON that is no longer than the contract allows, however it is sent."""

    def deserialize(self, stream, content_type, content_length):
        self._check(content_length)
        return self._load(stream.read(limits.JSON_BYTES + 1))

    async def deserialize_async(self, stream, content_type, content_length):
        self._check(content_length)
        return self._load(await stream.read(limits.JSON_BYTES + 1))

    def _check(self, length):
        if length and length > limits.JSON_BYTES:
            raise falcon.HTTPContentTooLarge()

    def _load(self, body):
        self._check(len(body))
        try:
            return super().deserialize(io.BytesIO(body), falcon.MEDIA_JSON, len(body))
        except RecursionError as error:
            raise falcon.MediaMalformedError("JSON") from error


def configured(app):
    """The app with the contract's errors and limits."""
    # A body without a type is refused, not taken for JSON.
    app.req_options.default_media_type = ""
    app.req_options.media_handlers = media.Handlers({falcon.MEDIA_JSON: JSONHandler()})
    app.set_error_serializer(serialize)
    return app


def serialize(req, resp, error):
    resp.media = error.document if isinstance(error, Invalid) else error_body(error.status_code)


def valid(model, data, where):
    """The data as the model reads it."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise Invalid(error, where) from error


def query(model, req):
    """The request's parameters, validated."""
    given = {name: req.get_param(name) for name in model.model_fields if req.has_param(name)}
    return valid(model, given, "query")


def item(item_id):
    asked = valid(ItemPath, {"item_id": item_id}, "path")
    if (found := stock.item(asked.item_id)) is None:
        raise falcon.HTTPNotFound()
    return found


def items(req):
    return stock.items(**query(ItemsQuery, req).model_dump())


def articulos(req):
    page = query(PageQuery, req)
    records = stock.ARTICULOS[page.skip : page.skip + page.limit]
    return [Articulo.model_validate(record).model_dump() for record in records]


def new_articulo(document):
    record = stock.received(valid(Articulo, document, "body").model_dump())
    return Articulo.model_validate(record).model_dump()


def new_lote(document):
    record = stock.received_lote(valid(Lote, document, "body").model_dump())
    return Lote.model_validate(record).model_dump()


def fanout(req):
    """What is asked of an upstream that is there."""
    asked = query(FanoutQuery, req)
    if not settings.UPSTREAM:
        raise falcon.HTTPServiceUnavailable()
    return asked
