"""An aggregation as files: cells, metadata and manifest, all there or none."""

import hashlib
import json
from importlib.metadata import version
from pathlib import Path

from hyteanalysis.errors import SourceError, one_of
from hyteanalysis.sources.microdata.aggregation import Aggregation
from hyteanalysis.sources.together import write_together
from hyteanalysis.sources.writing import write_table

SUFFIXES = (".parquet", ".csv")


def write(made: Aggregation, out: str | Path) -> list[Path]:
    """Write ``NAME.*`` with ``NAME.indicators.*``, ``NAME.groups.*`` (as far as declared) and ``NAME.manifest.json``.

    The cells come last, and never stand beside the metadata or manifest of another run. Returns the files.

    Raises
    ------
    SourceError
        Another suffix than ``.parquet`` or ``.csv``, or a folder that cannot be written; nothing is changed.
    """
    out = Path(out)
    suffix = one_of(out.suffix.lower(), SUFFIXES, f"{out.name}: the suffix", SourceError)
    if not out.parent.is_dir():
        raise SourceError(f"There is no folder {out.parent}. Make it first.")
    frames = {
        f"{out.stem}.indicators{suffix}": made.indicators,
        f"{out.stem}.groups{suffix}": made.groups,
        out.name: made.cells,
    }
    told = f"{out.stem}.manifest.json"

    def written(folder: Path) -> list[Path]:
        files = [write_table(frame, folder / name) for name, frame in frames.items() if len(frame)]
        manifest = {
            **made.manifest,
            "versions": {name: version(name) for name in ("hyteanalysis", "ibis-framework", "duckdb")},
            "files": {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files},
            "disclosure": "raw cells, not disclosure-checked",
        }
        text = json.dumps(manifest, ensure_ascii=False, indent=1, default=str)
        (folder / told).write_text(text, encoding="utf-8")
        return [*files, folder / told]

    return write_together(out, [*list(frames)[:2], told], written)
