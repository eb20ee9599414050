"""Long answers are compressed for those who accept it: FastAPI's middleware, as its documentation shows it."""

from fastapi.middleware.gzip import GZipMiddleware
from webdyno_shared.parts import GZIP_FROM_BYTES, GZIP_LEVEL


def add(app):
    app.add_middleware(GZipMiddleware, minimum_size=GZIP_FROM_BYTES, compresslevel=GZIP_LEVEL)
