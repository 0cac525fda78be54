"""An aggregation as files: cells, metadata and manifest, all there or none."""

import hashlib
import json
import shutil
import tempfile
from importlib.metadata import version
from pathlib import Path

from hyteanalysis.errors import SourceError, one_of
from hyteanalysis.sources.files import write_table
from hyteanalysis.sources.microdata.aggregation import Aggregation

SUFFIXES = (".parquet", ".csv")


def write(made: Aggregation, out: str | Path) -> list[Path]:
    """Write ``NAME.*`` with ``NAME.indicators.*``, ``NAME.groups.*`` (as far as declared) and ``NAME.manifest.json``.

    Everything is written in a temporary folder beside ``out`` first and then moved into place, the cells last: who
    finds the cells finds what belongs to them. Returns the files.

    Raises
    ------
    SourceError
        Another suffix than ``.parquet`` or ``.csv``, or a folder that cannot be written; nothing is changed.
    """
    out = Path(out)
    one_of(out.suffix.lower(), SUFFIXES, f"{out.name}: the suffix", SourceError)
    if not out.parent.is_dir():
        raise SourceError(f"There is no folder {out.parent}. Make it first.")
    frames = {f"{out.stem}.indicators": made.indicators, f"{out.stem}.groups": made.groups, out.stem: made.cells}
    try:
        fresh = Path(tempfile.mkdtemp(prefix=f".{out.stem}.", suffix=".tmp", dir=out.parent))
    except OSError as error:
        raise SourceError(
            f"{out.parent} cannot be written ({error.strerror or error}). Nothing was changed."
        ) from error
    try:
        files = [
            write_table(frame, fresh / f"{name}{out.suffix.lower()}") for name, frame in frames.items() if len(frame)
        ]
        manifest = {
            **made.manifest,
            "versions": {name: version(name) for name in ("hyteanalysis", "ibis-framework", "duckdb")},
            "files": {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files},
            "disclosure": "raw cells, not disclosure-checked",
        }
        told = fresh / f"{out.stem}.manifest.json"
        told.write_text(json.dumps(manifest, ensure_ascii=False, indent=1, default=str), encoding="utf-8")
        moved = [file.replace(out.parent / file.name) for file in (told, *files)]
    except OSError as error:
        raise SourceError(f"{out} cannot be written ({error.strerror or error}).") from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return moved
