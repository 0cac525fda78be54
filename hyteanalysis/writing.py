"""A file put in its place whole or not at all."""

import os
import tempfile
from pathlib import Path


def put(path: Path, content: bytes) -> None:
    """Write beside the file, to the disk, then rename: what was there stays until then.

    The rights of an older file are kept. Raises OSError where the folder cannot be written to; nothing is left behind.
    """
    handle, fresh = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        os.chmod(fresh, path.stat().st_mode & 0o777 if path.exists() else 0o644)
        os.replace(fresh, path)
    finally:
        Path(fresh).unlink(missing_ok=True)
