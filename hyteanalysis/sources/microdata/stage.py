"""The one scan: person rows to sums at the finest crossing, as an expression any engine runs."""

import re
from collections.abc import Collection, Mapping
from typing import Any

import ibis
import pandas as pd

from hyteanalysis.errors import TidyError
from hyteanalysis.marks import MISSING
from hyteanalysis.numerals import NORMAL, SPACED, SPACES, Evidence, Signs, evidence, settle, shapes
from hyteanalysis.sources.microdata.question import ALWAYS, EVERYWHERE, Outcome, Question, Written
from hyteanalysis.sources.microdata.source import Source, fetched

_PLAIN_WORDS = ("true", "false", "True", "False", "TRUE", "FALSE", *MISSING, ".")
_SOME = 1_000  # rows that may prove how numbers are written
ROUNDING = 1e-9  # a weighted rank this close under a boundary lies on it, whatever the order of summing


def number(table: Any, column: str, signs: Signs | None, written: Written) -> Any:
    """A column as float, NaN as null: Spark keeps NaN as a number, DuckDB takes it for the largest.

    ``signs``: of a column of text, what parts decimals and thousands in it.
    """
    value = table[column]
    if value.type().is_boolean():
        return value.ifelse(1.0, 0.0).cast("float64")
    if value.type().is_string():
        text = value.strip() if signs is None else _plain(value.strip(), signs)
        text = text.isin(written.zero).ifelse("0", text) if written.zero else text
        value = _truth(text).try_cast("float64")
    if value.type().is_floating():
        return without_nan(value.cast("float64"))
    return value.cast("float64")


def without_nan(value: Any) -> Any:
    """NaN as null.

    Asked of √(x²), which is NaN where x is: DuckDB believes a Parquet file's smallest and largest value, which leave
    NaN out, and would answer for x itself, without looking, that nothing is NaN.
    """
    return (value * value).sqrt().isnan().ifelse(ibis.null("float64"), value)


def _truth(text: Any) -> Any:
    """True and false as 1 and 0, any other text as it is."""
    low = text.lower()
    return (low == "true").ifelse("1", (low == "false").ifelse("0", text))


def _unmarked(text: Any, written: Written) -> Any:
    """Text without spaces around it; what stands for a missing value is null."""
    bare = text.strip()
    return bare.isin([*MISSING, ".", *written.empty]).ifelse(ibis.null("string"), bare)


def _plain(text: Any, signs: Signs) -> Any:
    """A number's text with a point for its decimals and nothing for its thousands; null where it is none."""
    none = ibis.null("string")
    for pattern, by in NORMAL:
        text = text.re_replace(pattern, by)
    text = text.re_search(SPACED).ifelse(text.re_replace(rf"[{SPACES}'’]", ""), text)
    if signs.thousands:
        s, d = re.escape(signs.thousands), re.escape(signs.decimal)
        grouped = text.re_search(rf"^-?[1-9][0-9]{{0,2}}({s}[0-9]{{3}})+({d}[0-9]*)?$")
        text = grouped.ifelse(text.replace(signs.thousands, ""), text)
        text = text.contains(signs.thousands).ifelse(none, text)
    if signs.decimal == ",":
        text = text.contains(".").ifelse(none, text.replace(",", "."))
    return text


def signs_of(source: Source, asked: Question) -> dict[str, Signs]:
    """What parts decimals and thousands in the columns of text that numbers are asked of, told by all their values.

    Columns of plain numbers are not among them: an engine reads those as they are. Raises TidyError naming the columns
    that can be read in two ways.
    """
    columns = [asked.weight, asked.rank[1] if asked.rank else None]
    for outcome in asked.outcomes.values():
        columns += [outcome.column, outcome.exposure]
    texts = [name for name in dict.fromkeys(filter(None, columns)) if source.table[name].type().is_string()]
    if not texts:
        return {}
    seen: dict[str, Any] = {}
    for i, name in enumerate(texts):
        text = source.table[name]
        plain = [*_PLAIN_WORDS, *asked.written.marks]
        unread = text.try_cast("float64").isnull() & text.notnull() & text.notin(plain)
        seen |= {f"odd{i}": unread.max(), f"dot{i}": text.contains(".").max()}
    row = fetched(source.table.aggregate(**seen)).iloc[0]
    asked_of = []
    for i, name in enumerate(texts):
        if row[f"odd{i}"] or (row[f"dot{i}"] and not _with_points(source, name)):
            asked_of.append(name)
    proofs: dict[str, Any] = {}
    for i, name in enumerate(asked_of):
        value = _unmarked(source.table[name], asked.written)
        normal = value
        for pattern, by in NORMAL:
            normal = normal.re_replace(pattern, by)
        for k, shape in enumerate(shapes().values()):
            proofs[f"p{i}_{k}"] = value.min(where=normal.re_search(shape))
        percent = value.re_search(rf"%[{SPACES}]*$")
        bare = ~percent & normal.re_search("[1-9]") & ~normal.re_search("[A-Za-z%]")
        proofs |= {f"percent{i}": value.min(where=percent), f"bare{i}": value.min(where=bare)}
    found = fetched(source.table.aggregate(**proofs)).iloc[0] if proofs else {}
    known = {}
    _refuse_some_percents({name: (found[f"percent{i}"], found[f"bare{i}"]) for i, name in enumerate(asked_of)})
    for i, name in enumerate(asked_of):
        said: dict[str, dict[str, str]] = {"decimal": {}, "thousands": {}, "either": {}, "beside": {}}
        for k, (kind, sign) in enumerate(shapes()):
            if isinstance(example := found[f"p{i}_{k}"], str):
                said[kind][sign] = example
        known[name] = Evidence(said["decimal"], said["thousands"], said["either"], said["beside"].get(""))
    counts = [one.column for one in asked.outcomes.values() if one.kind == "count"]
    return settle(known, counts=counts, separator=source.separator, decimal=asked.written.decimal,
                  thousands=asked.written.thousands)  # fmt: skip


