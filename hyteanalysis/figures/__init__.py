"""Figures of a release, each with its table, text alternative and source."""

from collections.abc import Callable
from importlib import import_module

from hyteanalysis.figures.bundle import FigureBundle
from hyteanalysis.figures.county import county
from hyteanalysis.figures.curve import curve
from hyteanalysis.figures.dots import dots
from hyteanalysis.figures.equiplot import equiplot
from hyteanalysis.figures.forest import forest
from hyteanalysis.figures.map import map
from hyteanalysis.figures.matrix import matrix
from hyteanalysis.figures.pyramid import pyramid
from hyteanalysis.figures.trend import trend

KINDS = ("equiplot", "trend", "matrix", "dots", "map", "forest", "curve", "pyramid")
OF_ONE_AREA = ("county", "worksheet")  # all indicators of one area
OF_BACKGROUND = ("kitagawa", "theil", "concentration", "maihda", "moran")  # why the gap is there, of a release
OF_A_RESULT = ("contributions", "strata", "scatter")  # take a fitted result and a policy
OF_AN_IMPACT = ("bars", "cards", "frontier", "plane", "tornado")

__all__ = [
    "KINDS",
    "OF_AN_IMPACT",
    "OF_A_RESULT",
    "OF_BACKGROUND",
    "OF_ONE_AREA",
    "FigureBundle",
    "bars",
    "cards",
    "concentration",
    "contributions",
    "county",
    "curve",
    "dots",
    "equiplot",
    "forest",
    "frontier",
    "kitagawa",
    "maihda",
    "map",
    "matrix",
    "moran",
    "plane",
    "pyramid",
    "scatter",
    "strata",
    "theil",
    "tornado",
    "trend",
    "worksheet",
]


_LATE = dict.fromkeys((*OF_AN_IMPACT, "worksheet"), "decisions") | dict.fromkeys(
    (*OF_A_RESULT, *OF_BACKGROUND), "reasons"
)


def __getattr__(name: str) -> Callable[..., FigureBundle]:
    if name in _LATE:  # their methods are slow to import, and most pages draw none of them
        kind: Callable[..., FigureBundle] = getattr(import_module(f"hyteanalysis.figures.{_LATE[name]}"), name)
        return kind
    raise AttributeError(f"module 'hyteanalysis.figures' has no attribute {name!r}")
