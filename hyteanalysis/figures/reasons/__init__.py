"""Figures of why the gap is there: of a fitted result, and of a release by the methods a page offers."""

from hyteanalysis.figures.reasons.contributions import contributions
from hyteanalysis.figures.reasons.of_release import concentration, kitagawa, maihda, moran, theil
from hyteanalysis.figures.reasons.scatter import scatter
from hyteanalysis.figures.reasons.strata import strata

__all__ = ["concentration", "contributions", "kitagawa", "maihda", "moran", "scatter", "strata", "theil"]
