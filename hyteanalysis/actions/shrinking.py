"""Small cells lean on the same group elsewhere before they are ranked (empirical Bayes)."""

import numpy as np
import pandas as pd
from scipy import special

from hyteanalysis.small_areas import empirical_bayes

FEWEST = 4  # areas: shrinking towards their own mean is sure to help from four on (James & Stein)


def shrunken(cells: pd.DataFrame) -> pd.DataFrame:
    """The cells with each baseline drawn towards its group's mean over the areas, the more the less it rests on.

    Each share counts as one from the sample that its error implies, n = 1/(spread²·p(1 − p)). Within a group,
    :func:`hyteanalysis.small_areas.empirical_bayes` (binomial) gives the weight w of the area's own share; the error of
    the result is that of the estimate given the spread between areas, plus that of the group's mean. Groups in fewer
    than four areas, or with a share taken as exact, stay as they are (``weight`` 1).
    """
    p, spread = cells["baseline"].to_numpy(dtype=float), cells["spread"].to_numpy(dtype=float)
    level = np.where((p > 0) & (p < 1), p, special.expit(cells["centre"]))
    size = np.divide(1.0, spread**2 * level * (1 - level), out=np.full(len(p), np.nan), where=spread > 0)
    frame = pd.DataFrame({"group": cells["group"], "events": size * p, "population": size}, index=cells.index)
    by = frame.groupby("group")["population"]
    usable = (by.transform("count") == by.transform("size")) & (by.transform("size") >= FEWEST)
    found = cells.assign(weight=1.0)
    if not usable.any():
        return found
    fit = empirical_bayes(frame[usable], "group", model="binomial")
    total = fit.groupby("group")[["events", "population"]].transform("sum")
    mean = total["events"] / total["population"]
    noise, weight = mean * (1 - mean), fit["weight"]
    # w = A/(A + W) and W = (m(1 − m) − A)/n, solved for the area's own variance W
    own = noise / (fit["population"] + weight / (1 - weight))
    variance = weight * own + (1 - weight) ** 2 * noise / total["population"]
    moved = fit["shrunken"]
    inner = (moved > 0) & (moved < 1)
    rows = found.index[usable][inner.to_numpy()]
    moved, variance = moved[inner].to_numpy(), variance[inner].to_numpy()
    found.loc[rows, "baseline"] = moved
    found.loc[rows, "centre"] = special.logit(moved)
    found.loc[rows, "spread"] = np.sqrt(variance) / (moved * (1 - moved))
    found.loc[rows, "weight"] = weight[inner].to_numpy()
    return found
