"""From person rows to tidy cells: open, check, one scan a table, margins, estimates."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from hyteanalysis.errors import MeasureError, SourceError, one_of
from hyteanalysis.marks import chosen
from hyteanalysis.progress import bar
from hyteanalysis.sources.fetched import of_table, whole
from hyteanalysis.sources.microdata.question import Outcome, Written, question, read
from hyteanalysis.sources.microdata.run import Run
from hyteanalysis.sources.microdata.schema import Schema
from hyteanalysis.sources.microdata.source import opened
from hyteanalysis.writing import Content

SUFFIXES = (".parquet", ".csv")


@dataclass(frozen=True)
class Aggregation:
    """Cells with what goes beside them in a file.

    Attributes
    ----------
    cells : DataFrame
        Tidy cells.
    indicators, groups : DataFrame
        Metadata as the schema declares them; empty without a schema.
    manifest : dict
        ``source`` (kind, engine, fingerprint), ``schema`` (as declared), ``asked`` (columns by role), ``rows``.
    """

    cells: pd.DataFrame
    indicators: pd.DataFrame
    groups: pd.DataFrame
    manifest: dict[str, Any]


def aggregate(
    source: Any,
    *,
    by: str | Sequence[str] | Sequence[Sequence[str]] | None = None,
    outcomes: Mapping[str, str | Outcome] | Sequence[str] | None = None,
    weight: str | None = None,
    area: str | None = "area",
    period: str | None = "period",
    strata: str | Sequence[str] | None = None,
    cluster: str | None = None,
    rank_by: str | Mapping[str, str] | None = None,
    quantiles: int | None = None,
    within: str = "country",
    engine: Any = "duckdb",
    margins: bool = True,
    hierarchy: "str | pd.DataFrame | None" = None,
    year: int | None = None,
    schema: "str | Path | Mapping[str, Any] | Schema | None" = None,
    missing: str = "error",
    marks: str | Mapping[str, str] | None = None,
    decimal: str | None = None,
    thousands: str | None = None,
    lonely: str = "fail",
    level: float = 0.95,
    table: str | None = None,
    memory_limit: str | None = None,
    threads: int | None = None,
    progress: bool | None = None,
) -> pd.DataFrame:
    """Tidy cells of person rows, summed on the engine where the rows lie.

    Answers: *what share, mean, rate or number has each group in each area and period, and how sure is it?* The rows are
    scanned once a table (crossing); margins and larger areas are made from those sums, and only cells come back.

    Everybody counted once (no weight, strata or cluster), n people answering:

    * proportion: p = Σy/n, se √(p(1 − p)/n), Wilson's limits;
    * mean: ȳ = Σy/n, se s/√n, Student's limits;
    * rate: Σ events/Σ exposure × scale, Poisson errors and limits;
    * count: Σy, se √Σy² (compound Poisson).

    With a weight w or a design: ratio r = Σwy/Σwx (x = 1, or the exposure), Taylor linearised over the sampling units
    within strata, Var r = (A − 2rB + r²D)/(Σwx)², A = Σ_h n_h/(n_h − 1)·[Σ t² − (Σ t)²/n_h] over the units' sums t of
    wy, B and D likewise of t·v and v·v with v the sums of wx; n_h counts the units of the whole data. The same as
    ``hyte.survey.estimate``, limits included. A weighted count is the total Σwy.

    Parameters
    ----------
    source : path, glob, URL, Ibis table or connection, Spark session or frame, or DataFrame
        Parquet or CSV (a file, a folder, also partitioned, or a glob), an Excel, SPSS, Stata, SAS or R file (labels
        stand for codes in groups), a DuckDB file, ``duckdb://…``, ``postgres://…``. Text files are read as
        ``hyte.sources.read_table`` reads them.
    by : str, list of str, or list of lists
        Columns (with a schema: its groups) to cross. A list of lists makes several tables, each in a scan of its own.
        None, with a schema: each of its groups alone.
    outcomes : mapping {indicator: column or Outcome}, or list of indicators the schema declares
        A plain column that holds only true, false, 0 and 1 gives a proportion with scale 1 (a share), another a mean.
        Rows where it is empty or NaN are left out of that outcome. None, with a schema: all that it declares.
    weight, area, period : str, optional
        Columns. Without a column ``area`` everything is ``SSS``, without ``period`` it is ``all``.
    strata, cluster : str, optional
        Columns of the design (several strata columns are crossed). Strata of surveys drawn anew each year include the
        year. Without ``cluster`` each row is a sampling unit.
    rank_by : str or {dimension: column}, optional
        Number by which people are ranked into ``quantiles`` groups ``q1`` (lowest, order 1) … in each period, ties kept
        together, and crossed with ``by``.
    quantiles : int, optional
        Number of those groups, such as 5. Needed with ``rank_by``; for ACI, RCI and SII see ``concentration``.
    within : {"country", "area"}
        Among whom people are ranked.
    engine : {"duckdb", "spark"}, URL or Ibis connection
        What runs the sums. With a URL or a connection ``source`` is the table's name.
    margins : bool
        Also every margin of the crossing, down to ``total``.
    hierarchy : "official", DataFrame (area, parent), optional
        Adds the areas above.
    year : int, optional
        Official division that area codes are checked against (with ``hierarchy="official"``, 2025 unless given here or
        in the schema).
    schema : path or mapping, optional
        Declared schema: columns, groups with labels and order, outcomes with valid values, design.
    missing : {"error", "leave_out"}
        Rows without a group: refuse them, or count them in the totals only, as ``note`` then says.
    marks, decimal, thousands : optional
        Of text columns, as for :func:`hyteanalysis.sources.read_table`. A sign that means ``missing`` or ``suppressed``
        is no answer and no group; ``note`` counts the rows.
    lonely : {"fail", "remove", "certainty", "adjust"}
        What to do with a stratum of one unit (see ``uncertainty.taylor_covariance``).
    level : float
        Confidence level of the limits; tidy cells hold 95 %.
    table : str, optional
        Table of a database.
    memory_limit, threads : optional
        DuckDB's, such as ``"2GB"`` and 4; beyond the limit it spills to a temporary folder, removed afterwards.
    progress : bool, optional
        Show a bar. None: where somebody waits, on a terminal or in a notebook, once it takes longer than a second.

    Returns
    -------
    DataFrame
        ``indicator, area, period, dimension, group, order, estimate, se, lower, upper, df, population, events,
        respondents, status, kind, scale, note``. ``order`` is the schema's, that of ordered categories, or of the
        reference groups; ``df`` of means and designs. ``population`` is Σw (rates: Σ w·exposure), ``events`` and
        ``respondents`` are unweighted counts (``events`` is empty for a mean). A cell nobody answered has ``status``
        ``missing``.

    Raises
    ------
    TidyError
        Before any row is read: a lacking column, a wrong type. From the first sums, before any cell is made: codes
        without a label (with counts and examples), empty keys, a weight below zero or empty, values that are not valid,
        areas that do not exist in the year.
    MeasureError
        An unknown option, options that do not go together, a stratum with one unit.
    SourceError
        A source that cannot be opened, a corrupt part (named), an engine out of memory or disk.

    Notes
    -----
    The same rows give the same cells on every engine, to the rounding of sums. With many sampling units (households in
    a register) the first sums are as many as those: still on the engine, but no longer small. Cells are not disclosure-
    checked: see ``hyte.release``. Binder 1983; Wilson 1927.

    Examples
    --------
    >>> import pandas as pd
    >>> from hyteanalysis.sources.microdata import aggregate
    >>> people = pd.DataFrame({"area": ["KU285"] * 4, "period": "2024", "sex": ["women", "women", "men", "men"],
    ...                        "smokes": [0, 1, 0, 0]})
    >>> cells = aggregate(people, by=["sex"], outcomes={"smoking": "smokes"})
    >>> cells[["dimension", "group", "estimate", "events", "respondents"]]
      dimension  group  estimate  events  respondents
    0       sex    men      0.00     0.0          2.0
    1       sex  women      0.50     1.0          2.0
    2     total  total      0.25     1.0          4.0
    """
    return aggregation(
        source, by=by, outcomes=outcomes, weight=weight, area=area, period=period, strata=strata, cluster=cluster,
        rank_by=rank_by, quantiles=quantiles, within=within, engine=engine, margins=margins, hierarchy=hierarchy,
        year=year, schema=schema, missing=missing, marks=marks, decimal=decimal,
        thousands=thousands, lonely=lonely, level=level, table=table, memory_limit=memory_limit,
        threads=threads, progress=progress,
    ).cells  # fmt: skip


def aggregation(
    source: Any,
    *,
    by: Any = None,
    outcomes: Mapping[str, str | Outcome] | Sequence[str] | None = None,
    weight: str | None = None,
    area: str | None = "area",
    period: str | None = "period",
    strata: str | Sequence[str] | None = None,
    cluster: str | None = None,
    rank_by: str | Mapping[str, str] | None = None,
    quantiles: int | None = None,
    within: str = "country",
    engine: Any = "duckdb",
    margins: bool = True,
    hierarchy: "str | pd.DataFrame | None" = None,
    year: int | None = None,
    schema: "str | Path | Mapping[str, Any] | Schema | None" = None,
    missing: str = "error",
    marks: str | Mapping[str, str] | None = None,
    decimal: str | None = None,
    thousands: str | None = None,
    lonely: str = "fail",
    level: float = 0.95,
    table: str | None = None,
    memory_limit: str | None = None,
    threads: int | None = None,
    progress: bool | None = None,
) -> Aggregation:
    """As :func:`aggregate`, with the metadata and the manifest that go beside the cells in a file."""
    one_of(missing, ("error", "leave_out"), "missing", MeasureError)
    one_of(within, ("country", "area"), "within", MeasureError)
    if (rank_by is None) != (quantiles is None):
        raise MeasureError(
            "rank_by= and quantiles= belong together: quantiles=5 makes fifths. For ACI, RCI and SII of individual "
            "ranks use hyteanalysis.sources.microdata.concentration."
        )
    if quantiles is not None and (not isinstance(quantiles, int) or quantiles < 2):
        raise MeasureError(f"quantiles= is a whole number of 2 or more, not {quantiles!r}.")
    declared = Schema.read(schema) if schema is not None else None
    if outcomes is None and declared is None:
        raise MeasureError("outcomes= is {indicator: column}; it may be left out only with a schema.")
    known = declared.outcomes if declared else {}
    wanted = read(list(known) if outcomes is None else outcomes, known)
    with opened(source, engine=engine, table=table, memory_limit=memory_limit, threads=threads) as held:
        asked = question(
            held.table, by=by, outcomes=wanted, weight=weight, area=area, period=period, strata=strata,
            cluster=cluster, rank_by=rank_by, schema=declared, written=Written(chosen(marks), decimal, thousands),
        )  # fmt: skip
        asked.check(held.table, csv=held.csv)
        run = Run(held, asked, declared, hierarchy, year, missing, lonely, level, margins)
        with bar(total=run.steps, what="aggregating", unit="table", shown=progress) as line:
            cells = run.cells(quantiles, within, line)
    manifest = {
        "source": held.described,
        "schema": declared.declared if declared else None,
        "asked": run.told(),
        "rows": run.rows,
        "cells": len(cells),
    }
    groups = declared.group_frame() if declared else pd.DataFrame()
    indicators = declared.indicators() if declared else pd.DataFrame()
    if len(indicators):
        indicators = indicators[indicators["indicator"].isin(list(wanted))].reset_index(drop=True)
    return Aggregation(cells, indicators, groups, manifest)


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
        out: made.cells,
        out.with_name(f"{out.stem}.indicators{suffix}"): made.indicators,
        out.with_name(f"{out.stem}.groups{suffix}"): made.groups,
    }
    full = {file: frame for file, frame in frames.items() if len(frame)}

    def manifest(to: Path) -> None:
        said = {
            **made.manifest,
            "versions": {name: version(name) for name in ("hyteanalysis", "ibis-framework", "duckdb")},
            "files": {file.name: hashlib.sha256(to.with_name(file.name).read_bytes()).hexdigest() for file in full},
            "disclosure": "raw cells, not disclosure-checked",
        }
        to.write_text(json.dumps(said, ensure_ascii=False, indent=1, default=str), encoding="utf-8")

    files: dict[Path, Content] = {file: of_table(frame, file) for file, frame in full.items()}
    return whole({**files, out.with_name(f"{out.stem}.manifest.json"): manifest}, gone=frames)
