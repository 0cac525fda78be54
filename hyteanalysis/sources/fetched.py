"""What a source gives, and its files: cells with their metadata, written whole or not at all."""

import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from hyteanalysis import display
from hyteanalysis.characters import inert
from hyteanalysis.errors import SourceError, one_of
from hyteanalysis.i18n import NO_NUMBER, integer, language, own_text, text
from hyteanalysis.i18n.formats import DASH
from hyteanalysis.writing import Content, put

# texts stay texts: none becomes a formula or a link
_INERT = {"nan_inf_to_errors": True, "strings_to_formulas": False, "strings_to_urls": False}


def write_table(frame: pd.DataFrame, path: str | Path) -> Path:
    """Write a frame for machines, whole or not at all; numbers keep all their digits.

    A missing value is empty, in JSON ``null``; an infinite one too, since JSON has none.

    Parameters
    ----------
    frame : DataFrame
    path : path
        ``.csv`` (comma, point), ``.parquet``, ``.xlsx`` or ``.json``.

    Returns
    -------
    Path

    Raises
    ------
    SourceError
        Another suffix, or a folder that cannot be written to.
    """
    path = Path(path)
    whole({path: of_table(frame, path)})
    return path


def of_table(frame: pd.DataFrame, path: Path) -> Content:
    """Who writes the frame in the form that the path's suffix names."""
    writers: dict[str, Content] = {
        ".csv": lambda to: inert(frame).to_csv(to, index=False),
        ".parquet": lambda to: pq.write_table(_plain(frame), to),
        ".xlsx": lambda to: _sheets({"table": frame}, to),
        ".json": lambda to: to.write_text(_json(_records(frame)), encoding="utf-8"),
    }
    return _by_suffix(path, writers)


def write_tables(frames: Mapping[str, pd.DataFrame], path: str | Path) -> Path:
    """Write several frames into one file, whole or not at all.

    Parameters
    ----------
    frames : mapping
        Frames by name.
    path : path
        ``.xlsx`` (a sheet each) or ``.json`` (a list of rows each).

    Returns
    -------
    Path

    Raises
    ------
    SourceError
        Another suffix, or a folder that cannot be written to.
    """
    writers: dict[str, Content] = {
        ".xlsx": lambda to: _sheets(frames, to),
        ".json": lambda to: to.write_text(
            _json({name: _records(frame) for name, frame in frames.items()}), encoding="utf-8"
        ),
    }
    path = Path(path)
    whole({path: _by_suffix(path, writers)})
    return path


def _records(frame: pd.DataFrame) -> list[dict[str, object]]:
    finite = frame.replace([math.inf, -math.inf], math.nan)
    return [
        {name: None if pd.isna(value) else value for name, value in row.items()}
        for row in finite.astype(object).to_dict("records")
    ]


def _json(values: object) -> str:
    """JSON as its standard has it: no NaN, no Infinity."""
    return json.dumps(values, ensure_ascii=False, indent=1, allow_nan=False)


def _plain(frame: pd.DataFrame) -> pa.Table:
    """An Arrow table that other languages read as it is: no index, no notes for pandas; an empty column is text."""
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    fields = [one.with_type(pa.string()) if pa.types.is_null(one.type) else one for one in table.schema]
    return table.cast(pa.schema(fields))


def _sheets(frames: Mapping[str, pd.DataFrame], to: Path) -> None:
    with pd.ExcelWriter(to, engine="xlsxwriter", engine_kwargs={"options": _INERT}) as book:
        for name, frame in frames.items():
            frame.to_excel(book, sheet_name=name[:31], index=False)
            book.sheets[name[:31]].freeze_panes(1, 0)
            book.sheets[name[:31]].autofit()


def _by_suffix(path: Path, writers: Mapping[str, Content]) -> Content:
    return writers[one_of(path.suffix.lower(), writers, f"{path.name}: the suffix", SourceError)]


def whole(files: Mapping[Path, Content], *, gone: Iterable[Path] = ()) -> list[Path]:
    """Write files that belong together, all of them or none (:func:`hyteanalysis.writing.put`).

    Raises SourceError where the folder cannot be written to, or is full.
    """
    try:
        return put(files, gone=gone)
    except OSError as error:
        what = error.strerror or error
        raise SourceError(f"{next(iter(files))} cannot be written ({what}). Nothing was changed.") from error


class Fetched(NamedTuple):
    """Tidy cells with the metadata of their indicators and groups.

    What was left out, kept once or taken from an old copy is said in ``indicators["notes"]``.
    """

    cells: pd.DataFrame
    indicators: pd.DataFrame
    groups: pd.DataFrame

    def save(self, path: str | Path) -> Path:
        """Write ``NAME.suffix`` with ``NAME.indicators.suffix`` and ``NAME.groups.suffix``, all of them or none."""
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        frames = {path: self.cells}
        for what in ("indicators", "groups"):
            frames[path.with_name(f"{path.stem}.{what}{path.suffix}")] = getattr(self, what)
        whole({file: of_table(frame, file) for file, frame in frames.items()})
        return path

    def _repr_html_(self) -> str:
        lang = language()
        periods = sorted(self.cells["period"].unique())
        counts = {
            "cells": len(self.cells),
            "indicators": self.cells["indicator"].nunique(),
            "areas": self.cells["area"].nunique(),
        }
        numbers = {name: integer(count, lang) for name, count in counts.items()}
        span = DASH.join(dict.fromkeys([periods[0], periods[-1]])) if periods else NO_NUMBER
        said = text("display.fetched.said", lang, periods=span, **numbers)
        first = self.indicators.head(display.ROWS).to_dict("records")
        facts = {str(row["indicator"]): own_text(row, "title", lang)[0] for row in first}
        notes = [str(row["notes"]) for row in first if isinstance(row.get("notes"), str) and row["notes"]]
        rows = display.cells(self.cells)
        return display.shown(text("display.fetched", lang), said=[said, *dict.fromkeys(notes)], facts=facts, frame=rows)
