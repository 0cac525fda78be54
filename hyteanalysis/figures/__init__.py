"""Figures of a release, each with its table, text alternative and source."""

from hyteanalysis.figures.bars import bars
from hyteanalysis.figures.bundle import FigureBundle
from hyteanalysis.figures.cards import cards
from hyteanalysis.figures.county import county
from hyteanalysis.figures.curve import curve
from hyteanalysis.figures.dots import dots
from hyteanalysis.figures.equiplot import equiplot
from hyteanalysis.figures.forest import forest
from hyteanalysis.figures.frontier import frontier
from hyteanalysis.figures.map import map
from hyteanalysis.figures.matrix import matrix
from hyteanalysis.figures.plane import plane
from hyteanalysis.figures.pyramid import pyramid
from hyteanalysis.figures.tornado import tornado
from hyteanalysis.figures.trend import trend
from hyteanalysis.figures.worksheet import worksheet

KINDS = ("equiplot", "trend", "matrix", "dots", "map", "forest", "curve", "pyramid")
OF_ONE_AREA = ("county",)
OF_AN_IMPACT = ("bars", "cards", "frontier", "plane", "tornado")

__all__ = [
    "KINDS",
    "OF_AN_IMPACT",
    "OF_ONE_AREA",
    "FigureBundle",
    "bars",
    "cards",
    "county",
    "curve",
    "dots",
    "equiplot",
    "forest",
    "frontier",
    "map",
    "matrix",
    "plane",
    "pyramid",
    "tornado",
    "trend",
    "worksheet",
]
