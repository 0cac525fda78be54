"""Population pyramid: how old the people of each group are, which explains much of what differs between groups."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from hyteanalysis.cells import parts
from hyteanalysis.disclosure import Release, only_release
from hyteanalysis.errors import LackError
from hyteanalysis.figures.kit import choice, style
from hyteanalysis.figures.kit.bundle import Caption, FigureBundle
from hyteanalysis.figures.kit.registry import figure
from hyteanalysis.figures.kit.sheet import MARGIN, Sheet, centimetres, line_height, points, value_axis
from hyteanalysis.findings.lookup import names_of
from hyteanalysis.i18n import Names, Unit, integer, percent, spoken, text, when
from hyteanalysis.tables import readable

ROW, AXIS = 0.62, 1.05  # cm
PANEL = 2.6  # cm at least for a group
COLUMNS = ("period", "group", "population", "share_of_group")


@figure("pyramid", of="release", needs=("ages",))
@spoken
def pyramid(
    release: Release,
    *,
    indicator: str | None = None,
    dimension: str | None = None,
    areas: str | Sequence[str] | None = None,
    period: str | None = None,
    lang: str = "fi",
    width: float = 16.0,
) -> FigureBundle:
    """How old are the people of each group?

    Parameters
    ----------
    release : Release
    indicator : str
        Whose population; groups are those of its cells.
    dimension : str, optional
        A dimension crossed with age, ``age × sex`` by default, or the other part of it (``education``).
    areas : str, optional
        One area; of a list the first. By default the first of the highest level.
    period : str, optional
        The newest by default.
    lang : {"fi", "sv", "en"}
    width : float
        cm.

    Returns
    -------
    FigureBundle
        The table holds the crossed cells' ``population`` and ``share_of_group`` (0–1), which is what is drawn: two
        groups mirror each other, more stand side by side. Of more than 12 the six youngest and the six oldest are
        drawn, by mean age, and the others counted in the picture.

    Raises
    ------
    LackError
        Where the release has no population by age and the other dimension.
    HyteError
        For unknown ids.
    """
    indicator = choice.only(indicator, only_release(release).indicators["indicator"].tolist(), "indicator")
    cells = release.select(indicator=indicator)
    by_age = [name for name in sorted(set(cells["dimension"])) if "age" in parts(name) and len(parts(name)) == 2]
    if not by_age or "population" not in cells:
        raise LackError("ages", "a population pyramid needs populations by age and one more dimension (age × sex)")
    asked = dimension or ("age × sex" if "age × sex" in by_age else by_age[0])
    asked = next((name for name in by_age if asked in parts(name) and asked != "age"), asked)
    if asked not in by_age:
        raise LackError("ages", f"the release has populations by {', '.join(by_age)}; not by {asked!r}")
    cells = cells[(cells["dimension"] == asked) & cells["population"].notna()]
    if cells.empty:
        raise LackError("ages", f"the release shows no populations by {asked}")
    area = choice.areas_to_show(cells, areas)[0]
    there = cells[(cells["area"] == area) & (cells["period"] == (period or cells["period"].max()))]
    if there.empty:
        raise LackError("ages", f"the release has no populations by {asked} for {area!r} in {period or 'any period'}")
    cells, newest = there, str(there["period"].iloc[0])
    names = names_of(release)
    table, other = _table(cells, asked, names)
    meta = release.indicators.loc[release.indicators["indicator"] == indicator].iloc[0].to_dict()
    place = names.area(area, lang)
    title = text("figure.pyramid.title", lang, dimension=names.dimension(other, lang), area=place)
    subtitle = [text("figure.pyramid.subtitle", lang), when(newest)]
    caption = Caption.of("pyramid", release, indicator, title=title, subtitle=subtitle, lang=lang)
    ends = _ends(table)
    drawn = table[table["_other"].isin(ends)].sort_values("_other", key=lambda one: one.map(ends.index), kind="stable")
    rest = table["_other"].nunique() - len(ends)
    drawing = _PyramidSheet(drawn, rest, other, names, width, lang)
    with style.context():
        sheet = drawing.drawn(**caption.around)
    shown, formats = readable(table, names, Unit.of(meta), lang, columns=COLUMNS)

    def alternative(short: Any) -> str:
        largest = drawn.loc[drawn.groupby("_other", sort=False)["share_of_group"].idxmax()]
        about = short(names.dimension(other, lang))
        said = [text("figure.alt.pyramid", lang, dimension=about, area=short(place), period=newest)]
        for row in largest.head(3).to_dict("records"):
            name, age = short(names.group(other, row["_other"], lang)), names.group("age", row["_age"], lang)
            share = percent(100 * row["share_of_group"], lang, 0)
            said.append(text("figure.alt.pyramid_most", lang, group=name, age=age, share=share))
        return " ".join(said)

    return caption.bundle(
        sheet,
        table.drop(columns=["_age", "_other"]),
        shown,
        formats,
        alternative=alternative,
        plotted=drawn["share_of_group"],
    )


def _table(cells: pd.DataFrame, dimension: str, names: Names) -> tuple[pd.DataFrame, str]:
    """Crossed cells with age and the other part taken apart, and the share of each age in its group."""
    at = parts(dimension).index("age")
    split = [parts(group) for group in cells["group"]]
    table = cells.assign(_age=[pair[at] for pair in split], _other=[pair[1 - at] for pair in split])
    other = parts(dimension)[1 - at]
    table = table.assign(share_of_group=table["population"] / table.groupby("_other")["population"].transform("sum"))
    order = sorted(
        range(len(table)),
        key=lambda i: (names.place(other, table["_other"].iloc[i]), _first_year(table["_age"].iloc[i])),
    )
    return table.iloc[order].reset_index(drop=True), other


END = 6  # of very many groups, as many of the youngest and of the oldest are drawn


def _ends(table: pd.DataFrame) -> list[str]:
    """The groups drawn: all in their order; of very many those of the lowest and the highest mean age, youngest first.

    Groups of equal mean age stay in their order.
    """
    groups = [str(one) for one in table["_other"].unique()]
    if len(groups) <= 2 * END:
        return groups
    years = table["share_of_group"] * table["_age"].map(_first_year).replace(np.inf, np.nan)
    mean = years.groupby(table["_other"], sort=False).sum().sort_values(kind="stable")
    return [*mean.index[:END], *mean.index[-END:]]


def _first_year(age: str) -> float:
    """First year of an age band, as bands sort."""
    digits = "".join(c if c.isdigit() else " " for c in age).split()
    return float(digits[0]) if digits else np.inf


class _PyramidSheet:
    """The sheet of one pyramid."""

    def __init__(self, table: pd.DataFrame, rest: int, other: str, names: Names, width: float, lang: str) -> None:
        self.table, self.rest, self.other, self.names, self.width, self.lang = table, rest, other, names, width, lang
        self.ages = sorted(table["_age"].unique(), key=_first_year)[::-1]  # the oldest on top
        self.groups = list(dict.fromkeys(table["_other"]))
        many = len(self.groups) > choice.MOST  # each is headed by its name, so that one colour serves all
        looks = style.group_styles(min(len(self.groups), choice.MOST), ordered=False)
        self.fills = [style.MIDDLE] * len(self.groups) if many else [look["fill"] for look in looks]

    def drawn(self, **around: str) -> Sheet:
        """The finished sheet."""
        labels = [self.names.group("age", age, self.lang) for age in self.ages]
        ages = centimetres(max(style.text_width(label) for label in labels)) + 0.3
        mirrored = len(self.groups) == 2
        room = self.width - 2 * MARGIN - ages
        columns = 2 if mirrored else max(min(len(self.groups), int(room / PANEL)), 1)
        wide = (self.width - 2 * MARGIN - ages) / columns
        heads = [style.wrap(self._head(group), points(wide - 0.1)) for group in self.groups]
        head = max(len(lines) for lines in heads) * line_height(style.SIZE) + 0.15
        tall = ROW * len(self.ages)
        lines = int(np.ceil(len(self.groups) / columns))
        told = text("figure.rest", self.lang, number=integer(self.rest, self.lang)) if self.rest else ""
        below = line_height(style.SIZE) + 0.1 if told else 0.0
        sheet = Sheet(self.width, lines * (head + tall + AXIS) + below + 0.1, **around)
        if told:
            sheet.text(MARGIN, below, f"⋮ {told}", va="top")
        most = float(self.table["share_of_group"].max())
        for i, group in enumerate(self.groups):
            row, column = divmod(i, columns)
            bottom = (lines - 1 - row) * (head + tall + AXIS) + AXIS + below
            turned = mirrored and i == 0
            left = MARGIN + column * wide + (0.0 if turned else ages)
            place = (left + (0.35 if turned else 0.0), bottom, wide - 0.35, tall)
            self._bars(sheet.axes(*place), group, most, turned=turned, fill=self.fills[i])
            x = left + wide / 2
            for k, line in enumerate(heads[i]):
                sheet.text(
                    x,
                    bottom + tall + head - 0.1 - k * line_height(style.SIZE),
                    line,
                    va="top",
                    ha="center",
                    fontweight="bold",
                )
            if mirrored and i == 0:
                self._ages(sheet, labels, MARGIN + wide + ages / 2, bottom, "center")
            elif not mirrored and column == 0:
                self._ages(sheet, labels, MARGIN + ages - 0.2, bottom, "right")
        return sheet

    def _head(self, group: str) -> str:
        people = self.table.loc[self.table["_other"] == group, "population"].sum()
        return f"{self.names.group(self.other, group, self.lang)} ({integer(people, self.lang)})"

    def _ages(self, sheet: Sheet, labels: list[str], x: float, bottom: float, side: str) -> None:
        for k, label in enumerate(labels):
            y = bottom + (len(labels) - 1 - k + 0.5) * ROW
            sheet.text(x, y, label, va="center_baseline", ha=side)

    def _bars(self, axes: Axes, group: str, most: float, *, turned: bool, fill: str) -> None:
        share = self.table[self.table["_other"] == group].set_index("_age")["share_of_group"].reindex(self.ages)
        heights = np.arange(len(self.ages))[::-1] + 0.5
        axes.barh(heights, 100 * share, height=0.82, color=fill, edgecolor=style.INK, linewidth=0.7)
        axes.set(ylim=(0, len(self.ages)), xlim=(0, 100 * most * 1.28))
        value_axis(axes, self.lang, along="x", ticks=3 if axes.get_window_extent().width > 90 else 2)
        axes.set_xlabel("%", loc="right" if not turned else "left", fontsize=style.SIZE, labelpad=1)
        if turned:
            axes.invert_xaxis()
        for y, value in zip(heights, share, strict=True):
            if np.isfinite(value):
                axes.annotate(
                    integer(100 * value, self.lang),
                    (100 * value, y),
                    (-3 if turned else 3, 0),
                    textcoords="offset points",
                    ha="right" if turned else "left",
                    va="center",
                    fontsize=style.SIZE,
                )
