"""Long JSON is compressed for those who accept it, by a function of the app's own after each request."""

import gzip

from quart import request
from webdyno_shared.parts import GZIP_FROM_BYTES, GZIP_LEVEL


def add(app):
    app.after_request(compressed)


async def compressed(response):
    response.vary.add("Accept-Encoding")
    is_long = response.is_json and (response.content_length or 0) >= GZIP_FROM_BYTES
    if is_long and "gzip" in request.accept_encodings:
        response.set_data(gzip.compress(await response.get_data(), GZIP_LEVEL))
        response.content_encoding = "gzip"
    return response
