"""The bodies of answers that came before the load."""

from __future__ import annotations

from ..loadgen.engine.body_examples import media_type
from ..loadgen.engine.content import KEPT_BYTES, Undecodable, decode
from ..model.workload import Example
from ..serving.launch_request import Answer


def decoded(answer: Answer) -> bytes:
    """The body of an answer, decoded as the load generator does it.

    Raises:
        Undecodable: it cannot be.
    """
    return decode((answer.header("Content-Encoding") or "").encode("latin-1"), answer.body)


def example(answer: Answer) -> Example:
    """An answer's body as one that may vary.

    Raises:
        Undecodable: it cannot be decoded, or is too long to be looked into.
    """
    body = b"" if answer.truncated else decoded(answer)
    if answer.truncated or len(body) > KEPT_BYTES:
        raise Undecodable(f"they are longer than {KEPT_BYTES // 2**20} MiB")
    return Example(media_type=media_type(answer.header("Content-Type") or ""), body=body)
