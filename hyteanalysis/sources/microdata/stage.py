"""The one scan: person rows to sums at the finest crossing, as an expression any engine runs."""

from typing import Any

import ibis

from hyteanalysis.sources.microdata.question import ALWAYS, EVERYWHERE, Outcome, Question
from hyteanalysis.sources.microdata.source import Source, fetched

ROUNDING = 1e-9  # a weighted rank this close under a boundary lies on it, whatever the order of summing


def number(table: Any, column: str, csv: bool) -> Any:
    """A column as float, NaN as null: Spark keeps NaN as a number, DuckDB takes it for the largest."""
    value = table[column]
    if value.type().is_boolean():
        return value.ifelse(1.0, 0.0).cast("float64")
    if csv:
        text = value.strip().lower()
        text = (text == "true").ifelse("1", (text == "false").ifelse("0", text.replace(",", ".")))
        value = text.try_cast("float64")
    if value.type().is_floating():
        return without_nan(value.cast("float64"))
    return value.cast("float64")


def without_nan(value: Any) -> Any:
    """NaN as null.

    Asked of √(x²), which is NaN where x is: DuckDB believes a Parquet file's smallest and largest value, which leave
    NaN out, and would answer for x itself, without looking, that nothing is NaN.
    """
    return (value * value).sqrt().isnan().ifelse(ibis.null("float64"), value)


def key(table: Any, column: str) -> Any:
    """A column of codes: whole numbers that a file keeps as floats are whole again."""
    value = table[column]
    if value.type().is_floating() or value.type().is_decimal():
        value = value.cast("float64")
        # a fraction stays visible as text, so that it is refused by name
        whole = (value == value.floor()).ifelse(value.cast("int64").cast("string"), value.cast("string"))
        return without_nan(value).isnull().ifelse(ibis.null("string"), whole)
    return value


def prepared(source: Source, asked: Question) -> Any:
    """Needed columns under the names of their roles: area, period, g_*, h, c, w, r, y*, x*."""
    table = source.table
    columns: dict[str, Any] = {
        "area": key(table, asked.area) if asked.area else ibis.literal(EVERYWHERE),
        "period": key(table, asked.period) if asked.period else ibis.literal(ALWAYS),
    }
    for name, column in asked.groups.items():
        if asked.rank is None or name != asked.rank[0]:
            columns[f"g_{name}"] = key(table, column)
    if asked.rank:
        columns["r"] = number(table, asked.rank[1], source.csv)
    if asked.designed:
        columns["w"] = number(table, asked.weight, source.csv) if asked.weight else ibis.literal(1.0)
        columns["h"] = ibis.literal(ALWAYS)
        if asked.strata:
            first, *rest = (key(table, column).cast("string") for column in asked.strata)
            for more in rest:
                first = first + "\x1f" + more
            columns["h"] = first
        if asked.cluster:
            columns["c"] = key(table, asked.cluster)
    for place, outcome in enumerate(asked.outcomes.values()):
        columns[f"y{place}"] = number(table, outcome.column, source.csv)
        if outcome.exposure:
            columns[f"x{place}"] = number(table, outcome.exposure, source.csv)
        if source.csv:
            columns[f"u{place}"] = table[outcome.column].notnull() & columns[f"y{place}"].isnull()
    return table.select(**columns)


def zeros_and_ones(source: Source, asked: Question) -> set[int]:
    """Outcomes, by number, known before the scan to hold 0 and 1 only, so that Σy² is Σy and need not be summed.

    DuckDB answers for whole numbers from the statistics of a file or table, without reading its rows.
    """
    columns = {place: source.table[outcome.column] for place, outcome in enumerate(asked.outcomes.values())}
    found = {place for place, column in columns.items() if column.type().is_boolean()}
    whole = {place: column for place, column in columns.items() if column.type().is_integer()}
    if whole and source.connection.name == "duckdb":
        ends = {f"{end}{place}": getattr(column, end)() for place, column in whole.items() for end in ("min", "max")}
        row = fetched(source.table.aggregate(**ends)).iloc[0]
        found |= {place for place in whole if row[f"min{place}"] >= 0 and row[f"max{place}"] <= 1}
    return found


