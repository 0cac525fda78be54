"""Which cells of a release a method reads: of a crossed dimension in one area, or of areas of one kind."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from hyteanalysis.cells import CROSS, parts
from hyteanalysis.errors import HyteError, MeasureError
from hyteanalysis.figures import choice
from hyteanalysis.figures.fitted import About
from hyteanalysis.findings.kept import names_of
from hyteanalysis.i18n import Unit, when

if TYPE_CHECKING:
    from hyteanalysis.disclosure import Release


class Crossed:
    """Cells of one indicator, crossed dimension, area and period."""

    def __init__(self, release: "Release", indicator: str, dimension: str, cells: pd.DataFrame) -> None:
        self.release, self.indicator, self.dimension, self.cells = release, indicator, dimension, cells
        self.meta = release.indicators[release.indicators["indicator"] == indicator]
        split = cells["group"].str.split(CROSS, expand=True, regex=False)
        split.columns = parts(dimension)
        self.split = pd.concat([cells.drop(columns="group"), split], axis=1)
        groups = release.groups
        self.orders = {
            part: groups[groups["dimension"] == part].set_index("group")["order"].dropna().to_dict()
            for part in parts(dimension)
        }

    @classmethod
    def of(
        cls, release: "Release", *, indicator: str | None, dimension: str | None, areas: str | Sequence[str] | None,
        period: str | None,
    ) -> "Crossed":  # fmt: skip
        """What was asked for, checked; what was left open, chosen."""
        indicator = choice.only(indicator, release.indicators["indicator"].tolist(), "indicator")
        there = sorted(set(release.select(indicator=indicator)["dimension"]))
        dimension = choice.only(dimension, [name for name in there if CROSS in name], "crossed dimension")
        cells = release.select(indicator=indicator, dimension=dimension)
        area = choice.areas_to_show(cells, areas)[0]
        cells = cells[cells["area"] == area]
        if cells.empty:
            has = ", ".join(sorted(release.select(indicator=indicator, dimension=dimension)["area"].unique())[:20])
            raise HyteError(f"the release has no rows of {indicator!r} by {dimension} for {area!r}; it has {has}")
        return cls(release, indicator, dimension, cells[cells["period"] == newest(cells, period, indicator)])

    def scale(self) -> tuple[str, list[str]]:
        """The ordered part, and the others."""
        ordered = [part for part in parts(self.dimension) if self._ordered(part)]
        if not ordered:
            raise MeasureError(f"{self.dimension} has no ordered part: a social scale is needed, such as education.")
        return ordered[0], [part for part in parts(self.dimension) if part != ordered[0]]

    def comparison(self) -> tuple[str, tuple[str, str], list[str]]:
        """What the gap is between, its two groups, and the composition."""
        two = [part for part in parts(self.dimension) if self.split[part].nunique() == 2]
        if any(self._ordered(part) for part in parts(self.dimension)):
            between, rest = self.scale()
            kinds = sorted(self.split[between].unique(), key=lambda group: self.orders[between][group])
            return between, (kinds[0], kinds[-1]), rest
        if not two:
            raise MeasureError(f"{self.dimension} has no ordered part, nor one of two groups, to compare.")
        first, second = sorted(self.split[two[0]].unique())
        sums = self.split.assign(_w=self.split["population"] * self.split["estimate"]).groupby(two[0])
        mean = sums["_w"].sum() / sums["population"].sum()
        pair = (first, second) if mean[first] >= mean[second] else (second, first)
        return two[0], pair, [part for part in parts(self.dimension) if part != two[0]]

    def _ordered(self, part: str) -> bool:
        return set(self.split[part]) <= set(self.orders[part])

    def about(self, lang: str, *, bare: bool = False) -> About:
        """Words around the figure."""
        names = names_of(self.release)
        labels = {part: names.dimension(part, lang) for part in parts(self.dimension)}
        for part in parts(self.dimension):
            labels |= {group: names.group(part, group, lang) for group in self.split[part].unique()}
        row = self.cells.iloc[0]
        told = (names.indicator(self.indicator, lang), names.area(row["area"], lang), when(row["period"]))
        unit = None if bare else Unit.of(self.meta.iloc[0].to_dict(), self.cells["estimate"].dropna())
        return About.of(self.release, self.indicator, told, labels, unit, lang)


def newest(cells: pd.DataFrame, period: str | None, indicator: str) -> str:
    """The period asked for, else the newest that has numbers."""
    there = sorted(cells.loc[cells["estimate"].notna(), "period"].unique()) or sorted(cells["period"].unique())
    if not there:
        raise HyteError(f"the release has no rows of {indicator!r} for these areas; its areas are in release.areas")
    return choice.only(period or str(there[-1]), sorted(set(cells["period"])), "period")


def alike(cells: pd.DataFrame, areas: str | Sequence[str] | None) -> list[str]:
    """Areas of one kind: those named, else all counties, else all of the most common kind below the country."""
    if areas is not None and not isinstance(areas, str) and len(list(areas)) > 1:
        return list(areas)
    return choice.comparable(cells)
