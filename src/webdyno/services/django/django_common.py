"""What is the same in Django under ASGI and WSGI: parameters, bodies, errors, and the views that wait for nothing."""

import json
from functools import wraps

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.http import Http404, JsonResponse, StreamingHttpResponse
from pydantic import ValidationError
from webdyno_shared import limits, sse, stock
from webdyno_shared.about import about
from webdyno_shared.errors import error_body, invalid_body
from webdyno_shared.metrics import metrics
from webdyno_shared.models import Articulo, ItemPath, ItemsQuery, Lote, PageQuery

# All else is Django's own: no database, no middleware, no debug mode.
SETTINGS = {"DATA_UPLOAD_MAX_MEMORY_SIZE": limits.JSON_BYTES, "DATA_UPLOAD_MAX_NUMBER_FIELDS": None}


class Answer(JsonResponse):
    """JSON with its length, which Django leaves to a middleware."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self["Content-Length"] = len(self.content)


class Refused(BadRequest):
    """A request that is answered with one of the contract's errors; Django gives it to `handler400`."""

    def __init__(self, status, document=None, headers=None):
        super().__init__(status)
        self.response = Answer(document or error_body(status), status=status, headers=headers)


def bad_request(request, exception):
    """Django's `handler400`."""
    if isinstance(exception, Refused):
        return exception.response
    status = 413 if isinstance(exception, RequestDataTooBig) else 400
    return Answer(error_body(status), status=status)


def not_found(request, exception):
    """Django's `handler404`."""
    return Answer(error_body(404), status=404)


def takes(*methods):
    """Django's `require_http_methods` with the contract's 405."""

    def decorate(view):
        @wraps(view)
        def checked(request, **captured):
            if request.method not in methods:
                raise Refused(405, headers={"Allow": ", ".join(methods)})
            return view(request, **captured)

        return markcoroutinefunction(checked) if iscoroutinefunction(view) else checked

    return decorate


def query(request, model):
    """The request's parameters, validated."""
    return valid(model, request.GET.dict(), "query")


def body(request, model):
    """The request's JSON body, validated."""
    if request.content_type != "application/json":
        raise Refused(415)
    try:
        document = json.loads(request.body.decode())
    except (ValueError, RecursionError) as error:
        raise Refused(400) from error
    return valid(model, document, "body")


def valid(model, data, where):
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise Refused(422, invalid_body(error.errors(include_url=False, include_input=False), where)) from error


@takes("GET")
def test_api(request):
    return Answer(about("django", lifespan=False))


@takes("GET")
def status(request):
    return Answer(metrics.now())


@takes("GET")
def stats(request):
    return Answer(metrics.history())


@takes("GET")
def item(request, item_id):
    asked = valid(ItemPath, {"item_id": item_id}, "path")
    if (found := stock.item(asked.item_id)) is None:
        raise Http404
    return Answer(found)


@takes("GET")
def items(request):
    return Answer(stock.items(**query(request, ItemsQuery).model_dump()))


@takes("GET", "POST")
def articulos(request):
    if request.method == "POST":
        record = stock.received(body(request, Articulo).model_dump())
        return Answer(Articulo.model_validate(record).model_dump(), status=201)
    page = query(request, PageQuery)
    records = stock.ARTICULOS[page.skip : page.skip + page.limit]
    return Answer([Articulo.model_validate(record).model_dump() for record in records], safe=False)


@takes("POST")
def new_lote(request):
    record = stock.received_lote(body(request, Lote).model_dump())
    return Answer(Lote.model_validate(record).model_dump(), status=201)


def events(texts):
    return StreamingHttpResponse(texts, content_type="text/event-stream", headers=sse.HEADERS)
