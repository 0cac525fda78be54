"""What the finest sums reveal of faulty rows: counted, named and refused before a single cell is made."""

from typing import Any

import pandas as pd

from hyteanalysis import areas
from hyteanalysis.errors import TidyError, one_of
from hyteanalysis.sources.microdata.outcomes import Outcome, settled
from hyteanalysis.sources.microdata.question import Question
from hyteanalysis.sources.microdata.schema import Schema
from hyteanalysis.sources.microdata.source import fetched

SHOWN = 5  # unknown codes named before "and n more"


def check(made: Any, asked: Question, names: tuple[str, ...], *, missing: str) -> dict[str, Outcome]:
    """Refuse faulty weights, empty keys and values that are not valid; return the outcomes, their kinds settled."""
    row = fetched(made.aggregate(**_counts(made, asked, names))).iloc[0]
    faults: list[tuple[Any, ...]] = []
    for name, column in {"area": asked.area, "period": asked.period, "h": asked.strata, "c": asked.cluster}.items():
        if column and row[f"empty_{name}"]:
            shown = column if isinstance(column, str) else " + ".join(column)
            faults.append((shown, None, f"is empty on {int(row[f'empty_{name}']):,} rows.", "Every row needs it."))
    for name in names if missing == "error" else ():
        if row[f"empty_g_{name}"]:
            faults.append((asked.groups[name], None, f"is empty on {int(row[f'empty_g_{name}']):,} rows.",
                           "Recode them, or choose missing='leave_out': they count in the totals only."))  # fmt: skip
    if asked.weight:
        if row["w_empty"]:
            faults.append((asked.weight, None, f"is empty on {int(row['w_empty']):,} rows.", "Every row has a weight."))
        if row["w_least"] < 0:
            faults.append((asked.weight, float(row["w_least"]), "is below zero.", "Weights are 0 or more."))
    kinds = {}
    for place, (indicator, outcome) in enumerate(asked.outcomes.items()):
        binary = row[f"odd{place}"] == 0 if f"odd{place}" in row else row[f"q{place}"] == row[f"y{place}"]
        kinds[indicator] = settled(outcome, bool(binary))
        faults += _outcome_faults(row, place, outcome, bool(binary))
    if faults:
        listed = pd.DataFrame(faults, columns=["column", "value", "problem", "remedy"], dtype=object)
        raise TidyError(listed.assign(row=None))
    return kinds


def _counts(made: Any, asked: Question, names: tuple[str, ...]) -> dict[str, Any]:
    keys = ["area", "period", *(f"g_{name}" for name in names)]
    keys += (["h"] if asked.designed else []) + (["c"] if asked.cluster else [])
    found = {f"empty_{key}": made.rows.sum(where=made[key].isnull()).fill_null(0) for key in keys}
    if asked.weight:
        found |= {"w_least": made.w_least.min(), "w_empty": made.w_empty.sum()}
    for column in made.columns:
        if column.startswith(("n", "y", "q", "odd", "bad", "unread")) and column[-1].isdigit():
            found[column] = made[column].sum()
        elif column.startswith(("low", "least")):
            found[column] = made[column].min()
        elif column.startswith("high"):
            found[column] = made[column].max()
    return found


def _outcome_faults(row: "pd.Series[Any]", place: int, outcome: Outcome, binary: bool) -> list[tuple[Any, ...]]:
    column = outcome.column
    faults: list[tuple[Any, ...]] = []
    if row.get(f"unread{place}", 0):
        faults.append((column, None, f"holds text on {int(row[f'unread{place}']):,} rows.", "Numbers are needed."))
    elif not row[f"n{place}"]:
        faults.append((column, None, "No row has a value.", "Check the column."))
    if row.get(f"bad{place}", 0):
        ends = sorted({float(row[f"low{place}"]), float(row[f"high{place}"])})
        shown = " and ".join(f"{value:g}" for value in ends)
        faults.append((column, None, f"holds {int(row[f'bad{place}']):,} values that are not valid, such as {shown}.",
                       "Recode them, or correct valid."))  # fmt: skip
    elif outcome.kind == "proportion" and not binary:
        faults.append((column, None, "A proportion's outcome is true, false, 0 or 1; other values occur.",
                       "Recode it, or choose kind='mean'."))  # fmt: skip
    if row.get(f"least{place}", 0) < 0:
        faults.append((outcome.exposure, float(row[f"least{place}"]), "is below zero.", "Time at risk is 0 or more."))
    return faults


def check_codes(codes: pd.DataFrame, dimension: str, column: str, schema: Schema | None) -> None:
    """Refuse group codes that the schema has no label for: ``codes`` holds ``code, rows``."""
    if schema is None or dimension not in schema.groups:
        return
    known = schema.groups[dimension]["values"]
    strange = codes[codes["code"].notna() & ~codes["code"].isin(list(known))].sort_values("rows", ascending=False)
    if len(strange):
        shown = ", ".join(
            f"{code!r} ({int(rows):,} rows)" for code, rows in strange.head(SHOWN).itertuples(index=False)
        )
        more = f" and {len(strange) - SHOWN} more codes" if len(strange) > SHOWN else ""
        raise TidyError(
            f"Column {column!r} holds {len(strange)} codes without a label in the schema, on "
            f"{int(strange['rows'].sum()):,} rows: {shown}{more}. Known: {', '.join(known)}. "
            "Add them, or recode the data."
        )


def check_areas(codes: list[str], *, year: int | None, level: str | None) -> None:
    """Refuse area codes that lost their zeros, exist not in the year asked for, or are of another level."""
    if year is not None:
        areas.check_codes(codes, year)
    for code in codes:
        found = areas.level(code)
        if level is not None and found != one_of(level, areas.LEVELS, "schema: area: level", TidyError):
            raise TidyError(f"Area {code!r} is a {found}, but the schema says that areas are of level {level}.")
