"""The command `hyte look`: what is seen in a file before anything is computed."""

from pathlib import Path
from typing import Annotated

import typer

from hyteanalysis.cli.inputs import Decimal, Marks, Thousands, marks_of, pair
from hyteanalysis.errors import MeasureError

app = typer.Typer()


@app.command()
def look(
    file: Annotated[Path, typer.Argument(help="CSV, Excel, ODS, Parquet, JSON-stat, SPSS, Stata, SAS or R file.")],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Write the table as it was read: .csv, .parquet …")
    ] = None,
    sheet: Annotated[
        str | None, typer.Option(help="Sheet of a workbook. Default: the first that holds a table.")
    ] = None,
    marks: Marks = None,
    decimal: Decimal = None,
    thousands: Thousands = None,
    encoding: Annotated[str | None, typer.Option(help="Encoding of a text file that is guessed wrong.")] = None,
    wide: Annotated[
        list[str] | None,
        typer.Option(help="COLUMN=PATTERN: columns whose names hold its values become rows; repeat."),
    ] = None,
    value: Annotated[str, typer.Option(help="Column for the numbers of such a table.")] = "estimate",
    weighted: Annotated[bool, typer.Option("--weighted", help="Events and respondents may have decimals.")] = False,
) -> None:
    """What the program sees in a file: columns, areas, periods, groups, marks, doubts, and how to go on."""
    from hyteanalysis import sources

    seen = sources.look(
        file, sheet=sheet, marks=marks_of(marks), decimal=decimal, thousands=thousands, encoding=encoding,
        wide=dict(pair(one) for one in wide) if wide else None, value=value, weighted=weighted,
    )  # fmt: skip
    typer.echo(seen.said())
    if out is not None:
        if seen.table is None:
            raise MeasureError(f"{file.name} is not written, since doubts stand in the way: {seen.doubts[0]}")
        sources.write_table(seen.table, out)
        typer.echo(f"{out}: {len(seen.table):,} rows")
