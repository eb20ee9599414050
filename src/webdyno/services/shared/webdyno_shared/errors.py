"""The one error body of the contract."""

PHRASES = {
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
}


def error_body(status):
    """The document that goes with an error status other than 422."""
    return {"detail": PHRASES.get(status, "Error")}


def invalid_body(errors, *where):
    """The document of a 422.

    Args:
        errors: Pydantic's, from `ValidationError.errors()` or of the same form.
        where: what their places are relative to, such as `"body"`; nothing where they say it themselves.
    """
    fields = {".".join(map(str, (*where, *error["loc"]))) for error in errors}
    return {"detail": PHRASES[422], "fields": sorted(fields)}
