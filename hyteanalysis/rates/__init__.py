"""Rates of groups: simple, standardised, of life tables, of area quantiles, adjusted by a model, with intervals.

One signature throughout: data, ``by``, then options by name. Faults follow one rule, written in
:mod:`hyteanalysis.rates.grid`: what is wrong with the whole call raises; one bad area comes back with ``status`` and
``note``, and the others go on.
"""

from hyteanalysis.rates.bands import standard_population, standards
from hyteanalysis.rates.contrasts import difference, ratio
from hyteanalysis.rates.funnel import funnel_curve, funnel_limits
from hyteanalysis.rates.life import life_expectancy, years_of_life_lost
from hyteanalysis.rates.margins import Adjusted, adjusted
from hyteanalysis.rates.quantiles import quantile_groups, slope_index
from hyteanalysis.rates.simple import crude, mean, proportion
from hyteanalysis.rates.standardisation import indirect, standardise

__all__ = [
    "Adjusted",
    "adjusted",
    "crude",
    "difference",
    "funnel_curve",
    "funnel_limits",
    "indirect",
    "life_expectancy",
    "mean",
    "proportion",
    "quantile_groups",
    "ratio",
    "slope_index",
    "standard_population",
    "standardise",
    "standards",
    "years_of_life_lost",
]
