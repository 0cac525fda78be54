"""A gap in a rate taken apart by cause: which causes, or which of several indicators, it consists of."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from hyteanalysis.decomposition.pair import pair_of
from hyteanalysis.decomposition.result import Decomposition, tabulate
from hyteanalysis.errors import MeasureError, one_of
from hyteanalysis.rates import standardise
from hyteanalysis.rates.simple import crude
from hyteanalysis.uncertainty import normal_quantile


def causes(
    data: pd.DataFrame,
    *,
    between: str,
    groups: Sequence[object] | None = None,
    cause: str,
    events: str = "events",
    population: str = "population",
    per: float = 100_000,
    standard: "str | pd.DataFrame | None" = None,
    band: str = "age",
    level: float = 0.95,
) -> Decomposition:
    """Take a gap in a rate apart by causes that add up to it.

    Answers: *which causes of death, or kinds of harm, does the gap in the rate consist of?*

    Formula: the rate is the sum of the causes' rates, so each contributes its own difference; with ``standard``, of
    directly age-standardised rates.

    Parameters
    ----------
    data : DataFrame
        One row for each group and cause, and each band where standardised.
    between, cause : str
        Columns of the two groups, and of causes: of which each event has exactly one.
    groups : pair, optional
        The gap is first − second.
    events, population : str
        Columns with events and people.
    per : float
        Rates are per so many people.
    standard : str or DataFrame, optional
        Standard population, as :func:`hyte.standardise` takes it, with ages in ``band``.
    band : str
        Column of ages.
    level : float
        Confidence level.

    Returns
    -------
    Decomposition
        ``frame``: one row a cause; ``part`` is ``cause``.

    Raises
    ------
    MeasureError
        For unknown groups, or a cause that a group lacks.

    Notes
    -----
    Events count as Poisson and independent between causes. Not for causes that one event may have several of.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"sex": ["men", "men", "women", "women"], "cause": ["heart", "other"] * 2,
    ...                       "events": [60, 40, 30, 35], "population": [10_000] * 4})
    >>> causes(table, between="sex", groups=("men", "women"), cause="cause", per=1000).frame[["factor", "estimate"]]
      factor  estimate
    0  heart       3.0
    1  other       0.5
    """
    normal_quantile(level)
    for column in (between, cause, events, population, *([band] if standard is not None else [])):
        one_of(column, list(data.columns), "column", MeasureError)
    pair = pair_of(data[between], groups)
    rows = data[data[between].isin(pair)]
    by = [between, cause]
    if standard is None:
        rates = crude(rows, by, events=events, population=population, per=per)
    else:
        rates = standardise(rows, by, band=band, events=events, population=population, standard=standard, per=per)
    estimate = rates.pivot(index=cause, columns=between, values="estimate")[pair]
    error = rates.pivot(index=cause, columns=between, values="se")[pair]
    lacking = estimate.isna().any(axis=1)
    if lacking.any():
        raise MeasureError(f"Cause {str(estimate.index[lacking][0])!r} has no rate in both groups: give its 0 events, "
                           "or join causes (standardised rates need 10 events).")  # fmt: skip
    values = (estimate[pair[0]] - estimate[pair[1]]).to_numpy()
    keys = pd.DataFrame({"factor": estimate.index.astype("str"), "part": "cause", "respondents": np.nan})
    variance = np.nan_to_num((error**2).sum(axis=1).to_numpy(), nan=0.0)
    frame, parts, total = tabulate(keys, values, np.diag(variance), level=level)
    return Decomposition(
        method="causes", total=total, frame=frame, parts=parts, groups=(str(pair[0]), str(pair[1])), factors=(cause,),
        level=level,
    )  # fmt: skip
