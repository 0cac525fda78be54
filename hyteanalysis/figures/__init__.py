"""Figures of a release, each with its table, text alternative and source."""

from hyteanalysis.figures.bars import bars
from hyteanalysis.figures.bundle import FigureBundle
from hyteanalysis.figures.cards import cards
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

KINDS = ("equiplot", "trend", "matrix", "dots", "map", "forest", "curve", "pyramid")
OF_AN_IMPACT = ("bars", "cards", "frontier", "plane", "tornado")

__all__ = [
    "KINDS",
    "OF_AN_IMPACT",
    "FigureBundle",
    "bars",
    "cards",
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
]
