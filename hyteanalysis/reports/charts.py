"""A figure's numbers as a chart that the receiving program draws itself and a colleague can edit."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10

import numpy as np
import pandas as pd

from hyteanalysis.cells import TOTAL
from hyteanalysis.figures import FigureBundle
from hyteanalysis.figures.kit import style
from hyteanalysis.i18n import text

GREY = "767676"  # the whole population, beside its groups
MOST = 12  # categories or series of one chart


@dataclass(frozen=True)
class Series:
    """One group: its values with their limits, NaN where there is none; ``fill`` is its colour, six hex digits."""

    name: str
    fill: str
    values: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]

    @property
    def below(self) -> tuple[float, ...]:
        """Lengths of the error bars towards lower values; 0 where there is no interval."""
        return _lengths(self.values, self.lower, -1)

    @property
    def above(self) -> tuple[float, ...]:
        """Lengths of the error bars towards higher values; 0 where there is no interval."""
        return _lengths(self.values, self.upper, 1)

    @property
    def bounded(self) -> bool:
        """Whether any value has an interval."""
        return any(length > 0 for length in (*self.below, *self.above))


@dataclass(frozen=True)
class Chart:
    """Categories, series and the format of their numbers.

    Attributes
    ----------
    kind : {"bar", "line"}
        Horizontal bars from zero, or lines over periods.
    categories : tuple of str
    series : tuple of Series
    axis : str
        Heading of the values.
    pattern : str
        Number format in a spreadsheet's notation.
    """

    kind: str
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    axis: str
    pattern: str

    @property
    def span(self) -> tuple[float | None, float]:
        """Ends of the axis of values, so that no interval is cut: 0 below bars and lines without negative numbers."""
        ends = [end for one in self.series for end in (*one.values, *one.lower, *one.upper) if isfinite(end)]
        top = max(ends, default=1.0)
        step = 10.0 ** floor(log10(top)) / 5 if top > 0 else 1.0
        return (0.0 if min(ends, default=0.0) >= 0 else None), round(ceil(top / step * 1.0001) * step, 10)

    @classmethod
    def of(cls, bundle: FigureBundle) -> "Chart | None":
        """The chart of a figure's own numbers; None where no common kind of chart would show them truly.

        Levels of groups in areas (equiplot, pyramid) and of areas (dots, map) become bars, levels over periods
        (trend) lines, people helped bars. A matrix (many units), a plane or a curve stays a picture.
        """
        shown, lang = bundle.readable, bundle.lang
        numbers = [heading for heading in shown if heading in bundle.number_format]
        helped = text("figure.column.averted", lang)
        value = helped if helped in numbers else next((name for name in numbers if not _is_count(name, lang)), None)
        if value is None or text("table.indicator", lang) in shown or len(shown) != len(bundle.table):
            return None
        rows = shown
        if "measure" in bundle.table:
            level = (bundle.table["measure"] == "level").to_numpy()
            rows = shown[level] if level.any() else shown
        lower, upper = _limits(rows, lang)
        pattern, limits = bundle.number_format[value], (value, lower, upper)
        whole = _label_of_whole(bundle)
        ordered = "order" in bundle.table and bool(bundle.table.loc[rows.index, "order"].notna().any())
        area, period, group = (text(f"table.{name}", lang) for name in ("area", "period", "group"))
        if group not in rows and text("figure.column.group", lang) in rows:
            group = text("figure.column.group", lang)
        if "order" in bundle.table:
            rows = rows.iloc[_order(bundle.table.loc[rows.index]).argsort(kind="stable")]
        several = {name: rows[name].nunique() for name in (area, period, group) if name in rows}
        if several.get(period, 1) > 1 and several.get(area, 1) == 1:
            return _crossed("line", rows, period, group, limits, pattern, ordered, whole)
        if group in several and several.get(area, 1) > 1:
            return _crossed("bar", rows, area, group, limits, pattern, ordered, whole)
        across = group if several.get(group, 0) > 1 else area
        if across not in several or several.get(period, 1) > 1 or rows[across].duplicated().any():
            return None
        return _crossed("bar", rows.assign(**{"": value}), across, "", limits, pattern, ordered, whole)


def _order(table: pd.DataFrame) -> pd.Series:
    """Periods as they come, groups from the most disadvantaged on, the whole population last."""
    place = table["order"].astype("float64").fillna(np.inf)
    return place.where(table["dimension"] != TOTAL, np.inf)


def _label_of_whole(bundle: FigureBundle) -> str:
    """What the whole population is called in the figure's readable table; empty where it has no row."""
    group = text("table.group", bundle.lang)
    if "dimension" not in bundle.table or group not in bundle.readable:
        return ""
    rows = bundle.readable.loc[(bundle.table["dimension"] == TOTAL).to_numpy(), group]
    return str(rows.iloc[0]) if len(rows) else ""


def _fills(names: Sequence[str], ordered: bool, whole: str) -> list[str]:
    """Colours of the figures: dark to light where the groups have an order, grey for the whole population."""
    groups = [name for name in names if name != whole]
    looks = iter(style.group_styles(min(len(groups), 7), ordered) * 2)
    return [GREY if name == whole else next(looks)["fill"].lstrip("#") for name in names]


def _is_count(heading: str, lang: str) -> bool:
    return heading in (text("table.population", lang), text("table.respondents", lang))


def _limits(rows: pd.DataFrame, lang: str) -> tuple[str | None, str | None]:
    """Headings of the interval that belongs to the values."""
    pairs = (
        ("table.lower", "table.upper"),
        ("table.ratio_lower", "table.ratio_upper"),
        ("figure.column.averted_lower", "figure.column.averted_upper"),
    )
    for low, high in ((text(one, lang), text(two, lang)) for one, two in pairs):
        if low in rows and high in rows:
            return low, high
    return None, None


def _crossed(
    kind: str,
    rows: pd.DataFrame,
    across: str,
    by: str,
    columns: tuple[str, str | None, str | None],
    pattern: str,
    ordered: bool,
    whole: str,
) -> Chart | None:
    """Rows as categories × series; None where two rows fall on one place or there are too many."""
    if by not in rows or rows.duplicated([across, by]).any():
        return None
    categories, names = list(dict.fromkeys(rows[across])), list(dict.fromkeys(rows[by]))
    if kind == "line":
        categories = sorted(categories)
    if len(names) > MOST or (kind == "bar" and len(categories) > 3 * MOST):
        return None
    empty = pd.DataFrame(np.nan, index=pd.Index(categories), columns=pd.Index(names))
    wide = [
        empty if column is None else rows.pivot(index=across, columns=by, values=column).reindex_like(empty)
        for column in columns
    ]
    fills = _fills([str(name) for name in names], ordered, whole)
    series = tuple(
        Series(str(name), fill, *(tuple(map(float, frame[name])) for frame in wide))
        for name, fill in zip(names, fills, strict=True)
    )
    return Chart(kind, tuple(map(str, categories)), series, str(columns[0]), pattern)


def _lengths(values: Sequence[float], limits: Sequence[float], sign: int) -> tuple[float, ...]:
    gaps = sign * (np.asarray(limits, dtype=float) - np.asarray(values, dtype=float))
    return tuple(float(gap) if np.isfinite(gap) and gap > 0 else 0.0 for gap in gaps)
