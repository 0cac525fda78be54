"""Commands that compute: cells of person rows, disparities, and whom an action would help most."""

import sys
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from hyteanalysis.cli.inputs import Cells, Decimal, Marks, Metadata, Seed, Thousands, marks_of, read, write
from hyteanalysis.errors import MeasureError, counted, one_of

app = typer.Typer()
actions_app = typer.Typer(no_args_is_help=True, help="Actions: what a file says, and what it leaves unsaid.")

evidence_app = typer.Typer(no_args_is_help=True, help="Evidence: what is published on actions, and what is not known.")


@actions_app.command()
def check(
    file: Annotated[Path, typer.Argument(help="The action's YAML file.")],
    lang: Annotated[str, typer.Option(help="Language of the sentences: fi, sv or en.")] = "en",
) -> None:
    """What an action's file says, in sentences, and how what it leaves unsaid is read."""
    from hyteanalysis import actions, i18n

    one_of(lang, i18n.LANGS, "language")
    for sentence in actions.described(actions.Action.read(file), lang):
        typer.echo(sentence)


@evidence_app.command(name="list")
def listed(
    topic: Annotated[str | None, typer.Option(help="Such as smoking.")] = None,
    group: Annotated[str | None, typer.Option(help="A grouping or group it was studied by, such as education.")] = None,
    certainty: Annotated[str | None, typer.Option(help="At least high, moderate, low or very low.")] = None,
    age: Annotated[int | None, typer.Option(help="Years of those it is for.")] = None,
    indicator: Annotated[str | None, typer.Option(help="Id of an indicator.")] = None,
    lang: Annotated[str, typer.Option(help="fi, sv or en.")] = "en",
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help=".csv, .xlsx, .parquet or .json: every number.")
    ] = None,
) -> None:
    """What is published on actions; where nothing meets the wish, the nearest and what they lack."""
    from hyteanalysis import evidence, i18n

    one_of(lang, i18n.LANGS, "language")
    found = evidence.search(topic=topic, group=group, certainty=certainty, age=age, indicator=indicator, lang=lang)
    if found["missing"].ne("").all():
        typer.echo("Nothing meets the whole wish. Nearest, and what each lacks:")
    for row in found.itertuples():
        typer.echo(f"{row.id}: {row.name}. {evidence.line(row.id, lang)}{f' [{row.missing}]' if row.missing else ''}")
    if out is not None:
        numbers = evidence.table(lang)
        write({"numbers": numbers[numbers["action"].isin(found["id"])]}, out, "the library of evidence")


@evidence_app.command()
def show(
    id: Annotated[str, typer.Argument(help="Id of an action, as hyte evidence list says it.")],
    lang: Annotated[str, typer.Option(help="fi, sv or en.")] = "en",
) -> None:
    """Everything that is known of one action, each number with its sum and source."""
    from hyteanalysis import evidence, i18n

    one_of(lang, i18n.LANGS, "language")
    for sentence in evidence.described(id, lang):
        typer.echo(sentence)


@evidence_app.command()
def use(
    id: Annotated[str, typer.Argument(help="Id of an action, as hyte evidence list says it.")],
    out: Annotated[Path | None, typer.Option("-o", "--out", help="YAML file to write. Default: the screen.")] = None,
    outcome: Annotated[str | None, typer.Option(help="Your own indicator.")] = None,
    dimension: Annotated[str | None, typer.Option(help="Your own grouping; numbers by another are left out.")] = None,
    effect: Annotated[str | None, typer.Option(help="Another of its effects.")] = None,
    sd: Annotated[float | None, typer.Option(help="Standard deviation, for a difference of means.")] = None,
    country: Annotated[str, typer.Option(help="Where it would be done; evidence from elsewhere is widened.")] = "FI",
    lang: Annotated[str, typer.Option(help="Language of the sums: fi, sv or en.")] = "en",
) -> None:
    """An action's file made of the evidence, to edit and to give to hyte benefit."""
    from hyteanalysis import evidence, i18n, reading, writing

    one_of(lang, i18n.LANGS, "language")
    made = evidence.action(
        id, country=country, effect=effect, outcome=outcome, dimension=dimension, sd=sd, lang=lang
    )  # fmt: skip
    text = reading.written(made.to_dict())
    if out is None:
        typer.echo(text, nl=False)
    else:
        writing.put({out: text.encode()})
        typer.echo(f"{out}: {made.label(lang)}")