def stage(rows: Any, source: Source, asked: Question, names: tuple[str, ...], binary: set[int]) -> Any:
    """Sums at the finest crossing (and stratum and cluster), keys as text; ``binary`` from :func:`zeros_and_ones`."""
    keys = ["area", "period", *(f"g_{name}" for name in names)]
    keys += ["h"] if asked.designed else []
    keys += ["c"] if asked.cluster else []
    sums: dict[str, Any] = {"rows": rows.count()}
    if asked.designed:
        sums["w_least"], sums["w_empty"] = rows.w.min(), rows.w.isnull().sum()
    for place, outcome in enumerate(asked.outcomes.values()):
        sums |= _sums(rows, source, asked, place, outcome)
    for place in binary:
        del sums[f"q{place}"]
    found = rows.group_by(keys).aggregate(**sums)
    found = found.mutate(**{f"q{place}": found[f"y{place}"] for place in binary})
    sums |= dict.fromkeys(f"q{place}" for place in binary)
    texts = {name: found[name].cast("string") for name in keys if not found[name].type().is_string()}
    added = {name: found[name].fill_null(0) for name in found.columns if name in sums and not name.startswith(KEPT)}
    return found.mutate(**texts, **added)


KEPT = ("w_least", "low", "high", "least")  # smallest and largest values: empty where there are none


def _sums(rows: Any, source: Source, asked: Question, place: int, outcome: Outcome) -> dict[str, Any]:
    """One outcome's sufficient statistics: n, Σy, Σy²; with exposure Σx; of a design Σwx, Σwy and the squares."""
    y = rows[f"y{place}"]
    x = rows[f"x{place}"] if outcome.exposure else None
    known = y.notnull() if x is None else y.notnull() & x.notnull()
    if x is not None:
        y = known.ifelse(y, ibis.null("float64"))
        x = known.ifelse(x, ibis.null("float64"))
    sums = {f"n{place}": y.count(), f"y{place}": y.sum(), f"q{place}": (y * y).sum()}
    if x is not None:
        sums |= {f"x{place}": x.sum(), f"least{place}": x.min()}
    integer = source.table[outcome.column].type()
    if not (integer.is_integer() or integer.is_boolean()) and outcome.kind in (None, "proportion"):
        sums[f"odd{place}"] = ((y != 0) & (y != 1)).sum()
    if source.csv:
        sums[f"unread{place}"] = rows[f"u{place}"].sum()
    if outcome.valid is not None:
        if isinstance(outcome.valid, dict):
            wrong = (y < outcome.valid["from"]) | (y > outcome.valid["to"])
        else:
            wrong = y.notin([float(value) for value in outcome.valid])
        strange = wrong.ifelse(y, ibis.null("float64"))
        sums |= {f"bad{place}": strange.count(), f"low{place}": strange.min(), f"high{place}": strange.max()}
    if asked.designed:
        w = rows.w
        wy, wx = w * y, (w * x if x is not None else known.ifelse(w, ibis.null("float64")))
        sums |= {f"t{place}": wy.sum(), f"v{place}": wx.sum()}
        if not asked.cluster:
            sums |= {f"a{place}": (wy * wy).sum(), f"b{place}": (wy * wx).sum(), f"d{place}": (wx * wx).sum()}
    return sums


def with_quantiles(rows: Any, asked: Question, quantiles: int, within: str) -> Any:
    """Rows with the quantile group of their rank: q1 the lowest, ties together, bounds found on distinct values."""
    assert asked.rank is not None
    scope = ["period", "area"] if within == "area" else ["period"]
    ranked = rows.filter(rows.r.notnull())
    size = ranked.w.sum() if asked.weight else ranked.count().cast("float64")
    values = ranked.group_by([*scope, "r"]).aggregate(size=size)
    upto = ibis.window(group_by=scope, order_by="r", preceding=None, following=0)
    whole = ibis.window(group_by=scope)
    values = values.mutate(upto=values.size.sum().over(upto), whole=values.size.sum().over(whole))
    # the mid-rank of a value, of which whole numbers are exact multiples of a boundary or clearly not
    middle = (2 * values.upto - values.size) * quantiles / (2 * values.whole).nullif(0.0)
    group = (middle + (ROUNDING if asked.weight else 0.0)).floor().cast("int64")
    values = values.mutate(quantile=ibis.least(group, quantiles - 1))
    bounds = values.group_by(scope).aggregate(
        **{f"cut{k}": values.r.max(where=values["quantile"] <= k) for k in range(quantiles - 1)}
    )
    joined = rows.left_join(bounds, scope)
    joined = joined.select(*rows.columns, *(joined[f"cut{k}"] for k in range(quantiles - 1)))
    label = ibis.literal("q1")
    for k in range(quantiles - 1):  # no value at or under a bound that is empty
        above = joined[f"cut{k}"].isnull() | (joined.r > joined[f"cut{k}"])
        label = above.ifelse(f"q{k + 2}", label)
    label = joined.r.isnull().ifelse(ibis.null("string"), label)
    return joined.mutate(**{f"g_{asked.rank[0]}": label}).drop("r", *(f"cut{k}" for k in range(quantiles - 1)))
