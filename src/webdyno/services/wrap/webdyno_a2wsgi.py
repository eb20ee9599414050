"""A WSGI app served as ASGI by a2wsgi, as its documentation shows it."""

from a2wsgi import WSGIMiddleware
from webdyno_target import app as wsgi_app

app = WSGIMiddleware(wsgi_app)
