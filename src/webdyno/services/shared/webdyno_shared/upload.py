"""Where uploads go: to disk, piece by piece, hashed on the way."""

import hashlib
import tempfile

PIECE = 64 * 1024


def store(stream):
    """Write a file to disk and tell what came; it is gone when this returns.

    Args:
        stream: a binary file.
    """
    digest, size = hashlib.sha256(), 0
    with tempfile.TemporaryFile(prefix="webdyno-upload-") as kept:
        while piece := stream.read(PIECE):
            digest.update(piece)
            size += len(piece)
            kept.write(piece)
        kept.flush()
    return {"bytes": size, "sha256": digest.hexdigest()}
