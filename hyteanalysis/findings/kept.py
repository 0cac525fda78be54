"""What findings of one release share: cells read and gaps measured once for all areas and periods, then looked up.

Measuring one setting costs as much as measuring a thousand, and a page asks for one area after another.
"""

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import pandas as pd

from hyteanalysis import areas, inequality
from hyteanalysis.cells import reference_groups
from hyteanalysis.errors import one_of
from hyteanalysis.i18n import LANGS, Names

if TYPE_CHECKING:
    from hyteanalysis.disclosure import Release


class Kept:
    """One indicator of a release."""

    def __init__(self, release: "Release", indicator: str) -> None:
        known = release.indicators
        one_of(indicator, known["indicator"].tolist(), "indicator")
        self.indicators = known[known["indicator"] == indicator].reset_index(drop=True)
        self.meta: dict[str, Any] = self.indicators.iloc[0].to_dict()
        self.cells = release.select(indicator=indicator)
        self.dimensions = sorted(set(self.cells["dimension"]) - {"total"})
        self._rows: dict[str, pd.DataFrame] = dict(list(self.cells.groupby("dimension", sort=False)))
        self._gaps: dict[str, pd.DataFrame] = {}
        self._changes: dict[tuple[str, str, str], pd.DataFrame] = {}

    def rows(self, dimension: str) -> pd.DataFrame:
        """Cells by one dimension; none where the release has none."""
        found: pd.DataFrame = self._rows.get(dimension, self.cells[:0])
        return found

    def gap(self, dimension: str, area: str, period: str) -> pd.DataFrame:
        """D and R of one area and period, as :func:`hyteanalysis.disparity` gives them."""
        if dimension not in self._gaps:
            rows = self.rows(dimension).drop(columns="reference", errors="ignore")
            found = inequality.disparity(rows, ["D", "R"], indicators=self.indicators)
            self._gaps[dimension] = found.set_index(["area", "period"], drop=False).sort_index()
        found = self._gaps[dimension]
        return found.loc[[(area, period)]] if (area, period) in found.index else found[:0]

    def change(self, dimension: str, area: str, start: str, end: str) -> dict[str, Any] | None:
        """Change of D of one area, as :func:`hyteanalysis.disparity_change` gives it."""
        key = (dimension, start, end)
        if key not in self._changes:
            rows = self.rows(dimension).drop(columns="reference", errors="ignore")
            rows = rows[rows["period"].isin([start, end])]
            found = inequality.disparity_change(rows, "D", start, end, indicators=self.indicators)
            self._changes[key] = found.set_index("area")
        found = self._changes[key]
        return found.loc[area].to_dict() if area in found.index else None


_KEPT: "WeakKeyDictionary[Release, dict[str, Kept]]" = WeakKeyDictionary()
_NAMES: "WeakKeyDictionary[Release, Names]" = WeakKeyDictionary()


def kept(release: "Release", indicator: str) -> Kept:
    """What is known of an indicator, for as long as the release lives."""
    of_release = _KEPT.setdefault(release, {})
    if indicator not in of_release:
        of_release[indicator] = Kept(release, indicator)
    return of_release[indicator]


def names_of(release: "Release", *others: str) -> Names:
    """Names of what a release holds, and of ``others``: official areas that were asked for in vain."""
    if release not in _NAMES:
        _NAMES[release] = _names(release, ())
    names = _NAMES[release]
    return names if all(names.knows_area(area) for area in others) else _names(release, others)


def _names(release: "Release", others: tuple[str, ...]) -> Names:
    official = pd.DataFrame(
        [{"area": area, **{f"label_{lang}": areas.name(area, lang) for lang in LANGS}} for area in others],
        columns=["area", *(f"label_{lang}" for lang in LANGS)],
    )
    groups = pd.concat([reference_groups(), release.groups], ignore_index=True)
    return Names(release.indicators, groups, pd.concat([official, release.areas], ignore_index=True))
