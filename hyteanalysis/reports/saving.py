"""Files written whole or not at all, with the same bytes for the same content."""

import os
import re
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from hyteanalysis.errors import SourceError
from hyteanalysis.writing import put

_EPOCH = (1980, 1, 1, 0, 0, 0)
_STAMP = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:)")


def writable(path: Path) -> Path:
    """The path itself, where a file can be written there; found out before any work is done.

    Raises SourceError for a folder that is not there or not writable, or a path that is a folder.
    """
    if path.is_dir():
        raise SourceError(f"cannot write {path}: it is a folder; name a file in it")
    if not path.parent.is_dir():
        raise SourceError(f"cannot write {path.name}: there is no folder {path.parent}")
    if not os.access(path.parent, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
        raise SourceError(f"cannot write {path}: no permission; choose another place")
    return path


def save(path: Path, content: bytes) -> None:
    """Write a file whole; an older one stays until then. Raises SourceError."""
    try:
        put({path: content})
    except OSError as error:
        raise SourceError(f"cannot write {path}: {error.strerror or error}") from error


def settled(package: bytes, date: str) -> bytes:
    """An Office file whose times are all ``date``, those of the workbooks inside it too."""
    stamp = rf"\g<1>{date}T00:00:00Z\g<3>".encode()
    out = BytesIO()
    with ZipFile(BytesIO(package)) as old, ZipFile(out, "w", ZIP_DEFLATED) as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename == "docProps/core.xml":
                content = _STAMP.sub(stamp, content)
            elif entry.filename.endswith(".xlsx"):
                content = settled(content, date)
            info = ZipInfo(entry.filename, _EPOCH)
            info.compress_type, info.external_attr = ZIP_DEFLATED, 0o600 << 16
            new.writestr(info, content)
    return out.getvalue()
