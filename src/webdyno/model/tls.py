"""How to speak to a server over TLS: whom to trust, and by which name."""

from __future__ import annotations

from .base import Value


class Tls(Value):
    """How to speak to a server over TLS.

    Attributes:
        ca_file: a PEM file with the certificates to trust; None for those that the system trusts.
        insecure: trust any certificate.
        server_name: sent to the server (SNI), and held against its certificate; None for the job's host.
    """

    ca_file: str | None = None
    insecure: bool = False
    server_name: str | None = None
