"""A foreign origin may read the answers, by a function of the app's own after each request."""

from quart import request
from webdyno_shared.parts import CORS_ORIGIN


def add(app):
    app.after_request(allowed)


async def allowed(response):
    response.vary.add("Origin")
    if request.origin == CORS_ORIGIN:
        response.access_control_allow_origin = CORS_ORIGIN
        if request.method == "OPTIONS":
            response.access_control_allow_methods = response.allow
            response.access_control_allow_headers = request.access_control_request_headers
    return response
