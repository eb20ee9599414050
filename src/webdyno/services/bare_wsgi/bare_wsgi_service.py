"""The contract with no framework at all: what a WSGI server itself costs."""

import json


def app(environ, start_response):
    if environ["PATH_INFO"] == "/":
        status, document = "200 OK", {"message": "Hello, World!"}
    else:
        status, document = "404 Not Found", {"detail": "Not Found"}
    body = json.dumps(document).encode()
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
