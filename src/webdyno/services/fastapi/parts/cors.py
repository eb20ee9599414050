"""A foreign origin may read the answers: FastAPI's middleware, as its documentation shows it."""

from fastapi.middleware.cors import CORSMiddleware
from webdyno_shared.parts import CORS_ORIGIN


def add(app):
    app.add_middleware(CORSMiddleware, allow_origins=[CORS_ORIGIN], allow_methods=["*"], allow_headers=["*"])
