"""Map of areas by level or by gap: fetched boundaries in EPSG:3067, else the schematic map."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Circle, Rectangle

from hyteanalysis import areas as areal
from hyteanalysis import inequality, places
from hyteanalysis.figures import regions, style, words
from hyteanalysis.figures.bundle import FigureBundle
from hyteanalysis.figures.dots import COLUMNS, alternative
from hyteanalysis.figures.page import MARGIN, Page, centimetres, line_height, points
from hyteanalysis.figures.tiles import COLUMNS as TILE_COLUMNS
from hyteanalysis.figures.tiles import ROWS as TILE_ROWS
from hyteanalysis.figures.tiles import TILES, circles, short_name
from hyteanalysis.i18n import text
from hyteanalysis.tables import readable

if TYPE_CHECKING:
    from hyteanalysis.disclosure import Release

CLASSES = 5
SAMPLE = 300  # numbers that the classes are computed from
FILLS = ("#EAF2F9", "#BBD6EA", "#7FB2D8", "#2F7AB5", "#0B2C55")  # darker = weaker, or a larger gap
UNCERTAIN_HATCH, EMPTY_HATCH = "////", "xxxx"


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
    limits = class_limits(release, found)
    title, source = found.title(lang), words.source(release, found.indicator, lang)
    subtitle = words.subtitle(found.subtitle(lang))
    with style.context():
        drawing = _Drawing(found, limits, width, lang)
        page = drawing.drawn(title=title, subtitle=subtitle, source=source, mark=words.mark(release, lang))
    table = pd.concat([found.table, found.benchmark], ignore_index=True)
    shown, formats = readable(table, found.names, found.unit, lang, columns=COLUMNS)
    return FigureBundle(
        fig=page.fig,
        table=table,
        title=title,
        subtitle=subtitle,
        alt=alternative(found, "map", lang),
        long_text=words.long_text("map", lang),
        source=source,
        notes=(*drawing.notes, *found.notes(lang)),
        states=found.states(),
        number_format=formats,
        lang=lang,
        release=release.id,
        plotted=tuple(drawing.plotted),
        readable=shown,
        body=page.body,
    )


def class_limits(release: "Release", found: regions.Regions) -> np.ndarray:
    """Upper limits of the classes over all periods; fewer than five where there are fewer numbers."""
    cells = release.select(indicator=found.indicator, dimension=found.dimension, area=found.table["area"].tolist())
    if found.gap:
        meta = release.indicators[release.indicators["indicator"] == found.indicator]
        rows = cells.drop(columns="reference", errors="ignore")
        values = inequality.disparity(rows, ["D"], indicators=meta)["estimate"]
    else:
        values = cells["estimate"]
    numbers = np.sort(values.dropna().to_numpy(dtype=float))
    return natural_breaks(numbers, CLASSES)


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


class _Drawing:
    """The sheet of one map."""

    def __init__(self, found: regions.Regions, limits: np.ndarray, width: float, lang: str) -> None:
        self.found, self.limits, self.width, self.lang = found, limits, width, lang
        self.plotted: list[float] = []
        self.notes: tuple[str, ...] = ()
        self.rows = found.table.drop_duplicates("area").set_index("area")
        darker_high = found.gap or not found.favourable
        shades = np.linspace(0, CLASSES - 1, max(len(limits), 1)).round().astype(int)
        self.shades = [FILLS[shade] for shade in (shades if darker_high else shades[::-1])]

    def drawn(self, **around: str) -> Page:
        """The finished sheet."""
        codes = self.rows.index.tolist()
        shapes = boundaries(codes)
        tiles = shapes is None and all(code in TILES for code in codes)
        narrow = self.width < 11
        key = self._key_height()
        wide = self.width - 2 * MARGIN if narrow or tiles else self.width - 5.2
        if shapes is not None:
            left, bottom, right, top = shapes.total_bounds
            tall = min(wide * (top - bottom) / (right - left), 15.0)
        else:
            tall = wide / TILE_COLUMNS * TILE_ROWS * (0.82 if narrow else 0.66) if tiles else min(wide * 1.25, 15.0)
        # the north-western corner of the tiles is empty, and takes the key where the tiles are large
        body = tall + key + 0.3 if narrow else max(tall, key) + 0.2
        page = Page(self.width, body, **around)
        axes = page.axes(MARGIN, 0.1, wide, tall)
        axes.set_axis_off()
        if shapes is not None:
            self._shapes(axes, shapes)
        elif tiles:
            self.notes = (text("figure.map.tiles", self.lang),)
            self._tiles(axes, wide, tall)
        else:
            self.notes = (text("figure.map.circles", self.lang),)
            self._circles(axes, wide, tall)
        self._key(page, MARGIN if narrow or tiles else wide + 0.5, body - 0.1)
        return page

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
        axes.add_patch(patch)
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
        across, down = wide / TILE_COLUMNS, tall / TILE_ROWS
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

    def _classes(self) -> list[str]:
        """Limits of the classes in words."""
        lows = [-np.inf, *self.limits[:-1]]
        unit, said = self.found.unit, []
        for i, (low, high) in enumerate(zip(lows, self.limits, strict=True)):
            said.append(("≤ " + unit.number(high, self.lang)) if i == 0 else unit.interval(low, high, self.lang))
        return said

    def _rows_of_key(self) -> list[tuple[str, str, str | None]]:
        rows: list[tuple[str, str, str | None]] = []
        rows += [(said, fill, None) for said, fill in zip(self._classes(), self.shades, strict=True)][::-1]
        states = self.found.states()
        if "uncertain" in states:
            rows.append((text("figure.map.uncertain", self.lang), FILLS[1], UNCERTAIN_HATCH))
        if {"suppressed", "missing"} & set(states):
            rows.append((text("figure.map.none", self.lang), "white", EMPTY_HATCH))
        return rows

    def _key_height(self) -> float:
        lines = [len(self._wrapped(said)) for said, _, _ in self._rows_of_key()]
        return sum(0.55 + (count - 1) * line_height(style.SIZE) for count in lines) + 0.6

    def _wrapped(self, said: str) -> list[str]:
        return style.wrap(said, points(3.6 if self.width >= 11 else self.width - 1.5))

    def _key(self, page: Page, left: float, top: float) -> None:
        """Classes, the weakest first, and the hatchings in use."""
        page.text(left, top, self.found.measure(self.lang), va="top", fontweight="bold")
        top -= 0.6
        for said, fill, hatch in self._rows_of_key():
            lines = self._wrapped(said)
            box = page.axes(left, top - 0.42, 0.7, 0.42)
            box.set(xticks=[], yticks=[], facecolor=fill)
            if hatch:
                box.add_patch(Rectangle((0, 0), 1, 1, facecolor=fill, hatch=hatch, edgecolor=style.QUIET))
            for i, line in enumerate(lines):
                page.text(left + 0.85, top - 0.21 - i * line_height(style.SIZE), line, va="center_baseline")
            top -= 0.55 + (len(lines) - 1) * line_height(style.SIZE)


def boundaries(codes: list[str]) -> Any:
    """Fetched boundaries of all these areas in EPSG:3067, or None."""
    levels = {areal.level(code) for code in codes}
    if len(levels) != 1:
        return None
    level = levels.pop()
    for file in (places.fetched("boundaries", f"{level}.parquet"), places.fetched("boundaries", f"{level}.gpkg")):
        if file.is_file():
            import geopandas

            read = geopandas.read_parquet if file.suffix == ".parquet" else geopandas.read_file
            shapes = read(file)
            if "area" in shapes and set(codes) <= set(shapes["area"]):
                return shapes[shapes["area"].isin(codes)].to_crs(3067)
    return None
