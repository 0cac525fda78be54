"""What the commands share: options, reading cells with their metadata, writing results."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from hyteanalysis.errors import SHOWN, MeasureError, SourceError, counted
from hyteanalysis.sources import read_indicators, read_table, write_table, write_tables

Cells = Annotated[Path, typer.Argument(help="Tidy cells (CSV, Excel, Parquet, HEAT template) or a release folder.")]
Metadata = Annotated[
    Path | None, typer.Option("--indicators", help="Indicator metadata; else NAME.indicators.* beside.")
]
Groups = Annotated[Path | None, typer.Option("--groups", help="Group labels; else NAME.groups.* beside.")]
Marks = Annotated[
    list[str] | None,
    typer.Option(help="statfin, eurostat, sotkanet, r …, or SIGN=missing|suppressed|zero|uncertain; repeat."),
]
Decimal = Annotated[str | None, typer.Option(help="What parts decimals: , or .")]
Thousands = Annotated[str | None, typer.Option(help="What parts thousands: , or . or a space.")]
Lang = Annotated[str, typer.Option(help="fi, sv or en.")]
Seed = Annotated[int | None, typer.Option(help="Seed of what is drawn at random.")]


def read(
    cells: Path, indicators: Path | None, *, marks: list[str] | None = None, decimal: str | None = None,
    thousands: str | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame | None, str]:  # fmt: skip
    """Cells and metadata of a file or a release folder, and what may be said of their disclosure."""
    if cells.is_dir():
        if marks or decimal or thousands:
            raise MeasureError("--marks, --decimal and --thousands belong to a file; a release is read already.")
        from hyteanalysis.disclosure import Release

        opened = Release.open(cells)
        return opened.cells, opened.indicators, f"release {opened.id}"
    metadata = read_indicators(indicators or cells)
    if indicators and metadata is None:
        raise SourceError(f"{indicators} holds no indicator metadata (columns indicator, title, unit, kind, scale …).")
    frame = read_table(cells, marks=marks_of(marks), decimal=decimal, thousands=thousands)
    return frame, metadata, "raw cells, not disclosure-checked"


def marks_of(given: list[str] | None) -> str | dict[str, str] | None:
    """A convention by name, or signs with their meaning."""
    if not given:
        return None
    if len(given) == 1 and "=" not in given[0]:
        return given[0]
    return dict(pair(one) for one in given)


def pair(text: str) -> tuple[str, str]:
    """What stands before and after the sign of equality; a sign that is one itself may stand before."""
    name, sign, said = text.rpartition("=") if text.count("=") > 1 and text.startswith("=") else text.partition("=")
    if not sign or not name or not said:
        raise MeasureError(f"{text!r} is not NAME=VALUE.")
    return name, said


def write(frames: Mapping[str, pd.DataFrame], out: Path | None, origin: str) -> None:
    """Frames to a file, or to the screen; each says whether its numbers are disclosure-checked."""
    told = {name: frame.assign(disclosure=origin) for name, frame in frames.items()}
    first, *rest = told.values()
    if out is None:
        for name, frame in told.items():
            typer.echo(f"{name}\n{frame.to_string(index=False)}\n" if rest else frame.to_string(index=False))
        return
    if rest:
        write_tables(told, out)
    else:
        write_table(first, out)
    typer.echo(f"{out}: {counted(len(first), 'row')} ({origin})")


def say_cleaned(file: Path, lines: list[int]) -> None:
    """A note of the lines of a plan whose control characters were taken out."""
    if lines:
        shown = ", ".join(map(str, lines[:SHOWN])) + (" …" if len(lines) > SHOWN else "")
        said = f"line{'s' if len(lines) > 1 else ''} {shown}"
        typer.echo(f"{file}: control characters, as pasting leaves them, were taken out of {said}.", err=True)


def made_up(cells: Path) -> bool:
    """Whether the schema that cells were aggregated by calls their people synthetic."""
    manifest = cells.with_name(f"{cells.stem}.manifest.json")
    schema = json.loads(manifest.read_text(encoding="utf-8"))["schema"] if manifest.is_file() else None
    return bool(schema and schema.get("synthetic"))
