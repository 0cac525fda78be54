"""Figures of a release, each with its table, text alternative and source."""

from hyteanalysis.figures.bundle import FigureBundle
from hyteanalysis.figures.equiplot import equiplot
from hyteanalysis.figures.trend import trend

KINDS = ("equiplot", "trend")

__all__ = ["KINDS", "FigureBundle", "equiplot", "trend"]
