"""Summary measures of inequality of any tidy cells, one row a setting and measure."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from hyteanalysis.inequality.engine import evaluate
from hyteanalysis.inequality.options import check_options, check_uncertainty, choose
from hyteanalysis.inequality.results import frame_of, refuse
from hyteanalysis.inequality.settings import BY, gather


def disparity(
    cells: Any,
    measures: str | Sequence[str],
    *,
    indicators: Any = None,
    by: Sequence[str] = BY,
    level: float = 0.95,
    se: str = "propagated",
    model: str | None = None,
    reference: str | Sequence[str] | dict[str, str] | None = None,
    average: Any = None,
    draws: int = 10_000,
    seed: int | None = None,
    interval: str = "corrected",
    across: str = "group",
    covariance: Any = None,
    aversion: float | dict[str, float] | None = None,
    rii_form: str = "ratio",
    level_to: str = "best",
) -> pd.DataFrame:
    """Summary measures of inequality between groups, with intervals: one row a setting and measure.

    Answers: *how large is the gap between population groups, and how sure is it?* Formulas, and when each measure
    applies, are in :func:`hyteanalysis.measures` and ``docs/measures.md``.

    Parameters
    ----------
    cells : DataFrame
        Tidy cells, of pandas, polars or Arrow (so may the other frames be). Rows of dimension ``total`` are no setting
        of their own. Suppressed and missing groups are left out and counted in ``note``.
    measures : str or list of str
        Codes or long names, or ``"all"``.
    indicators : DataFrame, optional
        Gives kind, scale, direction, unit and bounds; without it the cells' own ``scale`` and ``favourable`` serve,
        else estimates are taken as given and adverse.
    by : list of str
        What makes a setting; default ``indicator, area, period, dimension`` (with ``across="area"`` ``indicator,
        period, dimension, group``).
    level : float
        Confidence level, between 0 and 1.
    se : {"propagated", "model"}
        Errors of the groups carried through; or the reference system's residual variance (ACI, RCI, ERR, WAG, SII, RII,
        KMI; PAR and PAF by Walter), which is blind to the groups' own errors.
    model : {"logit", "linear", "log"}, optional
        Line of SII and RII; None: logit for proportions, log for rates, linear otherwise.
    reference : str, list or dict, optional
        The group to compare with in D, R, MDRU, MDRW (a dict names one per dimension). Without it the column
        ``reference`` serves D and R of unordered groups and MDRU, MDRW; ordered groups without one take the most
        advantaged.
    average : DataFrame, number or "total", optional
        A published average as μ, taken as known: a frame with the columns of ``by`` and ``estimate``, one number, or
        ``"total"`` for the rows of dimension total. Unknown for some settings, their own weighted mean serves.
    draws : int
        Simulated draws, at least 1,000.
    seed : int, optional
        Seed of the draws; None is a fixed one, so that the same cells always give the same limits.
    interval : {"corrected", "plain"}
        Corrected: for measures that cannot be negative or rest on the extreme group, limits that hold also where groups
        hardly differ; for D and R of groups that the data chose, limits that reckon with the choice
        (``method`` says "selection-adjusted"). Plain: Wald on the natural scale of the measure, or percentiles of
        draws.
    across : {"group", "area"}
        What is compared within a setting. Areas must be of one kind and have no order.
    covariance : DataFrame, optional
        ``*by, group, group_other, covariance`` of groups that are not independent, as surveys give it.
    aversion : float or dict, optional
        Inequality aversion, for all or by code: ACIX (2), ATK (1), KOL (per unit of the indicator; must be given).
    rii_form : {"ratio", "mean"}
        Ratio of the line's ends, or SII/μ.
    level_to : {"best", "average"}
        Whom LEVELUP raises the others to.

    Returns
    -------
    DataFrame
        ``*by, measure, estimate, se, lower, upper, level, method, gap_sign, n_groups, unit, note``, then ``se_log`` (R,
        RII, KMI) and ``p_equal`` (Cochran's Q, for measures that noise inflates). ``gap_sign``: +1 the disadvantaged
        are worse off, −1 better off, 0 neither is clear. A measure that does not apply has an empty estimate and the
        reason in ``note``.

    Raises
    ------
    MeasureError
        For unknown measures or options, negative weights, groups that stand twice in a setting, mixed kinds of areas,
        and for a measure asked for alone that can never apply, naming what to use instead.
    TidyError
        For cells that are not tidy.

    Notes
    -----
    Weights are population shares; where a whole setting has none, respondents, else equal weights, and ``note`` says
    which. Published 95 % limits without a standard error give one. Intervals of register counts describe chance, not
    sampling.

    Examples
    --------
    >>> import pandas as pd, hyteanalysis as hyte
    >>> cells = pd.DataFrame({
    ...     "indicator": "smoking", "area": "SSS", "period": "2022", "dimension": "education",
    ...     "group": ["low", "mid", "high"], "order": [1, 2, 3], "estimate": [20.0, 14.0, 8.0],
    ...     "se": [1.0, 0.8, 0.7], "population": [900_000, 2_000_000, 1_400_000],
    ... })
    >>> gaps = hyte.disparity(cells, ["D", "SII", "RCI"])
    >>> gaps[["measure", "estimate", "lower", "upper", "gap_sign"]].round(2)
      measure  estimate  lower  upper  gap_sign
    0       D     12.00   9.61  14.39         1
    1     SII    -16.20 -19.36 -13.04         1
    2     RCI     -0.17  -0.21  -0.14         1
    """
    uncertainty = check_uncertainty(level, se, interval, draws, seed)
    chosen = choose(measures, rii_form)
    options = check_options(aversion, level_to)
    settings = gather(
        cells,
        indicators=indicators,
        by=by,
        across=across,
        model=model,
        reference=reference,
        average=average,
        covariance=covariance,
        options=options,
    )
    results = evaluate(settings, chosen, uncertainty)
    refuse(results, chosen)
    return frame_of(settings, results, chosen, uncertainty)