def _refuse_some_percents(examples: Mapping[str, tuple[Any, Any]]) -> None:
    """Columns that write some numbers with a percent sign and others without: 75 % beside 0.5 is open."""
    faults = [
        (name, bare, f"has no percent sign, others of its column have one, such as {percent!r}.")
        for name, (percent, bare) in examples.items()
        if isinstance(percent, str) and isinstance(bare, str)
    ]
    if faults:
        listed = pd.DataFrame(faults, columns=["column", "value", "problem"], dtype=object)
        raise TidyError(listed.assign(row=None, remedy="Write all of the column as per cent, or none."))


def _with_points(source: Source, name: str) -> bool:
    """Whether the first rows prove that points part decimals in a column of plain numbers."""
    first = fetched(source.table.select(name).limit(_SOME))[name].astype("str").str.strip()
    return "." in evidence(first).decimal


def key(table: Any, column: str, labels: Mapping[Any, str] | None = None) -> Any:
    """A column of codes: whole numbers kept as floats are whole again; ``labels`` take the place of codes."""
    value = table[column]
    if labels:
        named = ibis.null("string")
        for code, label in labels.items():
            named = (value == code).ifelse(label, named)
        return named
    if value.type().is_floating() or value.type().is_decimal():
        value = value.cast("float64")
        # a fraction stays visible as text, so that it is refused by name
        whole = (value == value.floor()).ifelse(value.cast("int64").cast("string"), value.cast("string"))
        return without_nan(value).isnull().ifelse(ibis.null("string"), whole)
    return value


def named(codes: Any, known: Collection[str] = (), empty: Collection[str] = ()) -> Any:
    """Codes as texts without spaces around them; a text that stands for a missing value is null, unless it is known.

    ``empty``: further signs that do, as the user says.
    """
    bare = codes.cast("string").strip()
    return bare.isin([one for one in (*MISSING, *empty) if one not in known]).ifelse(ibis.null("string"), bare)


def prepared(source: Source, asked: Question) -> Any:
    """Needed columns under the names of their roles: area, period, g_*, h, c, w, r, y*, x*, and u* of texts unread."""
    table = source.table
    signs = signs_of(source, asked)
    columns: dict[str, Any] = {
        "area": key(table, asked.area) if asked.area else ibis.literal(EVERYWHERE),
        "period": key(table, asked.period) if asked.period else ibis.literal(ALWAYS),
    }
    for name, column in asked.groups.items():
        if asked.rank is None or name != asked.rank[0]:
            columns[f"g_{name}"] = key(table, column, source.labels.get(column))
    if asked.rank:
        columns["r"] = number(table, asked.rank[1], signs.get(asked.rank[1]), asked.written)
    if asked.designed:
        columns["w"] = (
            number(table, asked.weight, signs.get(asked.weight), asked.written) if asked.weight else ibis.literal(1.0)
        )
        columns["h"] = ibis.literal(ALWAYS)
        if asked.strata:
            first, *rest = (key(table, column).cast("string") for column in asked.strata)
            for more in rest:
                first = first + "\x1f" + more
            columns["h"] = first
        if asked.cluster:
            columns["c"] = key(table, asked.cluster)
    for place, outcome in enumerate(asked.outcomes.values()):
        columns[f"y{place}"] = number(table, outcome.column, signs.get(outcome.column), asked.written)
        if outcome.exposure:
            columns[f"x{place}"] = number(table, outcome.exposure, signs.get(outcome.exposure), asked.written)
        if outcome.column in signs:
            said = _unmarked(table[outcome.column], asked.written)
            columns[f"u{place}"] = columns[f"y{place}"].isnull().ifelse(said, ibis.null("string"))
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


def stage(
    rows: Any, source: Source, asked: Question, names: tuple[str, ...], binary: set[int],
    known: Mapping[str, Collection[str]],
) -> Any:  # fmt: skip
    """Sums at the finest crossing (and stratum and cluster), keys as text.

    ``binary`` from :func:`zeros_and_ones`; ``known``: codes of groups that a schema declares.
    """
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
    empty = asked.written.empty
    texts = {name: named(found[name], known.get(name.removeprefix("g_"), ()), empty) for name in keys}
    added = {name: found[name].fill_null(0) for name in found.columns if name in sums and not name.startswith(KEPT)}
    return found.mutate(**texts, **added)


KEPT = ("w_least", "low", "high", "least", "sample")  # smallest and largest values: empty where there are none


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
    if outcome.kind in ("count", "rate") and not integer.is_integer():
        sums[f"part{place}"] = (y != y.floor()).sum()
    if f"u{place}" in rows.columns:
        sums |= {f"unread{place}": rows[f"u{place}"].count(), f"sample{place}": rows[f"u{place}"].min()}
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
