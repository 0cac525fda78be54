"""Cells, gaps and names of one release looked up by setting: read and measured once for all that a page asks for."""

from collections.abc import Iterable, Sequence
from threading import RLock
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hyteanalysis import areas
from hyteanalysis.cells import check_indicators, reference_groups
from hyteanalysis.errors import one_of
from hyteanalysis.i18n import LANGS, Names
from hyteanalysis.inequality.released import released_gaps

if TYPE_CHECKING:
    from hyteanalysis.disclosure import Release


_NUMBERS = ("order", "estimate", "se", "lower", "upper", "population", "events", "respondents")


class Row:
    """One cell: its columns by name as plain values, NaN where a number is missing. It copies nothing."""

    __slots__ = ("_columns", "at", "part")

    def __init__(self, columns: dict[str, list[Any]], part: int, at: int) -> None:
        self._columns, self.part, self.at = columns, part, at

    def __getitem__(self, name: str) -> Any:
        return self._columns[name][self.at]

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a column that the cells may lack."""
        return self._columns[name][self.at] if name in self._columns else default


class Rows:
    """Rows by indicator, dimension, area and period."""

    def __init__(self) -> None:
        self._settings: dict[tuple[str, str, str], dict[str, list[Row]]] = {}
        self._parts: list[pd.DataFrame] = []

    def enter(self, cells: pd.DataFrame) -> None:
        """Add cells; all rows of a setting come together."""
        part = cells.reset_index(drop=True)
        which = len(self._parts)
        self._parts.append(part)
        columns = {
            name: part[name].to_numpy(dtype=float, na_value=np.nan).tolist()
            if name in _NUMBERS
            else part[name].tolist()
            for name in part
        }
        keys = (columns[name] for name in ("indicator", "dimension", "area", "period"))
        for at, (*setting, period) in enumerate(zip(*keys, strict=True)):
            here = self._settings.setdefault((setting[0], setting[1], setting[2]), {})
            here.setdefault(period, []).append(Row(columns, which, at))

    def periods(self, indicator: str, dimension: str, area: str) -> dict[str, list[Row]]:
        """The rows of each period; none where there are none."""
        return self._settings.get((indicator, dimension, area), {})

    def frame(self, rows: list[Row]) -> pd.DataFrame:
        """The cells themselves, as they were entered, in the order of ``rows`` of one setting."""
        if not rows:
            return self._parts[-1][:0]
        return self._parts[rows[0].part].iloc[[row.at for row in rows]].reset_index(drop=True)


def column(rows: Iterable[Row], name: str) -> np.ndarray:
    """One column of some rows as numbers."""
    return np.array([row.get(name, np.nan) for row in rows], dtype=float)


def with_number(rows: Iterable[Row]) -> list[Row]:
    """Rows that have an estimate."""
    return [row for row in rows if row["estimate"] == row["estimate"]]


def ordered(rows: list[Row]) -> bool:
    """Whether every group has its place in an order."""
    return all(row.get("order", np.nan) == row.get("order", np.nan) for row in rows)


WHOLE = "SSS"
LARGE = 20_000  # rows an indicator from which only the areas asked for are read
AT_ONCE = 5_000  # rows measured in one call though only one area was asked for
MOST_CELLS = 1_000_000  # rows read of one release, some 150 MB, before what was read and measured is let go
NAMES = 16  # sets of names held of one release
_SETTING = ("indicator", "area", "period", "dimension")
MEASURES = ("D", "R")
_KEPT_OF_A_GAP = (
    *("measure", "estimate", "se", "lower", "upper", "p_equal", "p_value", "clear"),
    *("first", "second", "highest", "lowest"),
)


class Lookup:
    """Cells, gaps and changes of gaps of one release, as far as they were asked for; by several threads if need be.

    Attributes
    ----------
    rows : Rows
        The cells of the areas asked for and of those above them.
    hierarchy : DataFrame
        The release's own areas.
    """

    def __init__(self, release: "Release") -> None:
        self._lock = RLock()
        self.rows = Rows()
        self.hierarchy = release.areas
        self.indicators = release.indicators
        self._meta: dict[str, dict[str, Any]] = {
            str(row["indicator"]): {str(name): value for name, value in row.items()}
            for row in self.indicators.to_dict("records")
        }
        self._checked: pd.DataFrame | None = None
        self.covariance = release.covariance
        self._shared: dict[tuple[str, ...], float] | None = None
        self._large = int(release.audit.get("cells") or 0) / max(len(self.indicators), 1) > LARGE
        self._cells: dict[str, list[pd.DataFrame]] = {}  # frames that hold an indicator
        self._entered: dict[str, set[str]] = {}  # areas of an indicator that are among the rows
        self._dimensions: dict[str, set[str]] = {}
        self._chains: dict[str, list[str]] = {}
        self._fallbacks: dict[str, list[str]] = {}
        self._tops: dict[str, str] = {}
        self._gaps: dict[tuple[str, str, str, str], dict[str, dict[str, Any]]] = {}  # by measure
        self._measured: set[tuple[str, str, str]] = set()

    def meta(self, indicator: str) -> dict[str, Any]:
        """What is known of an indicator."""
        one_of(indicator, self._meta, "indicator")
        return self._meta[indicator]

    def dimensions(self, indicator: str) -> list[str]:
        """Dimensions of the cells read, without the total."""
        return sorted(self._dimensions.get(indicator, set()) - {"total"})

    def fallbacks(self, area: str) -> list[str]:
        """The area and those shown in its stead, as :func:`hyteanalysis.areas.fallbacks` gives them."""
        if area not in self._fallbacks:
            self._fallbacks[area] = areas.fallbacks(area, self.hierarchy)
        return self._fallbacks[area]

    def top(self, area: str) -> str:
        """The uppermost area above this one in the release's own hierarchy."""
        if area not in self._tops:
            above = self.hierarchy.dropna(subset=["parent"]).groupby("area")["parent"].first().to_dict()
            place, seen = area, {area}
            while place in above and above[place] not in seen:
                place = above[place]
                seen.add(place)
            self._tops[area] = place
        return self._tops[area]

    def full(self, indicators: Sequence[str], area: str) -> bool:
        """Whether cells would have to be read though as many as are to be held have been."""
        with self._lock:
            read = sum(len(frame) for frame in self._frames(list(self._cells)))
            return read > MOST_CELLS and bool(self._fresh(indicators, self._chain(area)))

    def open(self, release: "Release", indicators: Sequence[str], area: str) -> None:
        """Have the cells of some indicators among the rows, for an area and those above it."""
        for indicator in indicators:
            self.meta(indicator)
        with self._lock:
            self._enter(release, indicators, self._chain(area))

    def _enter(self, release: "Release", indicators: Sequence[str], chain: list[str]) -> None:
        fresh = self._fresh(indicators, chain)
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
            self.rows.enter(rows[np.array(unseen, dtype=bool)])
        for one in fresh:
            self._entered.setdefault(one, set()).update(chain)

    def _fresh(self, indicators: Sequence[str], chain: list[str]) -> list[str]:
        """Indicators of which not all these areas are among the rows."""
        return [one for one in indicators if not set(chain) <= self._entered.get(one, set())]

    def gap(self, indicator: str, dimension: str, area: str, period: str) -> dict[str, dict[str, Any]]:
        """Rows of one setting by measure (D, R), as :func:`hyteanalysis.disparity` gives them."""
        with self._lock:
            if (indicator, dimension, area) not in self._measured:
                self._measure([indicator], dimension, self._with(indicator, dimension, area))
            return dict(self._gaps.get((indicator, dimension, area, period), {}))

    def measure(self, indicators: Sequence[str], dimension: str, places: Sequence[str]) -> None:
        """Gaps of some indicators and areas in all periods, in one call; nothing is measured twice."""
        with self._lock:
            self._measure(indicators, dimension, places)

    def _measure(self, indicators: Sequence[str], dimension: str, places: Sequence[str]) -> None:
        lacking = [one for one in indicators if any((one, dimension, place) not in self._measured for place in places)]
        if not lacking:
            return
        found = self.gaps(self._rows(lacking, dimension, places), MEASURES)
        self._measured |= {(one, dimension, place) for one in lacking for place in places}
        columns = [found[name].tolist() for name in ("indicator", "area", "period", *_KEPT_OF_A_GAP)]
        for indicator, area, period, *values in zip(*columns, strict=True):
            row = dict(zip(_KEPT_OF_A_GAP, values, strict=True))
            self._gaps.setdefault((indicator, dimension, area, period), {})[row["measure"]] = row

    def gaps(self, rows: pd.DataFrame, measures: Sequence[str]) -> pd.DataFrame:
        """Measures of some of the release's own rows: see :func:`hyteanalysis.inequality.released.released_gaps`."""
        return released_gaps(rows, measures, self.checked(), self.covariance)

    def shared(self, first: Row, second: Row) -> float:
        """Covariance of the errors of two groups of one setting; 0 where none is given."""
        if self.covariance is None:
            return 0.0
        if self._shared is None:
            columns = [*_SETTING, "group", "group_other", "covariance"]
            rows = self.covariance[columns].itertuples(index=False, name=None)
            self._shared = {tuple(row[:-1]): float(row[-1]) for row in rows}
        setting = tuple(str(first[name]) for name in _SETTING)
        pair = (str(first["group"]), str(second["group"]))
        return self._shared.get((*setting, *pair), self._shared.get((*setting, *pair[::-1]), 0.0))

    def checked(self) -> pd.DataFrame:
        """The indicators as they are checked, once."""
        if self._checked is None:
            self._checked = check_indicators(self.indicators)
        return self._checked

    def _frames(self, indicators: Sequence[str]) -> list[pd.DataFrame]:
        """Frames that hold any of these, each once."""
        return list({id(frame): frame for one in indicators for frame in self._cells.get(one, ())}.values())

    def _rows(self, indicators: Sequence[str], dimension: str, places: Sequence[str] | None) -> pd.DataFrame:
        parts = []
        for frame in self._frames(indicators):
            wanted = (frame["dimension"] == dimension) & frame["indicator"].isin(indicators)
            parts.append(frame[wanted if places is None else wanted & frame["area"].isin(places)])
        return pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0].reset_index(drop=True)

    def _with(self, indicator: str, dimension: str, area: str) -> list[str]:
        """Areas to measure when one is asked for: those not measured yet, unless they are many."""
        rows = self._rows([indicator], dimension, None)
        if len(rows) > AT_ONCE:
            return [area]
        return [str(place) for place in rows["area"].unique()]

    def _chain(self, area: str) -> list[str]:
        """The area, those it may be replaced by, and all above it."""
        if area not in self._chains:
            found = {WHOLE, *self.fallbacks(area)}
            pairs = self.hierarchy.dropna(subset=["parent"])
            while fresh := set(pairs.loc[pairs["area"].isin(found), "parent"]) - found:
                found |= fresh
            self._chains[area] = sorted(found)
        return self._chains[area]