@app.command()
def measures(
    cells: Cells,
    measure: Annotated[
        list[str] | None, typer.Option("-m", "--measure", help="Code or name; repeat. Default: all.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help=".csv, .xlsx, .parquet or .json. Default: the screen.")
    ] = None,
    indicators: Metadata = None,
    level: Annotated[float, typer.Option(help="Confidence level.")] = 0.95,
    se: Annotated[str, typer.Option(help="propagated or model.")] = "propagated",
    model: Annotated[str | None, typer.Option(help="logit, linear or log, for SII and RII.")] = None,
    interval: Annotated[str, typer.Option(help="corrected or plain.")] = "corrected",
    draws: Annotated[int, typer.Option(help="Draws of simulated intervals.")] = 10_000,
    seed: Seed = None,
    marks: Marks = None,
    decimal: Decimal = None,
    thousands: Thousands = None,
) -> None:
    """Disparities between groups in any tidy file."""
    from hyteanalysis.inequality import disparity

    frame, metadata, origin = read(cells, indicators, marks=marks, decimal=decimal, thousands=thousands)
    gaps = disparity(
        frame, measure or "all", indicators=metadata, level=level, se=se, model=model, interval=interval,
        draws=draws, seed=seed,
    )  # fmt: skip
    write({"measures": gaps}, out, origin)


@app.command()
def benefit(
    action: Annotated[Path, typer.Argument(help="The action's YAML file.")],
    cells: Cells,
    out: Annotated[Path | None, typer.Option("-o", "--out", help=".xlsx, .json, or .csv (by group only).")] = None,
    indicators: Metadata = None,
    area: Annotated[
        list[str] | None, typer.Option(help="Area codes of one level; repeat. Default: the level with most areas.")
    ] = None,
    period: Annotated[str | None, typer.Option(help="Default: the newest with numbers.")] = None,
    budget: Annotated[
        float | None, typer.Option(help="Euros to share: adds scenarios and the best allocation.")
    ] = None,
    draws: Annotated[int, typer.Option(help="Draws of the uncertain inputs.")] = 10_000,
    seed: Seed = None,
    lang: Annotated[str, typer.Option(help="Language of the answer: fi, sv or en.")] = "en",
) -> None:
    """Which groups an action would help most: an estimate under its assumptions."""
    from hyteanalysis import actions, i18n
    from hyteanalysis.disclosure import Release

    one_of(lang, i18n.LANGS, "language")
    described = actions.Action.read(action)
    if cells.is_dir():
        source: Release | pd.DataFrame = Release.open(cells)
        metadata, origin = None, f"release {source.id}"
    else:
        source, metadata, origin = read(cells, indicators)
    made = actions.impact(source, described, indicators=metadata, areas=area, period=period, draws=draws, seed=seed)
    if out and out.suffix.lower() == ".csv":
        frames = {"by_group": made.by_group}
    else:
        frames = actions.report_frames(made, budget=budget, lang=lang, progress=sys.stderr.isatty())
    write(frames, out, origin)
    for sentence in made.sentences(lang):
        typer.echo(sentence)


@app.command()
def aggregate(
    source: Annotated[
        str, typer.Argument(help="Parquet, CSV, Excel, SPSS, Stata, SAS, R or DuckDB file, folder, glob or URL.")
    ],
    out: Annotated[Path, typer.Option("-o", "--out", help=".parquet or .csv; metadata and manifest go beside it.")],
    by: Annotated[
        list[str] | None, typer.Option("--by", help="Column to cross; repeat. Default: each group of the schema alone.")
    ] = None,
    outcome: Annotated[
        list[str] | None, typer.Option("--outcome", help="ID=COLUMN or COLUMN; repeat. Default: all of the schema.")
    ] = None,
    schema: Annotated[Path | None, typer.Option(help="YAML file that says what each column is.")] = None,
    weight: Annotated[str | None, typer.Option(help="Column with the weight.")] = None,
    area: Annotated[str, typer.Option(help="Column with the area; absent: the whole country.")] = "area",
    period: Annotated[str, typer.Option(help="Column with the period.")] = "period",
    strata: Annotated[list[str] | None, typer.Option(help="Column with the stratum; repeat to cross.")] = None,
    cluster: Annotated[str | None, typer.Option(help="Column with the sampling unit.")] = None,
    rank_by: Annotated[str | None, typer.Option(help="NAME=COLUMN or COLUMN to make quantile groups of.")] = None,
    quantiles: Annotated[int | None, typer.Option(help="Number of quantile groups, such as 5.")] = None,
    within: Annotated[str, typer.Option(help="country or area: among whom people are ranked.")] = "country",
    no_margins: Annotated[bool, typer.Option("--no-margins", help="Only the crossing itself.")] = False,
    hierarchy: Annotated[
        str | None, typer.Option(help="official or none: areas above. Default: official if the schema names a year.")
    ] = None,
    year: Annotated[int | None, typer.Option(help="Year of the division that area codes follow.")] = None,
    missing: Annotated[str, typer.Option(help="error or leave_out: rows without a group.")] = "error",
    lonely: Annotated[str, typer.Option(help="fail, remove, certainty or adjust: strata of one unit.")] = "fail",
    engine: Annotated[str, typer.Option(help="duckdb, spark or a URL.")] = "duckdb",
    table: Annotated[str | None, typer.Option(help="Table of a database.")] = None,
    memory_limit: Annotated[str | None, typer.Option(help="DuckDB's, such as 2GB; beyond it spills to disk.")] = None,
    threads: Annotated[int | None, typer.Option(min=1, help="DuckDB's threads.")] = None,
    marks: Marks = None,
    decimal: Decimal = None,
    thousands: Thousands = None,
) -> None:
    """Person rows to tidy cells, summed where the rows lie."""
    from hyteanalysis.errors import one_of
    from hyteanalysis.sources import microdata

    one_of(hierarchy, (None, "official", "none"), "--hierarchy")
    declared = microdata.Schema.read(schema) if schema else None
    if hierarchy is None and declared is not None and declared.year is not None:
        hierarchy = "official"
    made = microdata.aggregation(
        source,
        by=by,
        outcomes=_outcomes(outcome, declared),
        weight=weight,
        area=area,
        period=period,
        strata=strata,
        cluster=cluster,
        rank_by=dict([_pair(rank_by)]) if rank_by and "=" in rank_by else rank_by,
        quantiles=quantiles,
        within=within,
        engine=engine,
        margins=not no_margins,
        hierarchy=None if hierarchy == "none" else hierarchy,
        year=year,
        schema=declared,
        missing=missing,
        marks=marks_of(marks),
        decimal=decimal,
        thousands=thousands,
        lonely=lonely,
        table=table,
        memory_limit=memory_limit,
        threads=threads,
        progress=sys.stderr.isatty(),
    )
    microdata.write(made, out)
    rows = made.manifest["rows"]
    typer.echo(
        f"{out}: {counted(len(made.cells), 'cell')} of {counted(rows, 'row')} (raw cells, not disclosure-checked)"
    )


def _outcomes(given: list[str] | None, schema: object) -> dict[str, str] | list[str] | None:
    """Ids of the schema as they are, else indicator and column."""
    if given is None:
        return None
    if schema is not None and not any("=" in one for one in given):
        return given
    return dict(_pair(one) for one in given)


def _pair(text: str) -> tuple[str, str]:
    name, _, column = text.partition("=")
    if not name or (not column and "=" in text):
        raise MeasureError(f"{text!r} is not NAME=COLUMN.")
    return name, column or name
