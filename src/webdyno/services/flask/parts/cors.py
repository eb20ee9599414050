"""A foreign origin may read the answers: Flask-CORS, as its documentation shows it."""

from flask_cors import CORS
from webdyno_shared.parts import CORS_ORIGIN


def add(app):
    CORS(app, origins=[CORS_ORIGIN])