def lookup_of(release: "Release", indicators: Sequence[str], area: str) -> Lookup:
    """What is known of some indicators in an area and those above it; held in the release's memory."""
    known = _lookup(release)
    if known.full(indicators, area):
        known = Lookup(release)
        release.memory.keep("cells and gaps", "", known, most=1)
    known.open(release, indicators, area)
    return known


def gaps_of(release: "Release", rows: pd.DataFrame, measures: Sequence[str]) -> pd.DataFrame:
    """Measures of some rows of a release: see :func:`hyteanalysis.inequality.released.released_gaps`."""
    return _lookup(release).gaps(rows, measures)


def _lookup(release: "Release") -> Lookup:
    return release.memory.once("cells and gaps", "", lambda: Lookup(release), most=1)


def names_of(release: "Release", *others: str) -> Names:
    """Names of what a release holds, and of ``others``: official areas that were asked for in vain."""

    def names(further: tuple[str, ...]) -> Names:
        return release.memory.once("names", further, lambda: _names(release, further), most=NAMES)

    own = names(())
    lacking = tuple(area for area in others if not own.knows_area(area))
    return names(lacking) if lacking else own


def _names(release: "Release", others: tuple[str, ...]) -> Names:
    official = pd.DataFrame(
        [{"area": area, **{f"label_{lang}": areas.name(area, lang) for lang in LANGS}} for area in others],
        columns=["area", *(f"label_{lang}" for lang in LANGS)],
    )
    groups = pd.concat([reference_groups(), release.groups], ignore_index=True)
    return Names(release.indicators, groups, pd.concat([official, release.areas], ignore_index=True))
