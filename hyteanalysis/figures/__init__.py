"""Figures, each with its table, text alternative and source."""

from hyteanalysis.figures.bars import bars
from hyteanalysis.figures.cards import cards
from hyteanalysis.figures.contributions import concentration, contributions, kitagawa, theil
from hyteanalysis.figures.county import county
from hyteanalysis.figures.curve import curve
from hyteanalysis.figures.dots import dots
from hyteanalysis.figures.equiplot import equiplot
from hyteanalysis.figures.forest import forest
from hyteanalysis.figures.frontier import frontier
from hyteanalysis.figures.kit.bundle import FigureBundle
from hyteanalysis.figures.kit.registry import REGISTRY
from hyteanalysis.figures.map import map
from hyteanalysis.figures.matrix import matrix
from hyteanalysis.figures.plane import plane
from hyteanalysis.figures.pyramid import pyramid
from hyteanalysis.figures.scatter import moran, scatter
from hyteanalysis.figures.strata import maihda, strata
from hyteanalysis.figures.tornado import tornado
from hyteanalysis.figures.trend import trend
from hyteanalysis.figures.worksheet import worksheet

__all__ = [
    "REGISTRY",
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
