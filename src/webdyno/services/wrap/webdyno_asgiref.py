"""A WSGI app served as ASGI by asgiref, as its documentation shows it."""

from asgiref.wsgi import WsgiToAsgi
from webdyno_target import app as wsgi_app

app = WsgiToAsgi(wsgi_app)
