"""The files of a source: found in a fixed order, held against each other, and told apart by a fingerprint."""

import glob
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from hyteanalysis.errors import SourceError

FILES = (".parquet", ".csv")
DATABASES = (".duckdb", ".db", ".ddb")
# bytes at each end of a file that its fingerprint reads; a Parquet file's index and statistics are there
_ENDS = 65_536


def files(source: str) -> tuple[list[Path], Path]:
    """Files of a path, folder or glob in a fixed order, all of one kind, and the folder above their partitions."""
    path = Path(source)
    if path.is_dir():
        found, base = [part for part in path.rglob("*") if part.suffix.lower() in FILES], path
        found = [
            part for part in found if not any(name.startswith((".", "_")) for name in part.relative_to(path).parts)
        ]
    elif any(sign in source for sign in "*?["):
        found = [Path(name) for name in glob.glob(source, recursive=True) if Path(name).suffix.lower() in FILES]
        fixed = list(path.parts[:-1])
        stop = next((i for i, name in enumerate(fixed) if any(sign in name for sign in "*?[=")), len(fixed))
        base = Path(*fixed[:stop]) if stop else Path()
    else:
        found, base = ([path], path.parent) if path.is_file() else ([], path)
        if found and path.suffix.lower() not in FILES:
            raise SourceError(f"{path.name}: microdata are read from {', '.join((*FILES, *DATABASES))}.")
    if not found:
        raise SourceError(f"There is no Parquet or CSV file at {source}. Check the name and the folder.")
    kinds = sorted({part.suffix.lower() for part in found})
    if len(kinds) > 1:
        raise SourceError(f"{source} holds {' and '.join(kinds)} files. Name one kind, such as {source}/*{kinds[0]}.")
    return sorted(found), base


def check_indexes(parts: Sequence[Path]) -> None:
    """Read every part's index before any row: a broken part, or one with other columns, is named."""
    first: pa.Schema | None = None
    for part in parts:
        try:
            schema = pq.read_schema(part)
        except (pa.ArrowException, OSError) as error:
            raise SourceError(
                f"{part.name} is not a readable Parquet file ({first_line(error)}). Make the part again."
            ) from error
        first = first or schema
        if other := set(first.names) ^ set(schema.names):
            raise SourceError(f"{part.name} and {parts[0].name} differ in columns: {', '.join(sorted(other))}.")


def separator_of(part: Path) -> str:
    """What parts the columns of a CSV file: the sign its first line has most of."""
    with part.open(encoding="utf-8-sig", errors="replace") as text:
        line = text.readline()
    return max(",;\t", key=line.count)


def fingerprint(parts: Sequence[Path], base: Path) -> dict[str, Any]:
    """SHA-256 over every file's name, size and both ends: cheap at any size, and new when a file is written anew."""
    digest, size = hashlib.sha256(), 0
    for part in parts:
        length = part.stat().st_size
        size += length
        digest.update(f"{part.relative_to(base).as_posix()}\0{length}\0".encode())
        with part.open("rb") as content:
            digest.update(content.read(_ENDS))
            content.seek(max(length - _ENDS, 0))
            digest.update(content.read(_ENDS))
    return {"files": len(parts), "bytes": size, "sha256": digest.hexdigest()}


def broken_part(parts: Sequence[Path]) -> Path | None:
    """The first part that cannot be read to its end; looked for only after a scan has failed."""
    for part in parts:
        if part.suffix.lower() == ".parquet":
            try:
                with pq.ParquetFile(part) as content:
                    for _ in content.iter_batches():
                        pass
            except (pa.ArrowException, OSError):
                return part
    return None


def first_line(error: Exception) -> str:
    """What an engine says, without its stack and advice."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")[:300]
