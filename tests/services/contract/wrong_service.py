"""Flask's service with one thing wrong at a time: the one that the header `X-Wrong` names."""

from flask import Response, request
from flask_service import app, metrics, stock, upstream

rightly = dict(app.view_functions)
memory = {}
WRONG = {}


def wrong(endpoint):
    """Make the function the endpoint's handler for requests that ask for it by name."""

    def register(function):
        WRONG.setdefault(endpoint, {})[function.__name__] = function
        return function

    return register


@wrong("new_articulo")
def field_not_dropped():
    return {**stock.received(request.get_json()), **request.get_json()}, 201


@wrong("new_articulo")
def wrong_status():
    return rightly["new_articulo"]()[0], 200


@wrong("new_articulo")
def not_validated():
    return {name: request.get_json().get(name) for name in ("nombre", "precio", "en_stock")}, 201


@wrong("new_articulo")
def number_turned_into_text():
    document, status = rightly["new_articulo"]()
    return {**document, "precio": str(document["precio"])}, status


@wrong("new_lote")
def nested_field_not_dropped():
    return {**rightly["new_lote"]()[0], "articulos": request.get_json()["articulos"]}, 201


@wrong("articulos")
def stored_field_not_dropped():
    return stock.ARTICULOS[:10]


@wrong("items")
def parameter_ignored():
    return stock.items(None, 0, 10)


@wrong("fanout")
def cached_answer():
    return memory.setdefault("fanout", rightly["fanout"]())


@wrong("fanout")
def cached_calls():
    n = int(request.args.get("n", 20))
    return upstream.told([memory.setdefault(i, upstream.call(i)) for i in range(n)])


@wrong("fanout")
def skipped_call():
    n = int(request.args.get("n", 20))
    return upstream.told([upstream.call(i) for i in range(n - 1)]) | {"n": n, "distinct": n}


@wrong("fanout")
def one_call_for_all():
    n = int(request.args.get("n", 20))
    return upstream.told([upstream.call(0)] * n)


@wrong("fanout")
def call_made_twice():
    upstream.call(0)
    return rightly["fanout"]()


@wrong("hello")
def another_content_type():
    return Response('{"message": "Hello, World!"}', mimetype="text/html")


@wrong("status")
def one_reading_for_ever():
    return memory.setdefault("status", metrics.now())


@wrong("compute")
def digest_made_up():
    return {"units": int(request.args["units"]), "digest": "0" * 64}


@wrong("blocking")
def did_not_wait():
    return {"ms": int(request.args.get("ms", 50)), "form": request.args.get("form", "wrong")}


@wrong("receive")
def hash_of_something_else():
    return rightly["receive"]() | {"sha256": "0" * 64}


@wrong("job_events")
def done_without_being_told():
    return Response("", mimetype="text/event-stream")


@wrong("stream")
def event_left_out():
    return Response('data: {"i": 0}\n\n', mimetype="text/event-stream", headers={"Cache-Control": "no-cache"})


@wrong("stream")
def all_at_the_end():
    answer = rightly["stream"]()
    if not isinstance(answer, Response):
        return answer
    answer.set_data(b"".join(answer.iter_encoded()))
    return answer


def wrongly(endpoint):
    """The endpoint's handler, which does as the request asks."""

    def handler(**path):
        named = WRONG[endpoint].get(request.headers.get("X-Wrong"))
        return named() if named else rightly[endpoint](**path)

    return handler


for name in WRONG:
    app.view_functions[name] = wrongly(name)


@app.after_request
def error_body(answer):
    if request.headers.get("X-Wrong") == "errors_in_html" and answer.status_code >= 400:
        return Response("<h1>Not Found</h1>", answer.status_code, mimetype="text/html")
    if request.headers.get("X-Wrong") == "another_error_body" and answer.status_code == 404:
        return Response('{"error": "Not Found"}', 404, mimetype="application/json")
    return answer
