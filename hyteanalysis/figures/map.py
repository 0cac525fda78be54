"""Map of areas by level or by gap: fetched boundaries in EPSG:3067, else the schematic map."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Circle, Rectangle

from hyteanalysis import areas
from hyteanalysis.figures.kit import regions, style
from hyteanalysis.figures.kit.bundle import Caption, FigureBundle
from hyteanalysis.figures.kit.regions import COLUMNS, TILES, alternative, boundaries, short_name
from hyteanalysis.figures.kit.registry import figure
from hyteanalysis.figures.kit.sheet import MARGIN, Sheet, centimetres, line_height, points
from hyteanalysis.findings.lookup import gaps_of
from hyteanalysis.i18n import spoken, text
from hyteanalysis.tables import readable

if TYPE_CHECKING:
    from hyteanalysis.disclosure import Release


CLASSES = 5


@figure("map", of="release", needs=("areas",))
@spoken
def map(
    release: "Release",
    *,
    indicator: str | None = None,
    dimension: str | None = None,
    areas: str | Sequence[str] | None = None,
    period: str | None = None,
    lang: str = "fi",
    width: float = 16.0,
) -> FigureBundle:
    """Where in the country is the level weak, or the gap wide?

    Parameters
    ----------
    release : Release
    indicator : str
    dimension : str, optional
        None or ``total``: the level of the whole population. Else the gap between the groups of the dimension.
    areas : str or list of str, optional
        One area: all of its kind, itself outlined. A list: those areas. By default the counties.
    period : str, optional
        The newest by default.
    lang : {"fi", "sv", "en"}
    width : float
        cm.

    Returns
    -------
    FigureBundle
        At most five classes (Fisher–Jenks), whose limits are computed over all periods and so are the same in each.

    Raises
    ------
    HyteError
        For unknown ids, or a release without such numbers.

    Notes
    -----
    Not for reading single numbers: see :func:`hyteanalysis.figures.dots` and the table. Boundaries are read from
    ``boundaries/LEVEL.gpkg`` or ``.parquet`` (column ``area``) among the fetched files; without them counties are
    tiles, other areas circles sized by population, and areas without a known place stand in the table only.
    """
    found = regions.compare(release, indicator=indicator, dimension=dimension, areas=areas, period=period)
    limits = _class_limits(release, found)
    caption = Caption.of(
        "map", release, found.indicator, title=found.title(lang), subtitle=found.subtitle(lang), lang=lang
    )
    with style.context():
        drawing = _MapSheet(found, limits, width, lang)
        sheet = drawing.drawn(**caption.around)
    table = pd.concat([found.table, found.benchmark], ignore_index=True)
    shown, formats = readable(table, found.names, found.unit, lang, columns=COLUMNS)
    return caption.bundle(
        sheet,
        table,
        shown,
        formats,
        alternative=alternative(found, "map", lang),
        plotted=drawing.plotted,
        notes=(*drawing.notes, *found.notes(lang)),
        states=found.states(),
    )


def _class_limits(release: "Release", found: regions.Regions) -> np.ndarray:
    """Upper limits of the classes over all periods; fewer than five where there are fewer numbers."""
    cells = release.select(indicator=found.indicator, dimension=found.dimension, area=found.table["area"].tolist())
    if found.gap:
        values = gaps_of(release, cells, ["D"])["estimate"]
    else:
        values = cells["estimate"]
    numbers = np.sort(values.dropna().to_numpy(dtype=float))
    return natural_breaks(numbers, CLASSES)


NARROW = 11.0  # cm: below this the key stands above the map


class _MapSheet:
    """The sheet of one map."""

    def __init__(self, found: regions.Regions, limits: np.ndarray, width: float, lang: str) -> None:
        self.found, self.limits, self.width, self.lang = found, limits, width, lang
        self.plotted: list[float] = []
        self.notes: tuple[str, ...] = ()
        self.rows = found.table.drop_duplicates("area").set_index("area")
        self.shades = _shades(found, limits)

    def drawn(self, **around: str) -> Sheet:
        """The finished sheet."""
        codes = self.rows.index.tolist()
        shapes = boundaries(codes)
        tiles = shapes is None and all(code in TILES for code in codes)
        narrow = self.width < NARROW
        entries = _classes(self.found, self.limits, self.width - 1.5 if narrow else 3.6, self.lang)
        key = _key_height(entries)
        wide = self.width - 2 * MARGIN if narrow or tiles else self.width - 5.2
        if shapes is not None:
            west, south, east, north = shapes.total_bounds
            tall = min(wide * (north - south) / (east - west), 15.0)
        else:
            tall = wide / ACROSS * DOWN * (0.82 if narrow else 0.66) if tiles else min(wide * 1.25, 15.0)
        # the north-western corner of the tiles is empty, and takes the key where the tiles are large
        body = tall + key + 0.3 if narrow else max(tall, key) + 0.2
        sheet = Sheet(self.width, body, **around)
        axes = sheet.axes(MARGIN, 0.1, wide, tall)
        axes.set_axis_off()
        if shapes is not None:
            self._shapes(axes, shapes)
        elif tiles:
            self.notes = (text("figure.map.tiles", self.lang),)
            self._tiles(axes, wide, tall)
        else:
            self.notes = (text("figure.map.circles", self.lang),)
            self._circles(axes, wide, tall)
        left = MARGIN if narrow or tiles else wide + 0.5
        _draw_key(sheet, entries, self.found.measure(self.lang), left, body - 0.1)
        return sheet

    def _fill(self, area: str) -> tuple[str, str | None]:
        """Colour and hatching of an area."""
        row = self.rows.loc[area]
        if pd.isna(row["estimate"]):
            return "white", EMPTY_HATCH
        place = min(int(np.searchsorted(self.limits, row["estimate"] - 1e-12)), len(self.limits) - 1)
        return self.shades[place], UNCERTAIN_HATCH if row["status"] == "uncertain" else None

    def _edge(self, area: str) -> dict[str, Any]:
        own = area == self.found.own
        return {"edgecolor": style.VERMILLION if own else style.QUIET, "linewidth": 2.6 if own else 0.9}

    def _said(self, area: str) -> str:
        row = self.rows.loc[area]
        if pd.isna(row["estimate"]):
            return "×" if row["status"] == "suppressed" else "–"
        self.plotted.append(float(row["estimate"]))
        return self.found.unit.number(row["estimate"], self.lang) + ("?" if row["status"] == "uncertain" else "")

    def _ink(self, fill: str) -> str:
        return "white" if fill in FILLS[3:] else style.INK

    def _add(self, axes: Axes, patch: Any, area: str) -> str:
        fill, hatch = self._fill(area)
        patch.set(facecolor=fill, hatch=hatch, zorder=3 if area == self.found.own else 2, **self._edge(area))
        axes.add_artist(patch)
        return fill

    def _words(self, axes: Axes, x: float, y: float, lines: list[str], fill: str, hatched: bool) -> None:
        """Lines centred on a place, on a plain ground where the area is hatched."""
        step = line_height(style.SIZE) * 0.86
        look = {"facecolor": "white", "edgecolor": "none", "pad": 0.5} if hatched else None
        for i, line in enumerate(lines):
            axes.text(
                x,
                y + ((len(lines) - 1) / 2 - i) * step,
                line,
                ha="center",
                va="center_baseline",
                fontsize=style.SIZE,
                fontweight="bold" if i == len(lines) - 1 else "normal",
                color=style.INK if hatched else self._ink(fill),
                bbox=look,
                zorder=5,
            )

    def _tiles(self, axes: Axes, wide: float, tall: float) -> None:
        across, down = wide / ACROSS, tall / DOWN
        axes.set(xlim=(0, wide), ylim=(0, tall))
        for area in self.rows.index:
            column, row = TILES[area]
            x, y = column * across, tall - (row + 1) * down
            fill = self._add(axes, Rectangle((x + 0.03, y + 0.03), across - 0.06, down - 0.06), area)
            name = style.wrap(short_name(area, self.found.names, self.lang), points(across - 0.12))
            fits = (len(name) + 1) * line_height(style.SIZE) * 0.86 <= down and all(
                style.text_width(line) <= points(across - 0.1) for line in name
            )
            lines = [*(name if fits else []), self._said(area)]
            self._words(axes, x + across / 2, y + down / 2, lines, fill, self._fill(area)[1] is not None)

    def _circles(self, axes: Axes, wide: float, tall: float) -> None:
        placed = circles(self.rows.index.tolist(), wide, tall)
        axes.set(xlim=(0, wide), ylim=(0, tall))
        for spot in placed.itertuples():
            fill = self._add(axes, Circle((spot.x, spot.y), spot.r), spot.area)
            name = self.found.names.area(spot.area, self.lang)
            said = self._said(spot.area)
            lines = [name, said] if centimetres(style.text_width(name)) < 1.85 * spot.r else [said]
            if centimetres(style.text_width(said, weight="bold")) < 1.85 * spot.r:
                self._words(axes, spot.x, spot.y, lines, fill, self._fill(spot.area)[1] is not None)

    def _shapes(self, axes: Axes, shapes: Any) -> None:
        for area, shape in zip(shapes["area"], shapes.geometry, strict=True):
            fill, hatch = self._fill(area)
            one = shapes[shapes["area"] == area]
            one.plot(
                ax=axes, facecolor=fill, hatch=hatch, zorder=3 if area == self.found.own else 2, **self._edge(area)
            )
            at = shape.representative_point()
            said = self._said(area)
            axes.text(at.x, at.y, said, ha="center", va="center", fontsize=style.SIZE, color=self._ink(fill), zorder=5)
        axes.set_aspect("equal")


FILLS = ("#EAF2F9", "#BBD6EA", "#7FB2D8", "#2F7AB5", "#0B2C55")  # darker = weaker, or a larger gap
UNCERTAIN_HATCH, EMPTY_HATCH = "////", "xxxx"
ROW, BOX = 0.55, 0.42  # cm


@dataclass(frozen=True)
class _Class:
    """Words in lines, with the fill and hatching they explain."""

    lines: tuple[str, ...]
    fill: str
    hatch: str | None = None


def _shades(found: regions.Regions, limits: np.ndarray) -> list[str]:
    """A fill for each class; the weakest, or the largest gap, is the darkest."""
    places = np.linspace(0, len(FILLS) - 1, max(len(limits), 1)).round().astype(int)
    darker_high = found.gap or not found.favourable
    return [FILLS[place] for place in (places if darker_high else places[::-1])]


def _classes(found: regions.Regions, limits: np.ndarray, room: float, lang: str) -> list[_Class]:
    """The key in lines no wider than ``room`` cm."""

    def entry(told: str, fill: str, hatch: str | None = None) -> _Class:
        return _Class(tuple(style.wrap(told, points(room))), fill, hatch)

    lows = [-np.inf, *limits[:-1]]
    said = [
        ("≤ " + found.unit.number(high, lang)) if i == 0 else found.unit.interval(low, high, lang)
        for i, (low, high) in enumerate(zip(lows, limits, strict=True))
    ]
    rows = [entry(told, fill) for told, fill in zip(said, _shades(found, limits), strict=False)][::-1]
    states = set(found.states())
    if "uncertain" in states:
        rows.append(entry(text("figure.map.uncertain", lang), FILLS[1], UNCERTAIN_HATCH))
    if {"suppressed", "missing"} & states:
        rows.append(entry(text("figure.map.none", lang), "white", EMPTY_HATCH))
    return rows


def _key_height(rows: list[_Class]) -> float:
    """Height of the key, cm."""
    return sum(_tall(row) for row in rows) + 0.6


def _draw_key(sheet: Sheet, rows: list[_Class], heading: str, left: float, top: float) -> None:
    """The key with its upper left corner at a place of the body, cm."""
    sheet.text(left, top, heading, va="top", fontweight="bold")
    top -= 0.6
    for row in rows:
        look = {"facecolor": row.fill, "hatch": row.hatch, "edgecolor": style.QUIET, "linewidth": 0.9}
        sheet.box(left, top - BOX, 0.7, BOX, look)
        for i, told in enumerate(row.lines):
            sheet.text(left + 0.85, top - BOX / 2 - i * line_height(style.SIZE), told, va="center_baseline")
        top -= _tall(row)


def _tall(row: _Class) -> float:
    return ROW + (len(row.lines) - 1) * line_height(style.SIZE)


SAMPLE = 300  # numbers that the classes are computed from


def natural_breaks(numbers: np.ndarray, classes: int) -> np.ndarray:
    """Upper limits of the classes with the least squared deviation within (Fisher 1958, Jenks 1977).

    Exact for up to 300 numbers; of more, 300 quantiles stand for all.

    >>> natural_breaks(np.array([1.0, 2.0, 10.0, 11.0, 30.0]), 3).tolist()
    [2.0, 11.0, 30.0]
    """
    values = np.sort(numbers)
    if len(np.unique(values)) <= classes:
        return np.unique(values)
    if len(values) > SAMPLE:
        values = np.quantile(values, np.linspace(0, 1, SAMPLE), method="inverted_cdf")
    count = len(values)
    total, square = np.insert(np.cumsum(values), 0, 0.0), np.insert(np.cumsum(values**2), 0, 0.0)
    first, last = np.arange(count)[:, None], np.arange(count)[None, :]
    size = np.maximum(last - first + 1, 1)
    within = square[last + 1] - square[first] - (total[last + 1] - total[first]) ** 2 / size
    within = np.where(last >= first, np.maximum(within, 0), np.inf)  # deviation in first … last
    best, starts = within[0], []
    for _ in range(classes - 1):
        split = best[:-1, None] + within[1:]  # the new class starts after each earlier end
        starts.append(split.argmin(axis=0))
        best = split.min(axis=0)
    ends = [count - 1]
    for start in reversed(starts):
        ends.append(int(start[ends[-1]]))
    return np.unique(values[ends])


ACROSS, DOWN = 6, 7  # tiles
ROUNDS = 120  # steps in which overlapping circles move apart


def circles(codes: list[str], width: float, height: float) -> pd.DataFrame:
    """Centre and radius of a circle for each area that has a centre point: ``area, x, y, r`` within the sheet.

    Areas of circles are proportional to population; circles that overlap push each other apart, so neighbours stay
    neighbours. The same areas always give the same picture.

    >>> circles(["KU285", "KU286"], 10, 10)["r"].round(1).tolist()[1] > 1
    True
    """
    known = areas.reference().drop_duplicates("area").set_index("area")
    known = known.loc[[code for code in codes if code in known.index]].dropna(subset=["lon", "lat"])
    if known.empty:
        return pd.DataFrame(columns=["area", "x", "y", "r"])
    people = known["population"].fillna(known["population"].median()).fillna(1.0).to_numpy(dtype=float)
    x = known["lon"].to_numpy(dtype=float) * np.cos(np.radians(known["lat"].mean()))
    y = known["lat"].to_numpy(dtype=float)
    unit = min(width / max(np.ptp(x), 1e-9), height / max(np.ptp(y), 1e-9)) * 0.8
    x, y = (x - x.mean()) * unit, (y - y.mean()) * unit
    r = np.sqrt(people / people.sum() * 0.34 * width * height / np.pi)
    r = np.minimum(np.maximum(r, 0.02 * min(width, height)), 0.22 * min(width, height))
    x, y = _apart(x, y, r)
    fit = min(1.0, width / np.ptp([x - r, x + r]), height / np.ptp([y - r, y + r]))
    x, y, r = x * fit, y * fit, r * fit
    x += width / 2 - ((x + r).max() + (x - r).min()) / 2
    y += height / 2 - ((y + r).max() + (y - r).min()) / 2
    return pd.DataFrame({"area": known.index.astype(str), "x": x, "y": y, "r": r})


def _apart(x: np.ndarray, y: np.ndarray, r: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Push overlapping circles apart, all pairs at once, the smaller one further."""
    for _ in range(ROUNDS):
        dx, dy = x[:, None] - x, y[:, None] - y
        distance = np.hypot(dx, dy)
        np.fill_diagonal(distance, np.inf)
        overlap = np.maximum(1.04 * (r[:, None] + r) - distance, 0)
        if not overlap.any():
            break
        share = overlap * (r**2 / (r[:, None] ** 2 + r**2)) / np.maximum(distance, 1e-9) * 0.5
        x, y = x + (share * dx).sum(axis=1), y + (share * dy).sum(axis=1)
    return x, y
