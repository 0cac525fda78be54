"""Axes in the house look: quiet lines, numbers of the language, no more ticks than fit."""

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from hyteanalysis.figures import style
from hyteanalysis.i18n import number


def value_axis(axes: Axes, lang: str, *, along: str, ticks: int, negative: bool = True) -> None:
    """The axis of values along ``x`` or ``y``: few ticks, a light grid, no other frame."""
    axis = axes.xaxis if along == "x" else axes.yaxis
    low, high = axes.get_xlim() if along == "x" else axes.get_ylim()
    axis.set_major_locator(MaxNLocator(ticks, steps=[1, 2, 2.5, 5, 10]))
    shown = [tick for tick in axis.get_ticklocs() if low <= tick <= high and (negative or tick >= 0)]
    axis.set_ticks(shown)
    decimals = next((d for d in (0, 1, 2) if all(abs(t - round(t, d)) < 1e-9 for t in shown)), 3)
    axis.set_major_formatter(FuncFormatter(lambda value, _: number(value, lang, decimals)))
    axes.grid(axis="x" if along == "x" else "y", color=style.GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left" if along == "x" else "bottom"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=3, labelsize=style.SIZE)
    if along == "x":
        axes.set_yticks([])
