"""What Word, PowerPoint and Excel files share: written whole or not at all, the same bytes twice, columns that fit."""

import os
import re
from functools import cache
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from hyteanalysis.errors import SourceError
from hyteanalysis.figures.kit import style
from hyteanalysis.reports.document import Table, said
from hyteanalysis.writing import put

TWIPS = 567  # in a centimetre
_MARGINS = 150  # twips left and right of a cell's words
_PROPERTY = 255
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


def short(words: str) -> str:
    """A text as a property of a file holds it: Word, PowerPoint and Excel take 255 characters."""
    return words if len(words) <= _PROPERTY else words[: _PROPERTY - 1].rstrip() + "…"


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


def widths(shown: Table, lang: str, width: float) -> tuple[float, list[int]]:
    """Size of the letters, and widths of the columns in twips: the longest word of each fits, the rest by its text."""
    columns = [[said(row[at], lang) for row in shown.rows] for at in range(len(shown.columns))]
    total = width * TWIPS
    for size in (9.0, 8.0, 7.0):
        least = [
            max(_wide(name, "bold", longest=True), *(_wide(cell, longest=True) for cell in column)) * size + _MARGINS
            for name, column in zip(shown.columns, columns, strict=True)
        ]
        if sum(least) <= total:
            break
    else:
        return size, [round(one * total / sum(least)) for one in least]
    wanted = [
        max(min(max(map(_wide, column)) * size + _MARGINS, 5200.0), low)
        for column, low in zip(columns, least, strict=True)
    ]
    spare, more = total - sum(least), sum(wanted) - sum(least)
    share = min(1.0, spare / more) if more else 0.0
    spans = [low + share * (want - low) for want, low in zip(wanted, least, strict=True)]
    rest = (total - sum(spans)) / len(spans)  # a narrow table is spread evenly over the width
    return size, [round(span + rest) for span in spans]


def _wide(words: str, weight: str = "normal", *, longest: bool = False) -> float:
    """Width of a line, or of its longest word, in twips for letters of one point."""
    if longest:
        return max(sum(_letter(one, weight) for one in word) for word in words.split(" "))
    return sum(_letter(one, weight) for one in words)


@cache
def _letter(one: str, weight: str) -> float:
    return style.text_width("t" if one.isspace() else one, 100, weight) / 100 * 20
