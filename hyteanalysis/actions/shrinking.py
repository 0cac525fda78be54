"""Small cells lean on the same group elsewhere before they are ranked (empirical Bayes)."""

import numpy as np
import pandas as pd
from scipy import special

FEWEST = 4  # areas: shrinking towards their own mean is sure to help from four on (James & Stein)


def shrunken(cells: pd.DataFrame) -> pd.DataFrame:
    """The cells with each baseline drawn towards its group's mean over the areas, the more the less it rests on.

    Each share counts as one from the sample that its error implies, n = 1/(spread²·p(1 − p)). Within a group,
    Marshall's between-area variance A (binomial form, at least 0) gives weight w to the area's own share; the error of
    the result is that of the estimate given A, plus that of the group's mean. Groups in fewer than four areas, or with
    a share taken as exact, stay as they are (``weight`` 1).
    """
    p, spread = cells["baseline"].to_numpy(dtype=float), cells["spread"].to_numpy(dtype=float)
    level = np.where((p > 0) & (p < 1), p, special.expit(cells["centre"]))
    size = np.divide(1.0, spread**2 * level * (1 - level), out=np.full(len(p), np.nan), where=spread > 0)
    frame = pd.DataFrame({"group": cells["group"], "n": size, "x": size * p})
    by = frame.groupby("group", sort=False)
    count = by["n"].transform("size")
    usable = ((by["n"].transform("count") == count) & (count >= FEWEST)).to_numpy()
    total = by["n"].transform("sum")
    mean = by["x"].transform("sum") / total
    scatter = (frame["n"] * (p - mean) ** 2).groupby(frame["group"]).transform("sum") / total
    noise = mean * (1 - mean)
    average = total / count
    between = ((average * scatter - noise) / (average - 1).where(average > 1)).clip(lower=0).fillna(0.0)
    within = (noise - between) / frame["n"]
    weight = (between / (between + within)).where(usable, 1.0).to_numpy(dtype=float)
    moved = (mean + weight * (p - mean)).to_numpy(dtype=float)
    variance = (weight * within + (1 - weight) ** 2 * noise / total).to_numpy(dtype=float)
    usable = usable & (moved > 0) & (moved < 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = np.where(usable, special.logit(moved), cells["centre"])
        error = np.where(usable, np.sqrt(variance) / (moved * (1 - moved)), spread)
    return cells.assign(
        baseline=np.where(usable, moved, p), centre=centre, spread=error, weight=np.where(usable, weight, 1.0)
    )
