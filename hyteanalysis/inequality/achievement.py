"""Achievement: the average and the gap in one number."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from hyteanalysis.inequality.engine import evaluate
from hyteanalysis.inequality.groups import Array, Groups
from hyteanalysis.inequality.options import check_options, check_uncertainty
from hyteanalysis.inequality.ranked import extended_weights
from hyteanalysis.inequality.registry import REGISTRY
from hyteanalysis.inequality.results import frame_of, refuse
from hyteanalysis.inequality.settings import BY, gather


def _weights(groups: Groups) -> Array:
    return extended_weights(groups, groups.options.aversion["ACIX"])


# it rides on the declaration of ACIX, whose needs it shares; it is no measure of inequality itself
_ACHIEVEMENT = replace(
    REGISTRY["ACIX"],
    formula=lambda groups: groups.weigh(_weights(groups), groups.y),
    gradient=lambda groups, value: _weights(groups),
    absolute=True,
    needs=("order", "aversion"),
    centred=False,
    unit="indicator",
    instead="hyte.ede",
)


def achievement(
    cells: Any,
    *,
    aversion: float = 2.0,
    indicators: Any = None,
    by: Sequence[str] = BY,
    level: float = 0.95,
    covariance: Any = None,
) -> pd.DataFrame:
    """Achievement index: the average, worth less the more the outcome gathers at one end of the social scale.

    Answers: *how well does an area do, if both its average and its gap count?* μ(1 − C(ν)) = Σ y_g [(1 − P_{g−1})^ν −
    (1 − P_g)^ν]: with ν = 1 the average, with a larger ν the most disadvantaged count more (Wagstaff 2002). High is
    good of a favourable outcome, bad of an adverse one.

    Parameters
    ----------
    cells : DataFrame
        Tidy cells of ordered groups.
    aversion : float
        ν, above 1.
    indicators, by, level, covariance
        As in :func:`hyteanalysis.disparity`.

    Returns
    -------
    DataFrame
        As of :func:`hyteanalysis.disparity`, in the indicator's unit; ``measure`` is ``achievement``, ``gap_sign`` 0.

    Raises
    ------
    MeasureError
        For groups without order, or an aversion of 1 or less.

    Examples
    --------
    >>> import pandas as pd, hyteanalysis as hyte
    >>> cells = pd.DataFrame({
    ...     "indicator": "wellbeing", "area": "SSS", "period": "2022", "dimension": "education",
    ...     "group": ["low", "high"], "order": [1, 2], "estimate": [60.0, 80.0], "population": [100, 100],
    ... })
    >>> hyte.achievement(cells)["estimate"].tolist()
    [65.0]
    """
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
        options=check_options({"ACIX": aversion}),
    )
    results = evaluate(settings, [_ACHIEVEMENT], uncertainty)
    refuse(results, [_ACHIEVEMENT])
    return frame_of(settings, results, [_ACHIEVEMENT], uncertainty).assign(measure="achievement", gap_sign=0)
