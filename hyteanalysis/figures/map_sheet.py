"""The sheet of a map: areas as fetched shapes, tiles or circles, each with its number, and the key of the classes."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Circle, Rectangle

from hyteanalysis.figures import map_key, regions, style
from hyteanalysis.figures.boundaries import boundaries
from hyteanalysis.figures.map_key import EMPTY_HATCH, FILLS, UNCERTAIN_HATCH
from hyteanalysis.figures.page import MARGIN, Page, centimetres, line_height, points
from hyteanalysis.figures.tiles import COLUMNS, ROWS, TILES, circles, short_name
from hyteanalysis.i18n import text

NARROW = 11.0  # cm: below this the key stands above the map


class Sheet:
    """The sheet of one map."""

    def __init__(self, found: regions.Regions, limits: np.ndarray, width: float, lang: str) -> None:
        self.found, self.limits, self.width, self.lang = found, limits, width, lang
        self.plotted: list[float] = []
        self.notes: tuple[str, ...] = ()
        self.rows = found.table.drop_duplicates("area").set_index("area")
        self.shades = map_key.shades(found, limits)

    def drawn(self, **around: str) -> Page:
        """The finished sheet."""
        codes = self.rows.index.tolist()
        shapes = boundaries(codes)
        tiles = shapes is None and all(code in TILES for code in codes)
        narrow = self.width < NARROW
        entries = map_key.entries(self.found, self.limits, self.width - 1.5 if narrow else 3.6, self.lang)
        key = map_key.height(entries)
        wide = self.width - 2 * MARGIN if narrow or tiles else self.width - 5.2
        if shapes is not None:
            west, south, east, north = shapes.total_bounds
            tall = min(wide * (north - south) / (east - west), 15.0)
        else:
            tall = wide / COLUMNS * ROWS * (0.82 if narrow else 0.66) if tiles else min(wide * 1.25, 15.0)
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
        left = MARGIN if narrow or tiles else wide + 0.5
        map_key.draw(page, entries, self.found.measure(self.lang), left, body - 0.1)
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
        across, down = wide / COLUMNS, tall / ROWS
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
