"""What findings of one release share: cells read and gaps measured once, for many settings at a time, then looked up.

Measuring one setting costs as much as measuring a thousand, and a page asks for one area or indicator after another.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import pandas as pd

from hyteanalysis import areas, inequality
from hyteanalysis.cells import reference_groups
from hyteanalysis.errors import one_of
from hyteanalysis.i18n import LANGS, Names

if TYPE_CHECKING:
    from hyteanalysis.disclosure import Release

WHOLE = "SSS"
LARGE = 20_000  # rows an indicator from which only the areas asked for are read
AT_ONCE = 5_000  # rows measured in one call though only one area was asked for


class Kept:
    """One indicator of a release: its cells, gaps and changes of gaps, as far as they were asked for."""

    def __init__(self, release: "Release", meta: pd.DataFrame) -> None:
        self.indicators = meta.reset_index(drop=True)
        self.meta: dict[str, Any] = self.indicators.iloc[0].to_dict()
        self._areas = release.areas
        self._rows: dict[str, pd.DataFrame] = {}
        self._read: set[str] | None = set()  # areas read so far; None for all
        self._gaps: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
        self._measured: set[tuple[str, str]] = set()
        self._changes: dict[tuple[str, str, str, str], dict[str, Any] | None] = {}

    @property
    def dimensions(self) -> list[str]:
        """Dimensions of the cells read, without the total."""
        return sorted(set(self._rows) - {"total"})

    def lacks(self, chain: Iterable[str]) -> bool:
        """Whether some of these areas were not read yet."""
        return self._read is not None and not set(chain) <= self._read

    def take(self, cells: pd.DataFrame, read: set[str] | None) -> None:
        """Add cells that were read."""
        fresh = cells if self._read == set() else cells[~cells["area"].isin(self._read or ())]
        for dimension, rows in fresh.groupby("dimension", sort=False):
            known = self._rows.get(str(dimension))
            self._rows[str(dimension)] = rows if known is None else pd.concat([known, rows])
        self._read = None if read is None else (self._read or set()) | read

    def rows(self, dimension: str) -> pd.DataFrame:
        """Cells by one dimension; none where the release has none."""
        if dimension in self._rows:
            return self._rows[dimension]
        return next(iter(self._rows.values()))[:0]

    def gap(self, dimension: str, area: str, period: str) -> list[dict[str, Any]]:
        """Rows D and R of one area and period, as :func:`hyteanalysis.disparity` gives them."""
        if (dimension, area) not in self._measured:
            measure([self], dimension, self._with(dimension, area))
        return self._gaps.get((dimension, area, period), [])

    def change(self, dimension: str, area: str, start: str, end: str) -> dict[str, Any] | None:
        """Change of D of one area, as :func:`hyteanalysis.disparity_change` gives it."""
        if (dimension, area, start, end) not in self._changes:
            measure_change([self], dimension, self._with(dimension, area), start, end)
        return self._changes[dimension, area, start, end]

    def _with(self, dimension: str, area: str) -> list[str]:
        """Areas to measure when one is asked for."""
        rows = self.rows(dimension)
        return rows["area"].unique().tolist() if len(rows) <= AT_ONCE else [area]


def measure(many: Sequence[Kept], dimension: str, places: Sequence[str]) -> None:
    """D and R of some indicators and areas in all periods, in one call."""
    found = inequality.disparity(_chosen(many, dimension, places), ["D", "R"], indicators=_described(many))
    by_id = {one.meta["indicator"]: one for one in many}
    for one in many:
        one._measured |= {(dimension, area) for area in places}
    gaps: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for row in found.to_dict("records"):
        gaps.setdefault((row["indicator"], row["area"], row["period"]), []).append(row)
    for (indicator, area, period), pair in gaps.items():
        by_id[indicator]._gaps[dimension, area, period] = pair


def measure_change(many: Sequence[Kept], dimension: str, places: Sequence[str], start: str, end: str) -> None:
    """Change of D of some indicators and areas between two periods, in one call."""
    rows = _chosen(many, dimension, places)
    rows = rows[rows["period"].isin([start, end])]
    found = inequality.disparity_change(rows, "D", start, end, indicators=_described(many))
    by_id = {one.meta["indicator"]: one for one in many}
    for one in many:
        one._changes.update(dict.fromkeys((dimension, area, start, end) for area in places))
    for row in found.to_dict("records"):
        by_id[row["indicator"]]._changes[dimension, row["area"], start, end] = row


def _chosen(many: Sequence[Kept], dimension: str, places: Sequence[str]) -> pd.DataFrame:
    parts = [rows[rows["area"].isin(places)] for one in many if len(rows := one.rows(dimension))]
    return pd.concat(parts, ignore_index=True).drop(columns="reference", errors="ignore")


def _described(many: Sequence[Kept]) -> pd.DataFrame:
    return pd.concat([one.indicators for one in many], ignore_index=True)


_KEPT: "WeakKeyDictionary[Release, dict[str, Kept]]" = WeakKeyDictionary()
_NAMES: "WeakKeyDictionary[Release, Names]" = WeakKeyDictionary()


def kept(release: "Release", indicators: Sequence[str], area: str) -> list[Kept]:
    """What is known of some indicators in an area and those above it; kept for as long as the release lives."""
    known, of_release = release.indicators, _KEPT.setdefault(release, {})
    for indicator in indicators:
        if indicator not in of_release:
            one_of(indicator, known["indicator"].tolist(), "indicator")
            of_release[indicator] = Kept(release, known[known["indicator"] == indicator])
    large = int(release.audit.get("cells") or 0) / max(len(known), 1) > LARGE
    chain = _chain(release.areas, area)
    lacking = [indicator for indicator in indicators if of_release[indicator].lacks(chain)]
    if lacking:
        cells = release.select(indicator=lacking, area=chain) if large else release.select(indicator=lacking)
        for indicator, rows in cells.groupby("indicator", sort=False):
            of_release[str(indicator)].take(rows, set(chain) if large else None)
    return [of_release[indicator] for indicator in indicators]


def _chain(hierarchy: pd.DataFrame, area: str) -> list[str]:
    """The area, those it may be replaced by, and all above it."""
    found = {WHOLE, *areas.fallbacks(area, hierarchy)}
    pairs = hierarchy.dropna(subset=["parent"])
    while fresh := set(pairs.loc[pairs["area"].isin(found), "parent"]) - found:
        found |= fresh
    return sorted(found)


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
