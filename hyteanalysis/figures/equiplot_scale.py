"""The axis that all rows of an equiplot share, with room for the numbers at both ends."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from hyteanalysis.figures import style
from hyteanalysis.figures.axis import value_axis
from hyteanalysis.figures.equiplot_rows import NUMBERS, Rows


def limits(rows: Rows) -> tuple[float, float]:
    """The smallest and largest number; from zero where that is near."""
    values = rows.numbers()
    if not len(values):
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    return (0.0 if 0 <= low < 0.6 * high else low), high if high > low else low + max(abs(low), 1.0) * 0.1


def with_labels(rows: Rows, room: float) -> tuple[float, float]:
    """The limits of an axis ``room`` points long, in the unit shown, with room for the value labels at both ends."""
    low, high = limits(rows)
    values = [0.0, *(value for shown in rows.shown for value in shown["estimate"])]
    widest = max(style.text_width(rows.unit.number(value, rows.lang)) for value in values)
    hidden = "suppressed" in rows.states
    share = min((widest + style.MARK + (20 if hidden else 8)) / room, 0.3)
    span = (high - low) / (1 - (2 if low != 0 else 1.3) * share)
    smallest = min(
        (float(np.nanmin(shown[NUMBERS].to_numpy(float))) for shown in rows.shown if len(shown)), default=low
    )
    start = min(low, smallest - share * span)
    factor = rows.unit.factor
    return (start if low != 0 or start < 0 else 0.0) * factor, (high + share * span) * factor


def crowded(rows: Rows, room: float) -> bool:
    """Whether dots of some row would lie on each other were they on one line ``room`` points long."""
    low, high = limits(rows)
    return any(_crowded(shown, room * 0.7 / (high - low)) for shown in rows.shown)


def _crowded(shown: pd.DataFrame, points_a_unit: float) -> bool:
    if len(shown) < 2:
        return False
    inside = shown.sort_values("estimate")
    estimate, upper = inside["estimate"].to_numpy(float), inside["upper"].to_numpy(float)
    near = np.diff(estimate).min() * points_a_unit < style.MARK * 1.3
    return bool(near or (upper[:-1] > estimate[1:]).any())


def draw(axes: Axes, rows: Rows, room: float, height: float, ticks: int) -> None:
    """Set up axes that are ``room`` points wide and ``height`` cm high."""
    axes.set(xlim=with_labels(rows, room), ylim=(0, height))
    value_axis(axes, rows.lang, along="x", ticks=ticks, negative=rows.unit.kind in ("mean", "index"))
    axes.set_xlabel(rows.unit.measure(rows.lang), fontsize=style.SIZE, loc="right", labelpad=1)
