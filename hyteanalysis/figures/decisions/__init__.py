"""Figures for a decision: whom an action would help, how surely, at what price; and the sheet it is discussed on."""

from hyteanalysis.figures.decisions.bars import bars
from hyteanalysis.figures.decisions.cards import cards
from hyteanalysis.figures.decisions.frontier import frontier
from hyteanalysis.figures.decisions.plane import plane
from hyteanalysis.figures.decisions.tornado import tornado
from hyteanalysis.figures.decisions.worksheet import worksheet

__all__ = ["bars", "cards", "frontier", "plane", "tornado", "worksheet"]
