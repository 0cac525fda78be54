"""What findings of one release share: cells read and gaps measured once, for many settings at a time, then looked up.

Measuring one setting costs as much as measuring a thousand, and a page asks for one area or indicator after another.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import pandas as pd

from hyteanalysis import areas, inequality
from hyteanalysis.cells import reference_groups
from hyteanalysis.errors import one_of
from hyteanalysis.findings.book import Book
from hyteanalysis.i18n import LANGS, Names

if TYPE_CHECKING:
    from hyteanalysis.disclosure import Release

WHOLE = "SSS"
LARGE = 20_000  # rows an indicator from which only the areas asked for are read
AT_ONCE = 5_000  # rows measured in one call though only one area was asked for


class Kept:
    """Cells, gaps and changes of gaps of one release, as far as they were asked for.

    Attributes
    ----------
    book : Book
        The cells of the areas asked for and of those above them.
    hierarchy : DataFrame
        The release's own areas.
    """

    def __init__(self, release: "Release") -> None:
        self.book = Book()
        self.hierarchy = release.areas
        self.indicators = release.indicators
        self._meta: dict[str, dict[str, Any]] = {
            str(row["indicator"]): {str(name): value for name, value in row.items()}
            for row in self.indicators.to_dict("records")
        }
        self._large = int(release.audit.get("cells") or 0) / max(len(self.indicators), 1) > LARGE
        self._cells: dict[str, list[pd.DataFrame]] = {}  # frames that hold an indicator
        self._entered: dict[str, set[str]] = {}  # areas of an indicator that are in the book
        self._dimensions: dict[str, set[str]] = {}
        self._chains: dict[str, list[str]] = {}
        self._gaps: dict[tuple[str, str, str, str], list[dict[str, Any]]] = {}
        self._measured: set[tuple[str, str, str]] = set()
        self._changes: dict[tuple[str, str, str, str, str], dict[str, Any] | None] = {}

    def meta(self, indicator: str) -> dict[str, Any]:
        """What is known of an indicator."""
        one_of(indicator, self._meta, "indicator")
        return self._meta[indicator]

    def dimensions(self, indicator: str) -> list[str]:
        """Dimensions of the cells read, without the total."""
        return sorted(self._dimensions.get(indicator, set()) - {"total"})

    def open(self, release: "Release", indicators: Sequence[str], area: str) -> None:
        """Have the cells of some indicators in the book, for an area and those above it."""
        chain = self._chain(area)
        for indicator in indicators:
            self.meta(indicator)
        fresh = [one for one in indicators if not set(chain) <= self._entered.get(one, set())]
        lacking = fresh if self._large else [one for one in fresh if one not in self._cells]
        if lacking:
            new = [place for place in chain if not all(place in self._entered.get(one, ()) for one in lacking)]
            cells = release.select(indicator=lacking, area=new) if self._large else release.select(indicator=lacking)
            for one in lacking:
                self._cells.setdefault(one, []).append(cells)
            for pair in cells[["indicator", "dimension"]].drop_duplicates().itertuples():
                self._dimensions.setdefault(pair.indicator, set()).add(pair.dimension)
        for frame in self._frames(fresh):
            rows = frame[frame["area"].isin(chain) & frame["indicator"].isin(fresh)]
            unseen = [
                place not in self._entered.get(one, ())
                for one, place in zip(rows["indicator"], rows["area"], strict=True)
            ]
            self.book.enter(rows[unseen])
        for one in fresh:
            self._entered.setdefault(one, set()).update(chain)

    def gap(self, indicator: str, dimension: str, area: str, period: str) -> list[dict[str, Any]]:
        """Rows D and R of one setting, as :func:`hyteanalysis.disparity` gives them."""
        if (indicator, dimension, area) not in self._measured:
            self.measure([indicator], dimension, self._with(indicator, dimension, area))
        return self._gaps.get((indicator, dimension, area, period), [])

    def change(self, indicator: str, dimension: str, area: str, start: str, end: str) -> dict[str, Any] | None:
        """Change of D of one setting, as :func:`hyteanalysis.disparity_change` gives it."""
        if (indicator, dimension, area, start, end) not in self._changes:
            self.measure_change([indicator], dimension, self._with(indicator, dimension, area), start, end)
        return self._changes[indicator, dimension, area, start, end]

    def measure(self, indicators: Sequence[str], dimension: str, places: Sequence[str]) -> None:
        """D and R of some indicators and areas in all periods, in one call."""
        rows = self._rows(indicators, dimension, places)
        found = inequality.disparity(rows, ["D", "R"], indicators=self.indicators)
        self._measured |= {(one, dimension, place) for one in indicators for place in places}
        for row in found.to_dict("records"):
            self._gaps.setdefault((row["indicator"], dimension, row["area"], row["period"]), []).append(row)

    def measure_change(
        self, indicators: Sequence[str], dimension: str, places: Sequence[str], start: str, end: str
    ) -> None:
        """Change of D of some indicators and areas between two periods, in one call."""
        rows = self._rows(indicators, dimension, places)
        rows = rows[rows["period"].isin([start, end])]
        found = inequality.disparity_change(rows, "D", start, end, indicators=self.indicators)
        for one in indicators:
            self._changes.update(dict.fromkeys((one, dimension, place, start, end) for place in places))
        for row in found.to_dict("records"):
            self._changes[row["indicator"], dimension, row["area"], start, end] = row

    def _frames(self, indicators: Sequence[str]) -> list[pd.DataFrame]:
        """Frames that hold any of these, each once."""
        return list({id(frame): frame for one in indicators for frame in self._cells.get(one, ())}.values())

    def _rows(self, indicators: Sequence[str], dimension: str, places: Sequence[str] | None) -> pd.DataFrame:
        parts = []
        for frame in self._frames(indicators):
            wanted = (frame["dimension"] == dimension) & frame["indicator"].isin(indicators)
            parts.append(frame[wanted if places is None else wanted & frame["area"].isin(places)])
        return pd.concat(parts, ignore_index=True).drop(columns="reference", errors="ignore")

    def _with(self, indicator: str, dimension: str, area: str) -> list[str]:
        """Areas to measure when one is asked for: those not measured yet, unless they are many."""
        rows = self._rows([indicator], dimension, None)
        if len(rows) > AT_ONCE:
            return [area]
        return [str(place) for place in rows["area"].unique()]

    def _chain(self, area: str) -> list[str]:
        """The area, those it may be replaced by, and all above it."""
        if area not in self._chains:
            found = {WHOLE, *areas.fallbacks(area, self.hierarchy)}
            pairs = self.hierarchy.dropna(subset=["parent"])
            while fresh := set(pairs.loc[pairs["area"].isin(found), "parent"]) - found:
                found |= fresh
            self._chains[area] = sorted(found)
        return self._chains[area]


_KEPT: "WeakKeyDictionary[Release, Kept]" = WeakKeyDictionary()
_NAMES: "WeakKeyDictionary[Release, dict[tuple[str, ...], Names]]" = WeakKeyDictionary()


def kept(release: "Release", indicators: Sequence[str], area: str) -> Kept:
    """What is known of some indicators in an area and those above it; kept for as long as the release lives."""
    if release not in _KEPT:
        _KEPT[release] = Kept(release)
    _KEPT[release].open(release, indicators, area)
    return _KEPT[release]


def names_of(release: "Release", *others: str) -> Names:
    """Names of what a release holds, and of ``others``: official areas that were asked for in vain."""
    known = _NAMES.setdefault(release, {})
    if () not in known:
        known[()] = _names(release, ())
    lacking = tuple(area for area in others if not known[()].knows_area(area))
    if lacking not in known:
        known[lacking] = _names(release, lacking)
    return known[lacking]


def _names(release: "Release", others: tuple[str, ...]) -> Names:
    official = pd.DataFrame(
        [{"area": area, **{f"label_{lang}": areas.name(area, lang) for lang in LANGS}} for area in others],
        columns=["area", *(f"label_{lang}" for lang in LANGS)],
    )
    groups = pd.concat([reference_groups(), release.groups], ignore_index=True)
    return Names(release.indicators, groups, pd.concat([official, release.areas], ignore_index=True))
