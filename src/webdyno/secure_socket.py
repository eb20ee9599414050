"""TLS over a non-blocking socket, for a loop that knows plain sockets only."""

from __future__ import annotations

import socket
import ssl

from .errors import UsageError
from .model.tls import Tls

# More than that is left to the next turn, unless it is decrypted already and no event would tell of it.
_MOST_AT_ONCE = 1_048_576


class Security:
    """Whom to trust, and by which name."""

    def __init__(self, tls: Tls, host: str) -> None:
        """Read the certificates.

        Raises:
            UsageError: they cannot be read, or the server's name is none.
        """
        self._name = tls.server_name or host
        try:
            self._context = ssl.create_default_context(cafile=tls.ca_file)
            if tls.insecure:
                self._context.check_hostname = False
                self._context.verify_mode = ssl.CERT_NONE
            self._context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname=self._name)
        except OSError as error:
            raise UsageError(f"the certificates in {tls.ca_file} cannot be read: {error}", "give a PEM file") from error
        except ValueError as error:
            raise UsageError(f"{self._name!r} is no name of a server: {error}", "give its host name") from error

    def wrap(self, sock: socket.socket) -> ssl.SSLSocket:
        """Take over a connected socket, before the handshake.

        Raises:
            OSError: the other side is gone already.
        """
        return self._context.wrap_socket(sock, server_hostname=self._name, do_handshake_on_connect=False)


def handshake_error(error: OSError) -> str:
    """Why a handshake failed, in words."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"TLS: the certificate is not to be trusted: {error.verify_message}"
    if isinstance(error, ssl.SSLError) and error.reason:
        return f"TLS: the handshake failed: {error.reason.lower().replace('_', ' ')}"
    return f"TLS: the handshake failed: {error.strerror or error}"


class Channel:
    """Sends and receives as a plain non-blocking socket does."""

    def __init__(self, sock: ssl.SSLSocket) -> None:
        self._socket = sock

    def send(self, data: bytes | memoryview) -> int:
        """Send some of it.

        Raises:
            BlockingIOError: nothing can be sent now.
            OSError: the connection is broken.
        """
        try:
            return self._socket.send(data)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError) as error:
            raise BlockingIOError from error

    def recv(self, size: int) -> bytes:
        """All that has come, in records of up to `size`; empty at the end.

        Raises:
            BlockingIOError: nothing has come that is meant for us.
            OSError: the connection is broken.
        """
        received = b""
        try:
            while len(received) < _MOST_AT_ONCE or self._socket.pending():
                data = self._socket.recv(size)
                if not data:
                    break
                received += data
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError) as error:
            if not received:
                raise BlockingIOError from error
        except OSError:
            # What had come before it counts; the next turn meets the error again.
            if not received:
                raise
        return received
