"""Achievement: the average and the gap in one number, in the unit of the indicator."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from hyteanalysis.errors import MeasureError, one_of
from hyteanalysis.inequality.engine import evaluate
from hyteanalysis.inequality.groups import Array, Groups
from hyteanalysis.inequality.options import check_options, check_uncertainty
from hyteanalysis.inequality.ranked import extended_weights
from hyteanalysis.inequality.registry import REGISTRY
from hyteanalysis.inequality.results import frame_of, refuse
from hyteanalysis.inequality.settings import BY, gather
from hyteanalysis.inequality.welfare import (
    atkinson_level,
    atkinson_level_gradient,
    kolm_level,
    kolm_level_gradient,
)


def _weights(groups: Groups) -> Array:
    return extended_weights(groups, groups.options.aversion["ACIX"])


# each rides on the declaration of its measure, whose needs it shares; none is a measure of inequality itself
LEVELS = {
    "concentration": replace(
        REGISTRY["ACIX"],
        formula=lambda groups: groups.weigh(_weights(groups), groups.y),
        gradient=lambda groups, value: _weights(groups),
        absolute=True,
        needs=("order", "aversion"),
        centred=False,
        unit="indicator",
        instead="index='atkinson' or 'kolm'",
    ),
    "atkinson": replace(
        REGISTRY["ATK"],
        formula=atkinson_level,
        gradient=atkinson_level_gradient,
        absolute=True,
        bounded=False,
        square=None,
        unit="indicator",
        instead="index='kolm'",
    ),
    "kolm": replace(
        REGISTRY["KOL"],
        formula=kolm_level,
        gradient=kolm_level_gradient,
        bounded=False,
        square=None,
        instead="index='atkinson'",
    ),
}


def achievement(
    cells: Any,
    *,
    index: str = "concentration",
    aversion: float | None = None,
    indicators: Any = None,
    by: Sequence[str] = BY,
    level: float = 0.95,
    covariance: Any = None,
) -> pd.DataFrame:
    """The average and the gap in one number, in the indicator's unit, with its interval.

    Answers: *how well does an area do, if both its average and its gap count?* The level that, had by all, would be
    worth as much as the unequal one. High is good of a favourable outcome, bad of an adverse one.

    * ``concentration``: the achievement index μ(1 − C(ν)) = Σ y_g [(1 − P_{g−1})^ν − (1 − P_g)^ν] (Wagstaff 2002): the
      more disadvantaged the group, the more it counts; ν = 1 would be the average.
    * ``atkinson``, ``kolm``: the equally distributed equivalent by the groups' own levels (Atkinson 1970, Kolm 1976),
      of an adverse outcome turned back into its unit: u − EDE(u − y); Kolm's (1/α) ln Σ p e^(αy).

    Parameters
    ----------
    cells : DataFrame
        Tidy cells; of ordered groups for ``concentration``.
    index : {"concentration", "atkinson", "kolm"}
    aversion : float, optional
        ν above 1 (default 2), ε above 0 (default 1), or α above 0 per unit of the indicator (no default).
    indicators, by, level, covariance
        As in :func:`hyteanalysis.disparity`; Atkinson turns an adverse outcome round by its upper bound.

    Returns
    -------
    DataFrame
        As of :func:`hyteanalysis.disparity`, in the indicator's unit; ``measure`` is ``achievement``, ``EDE of ATK`` or
        ``EDE of KOL``, ``gap_sign`` 0.

    Raises
    ------
    MeasureError
        For groups without order, a missing bound, an unknown index or a faulty aversion.

    Notes
    -----
    To weigh a distribution that is not in cells, use :func:`hyteanalysis.ede`. Not for ranking areas whose intervals
    overlap.

    Examples
    --------
    >>> import pandas as pd, hyteanalysis as hyte
    >>> cells = pd.DataFrame({
    ...     "indicator": "wellbeing", "area": "SSS", "period": "2022", "dimension": "education",
    ...     "group": ["low", "high"], "order": [1, 2], "estimate": [60.0, 80.0], "population": [100, 100],
    ...     "favourable": True,
    ... })
    >>> hyte.achievement(cells)["estimate"].tolist()
    [65.0]
    >>> hyte.achievement(cells, index="atkinson", aversion=2)[["measure", "estimate"]].round(2).values.tolist()
    [['EDE of ATK', 68.57]]
    """
    one_of(index, tuple(LEVELS), "index", MeasureError)
    level_of = LEVELS[index]
    uncertainty = check_uncertainty(level, "propagated", "plain", 10_000, None)
    settings = gather(
        cells,
        indicators=indicators,
        by=by,
        across="group",
        model=None,
        reference=None,
        average=None,
        covariance=covariance,
        options=check_options({} if aversion is None else {level_of.code: aversion}),
    )
    results = evaluate(settings, [level_of], uncertainty)
    refuse(results, [level_of])
    name = "achievement" if index == "concentration" else f"EDE of {level_of.code}"
    return frame_of(settings, results, [level_of], uncertainty).assign(measure=name, gap_sign=0)
