"""Where areas stand on the schematic map: tiles for counties, circles sized by population for all others."""

import numpy as np
import pandas as pd

from hyteanalysis import areas
from hyteanalysis.i18n import Names, text

# column and row (from the north) of each county, Helsinki and Åland
TILES = {
    "HVA21": (3, 0),
    "HVA19": (3, 1),
    "HVA20": (4, 1),
    "HVA17": (1, 2),
    "HVA18": (2, 2),
    "HVA13": (4, 2),
    "HVA14": (5, 2),
    "HVA16": (1, 3),
    "HVA15": (3, 3),
    "HVA12": (4, 3),
    "HVA06": (0, 4),
    "HVA08": (1, 4),
    "HVA07": (2, 4),
    "HVA09": (3, 4),
    "HVA10": (4, 4),
    "HVA11": (5, 4),
    "HVA05": (0, 5),
    "HVA03": (1, 5),
    "HVA02": (2, 5),
    "HVA04": (3, 5),
    "HVA01": (4, 5),
    "HVA91": (0, 6),
    "HVA90": (2, 6),
}
COLUMNS, ROWS = 6, 7
ROUNDS = 120  # steps in which overlapping circles move apart


def short_name(area: str, names: Names, lang: str) -> str:
    """A county without the words "wellbeing services county"; any other area by its name."""
    return text(f"area.short.{area}", lang) if area in TILES else names.area(area, lang)


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
