"""What the added parts are set to, the same for every service."""

GZIP_FROM_BYTES = 500
"""JSON of this length and more is compressed."""

GZIP_LEVEL = 6

CORS_ORIGIN = "https://shop.example"
"""The one foreign origin that may read the answers."""
