"""``hyte.decompose``: person rows taken apart by one of the methods."""

from collections.abc import Sequence

import pandas as pd

from hyteanalysis.decomposition.composition import kitagawa_people
from hyteanalysis.decomposition.oaxaca_blinder import oaxaca
from hyteanalysis.decomposition.result import Decomposition
from hyteanalysis.errors import MeasureError, one_of

METHODS = ("oaxaca", "threefold", "kitagawa")


def decompose(
    micro: pd.DataFrame,
    *,
    outcome: str,
    between: str,
    groups: Sequence[object] | None = None,
    factors: Sequence[str],
    method: str = "oaxaca",
    model: str = "linear",
    reference: str = "pooled",
    weight: str | None = None,
    strata: str | None = None,
    cluster: str | None = None,
    level: float = 0.95,
) -> Decomposition:
    """Take the gap between two groups of people apart.

    Answers: *what does the gap consist of?*

    Parameters
    ----------
    micro : DataFrame
        One row a person.
    outcome, between : str
        Columns of the outcome (0/1 or a number) and of the groups.
    groups : pair, optional
        The gap is first − second.
    factors : list of str
        Columns that the gap is taken apart by.
    method : {"oaxaca", "threefold", "kitagawa"}
        Regression, two- or threefold (:func:`hyteanalysis.decomposition.oaxaca`); or composition and rates without a
        model (:func:`hyteanalysis.decomposition.kitagawa`; factors are categories, several make Das Gupta's form).
    model, reference : str
        Of the regression methods.
    weight, strata, cluster : str, optional
        Sampling weight, stratum, primary sampling unit.
    level : float
        Confidence level.

    Returns
    -------
    Decomposition
        ``.frame`` (contributions that add up to the gap), ``.parts``, ``.assumptions``, ``.sentence(lang)``.

    Raises
    ------
    MeasureError
        As the methods do.

    Examples
    --------
    >>> import pandas as pd, hyteanalysis as hyte
    >>> people = pd.DataFrame({"sex": ["women"] * 6 + ["men"] * 6, "age": list("yyyyoo") + list("yyoooo"),
    ...                        "lonely": [0, 0, 0, 1, 1, 1] + [0, 1, 1, 1, 1, 0]})
    >>> found = hyte.decompose(people, outcome="lonely", between="sex", groups=("men", "women"), factors=["age"],
    ...                        method="kitagawa")
    >>> found.frame[["factor", "part", "estimate"]].round(3)
      factor         part  estimate
    0    age  composition     0.167
    1               rates     0.000
    """
    one_of(method, METHODS, "method", MeasureError)
    if method == "kitagawa":
        return kitagawa_people(
            micro, outcome=outcome, between=between, groups=groups, factors=factors, weight=weight, strata=strata,
            cluster=cluster, level=level,
        )  # fmt: skip
    return oaxaca(
        micro, outcome=outcome, between=between, groups=groups, factors=factors, fold=2 if method == "oaxaca" else 3,
        model=model, reference=reference, weight=weight, strata=strata, cluster=cluster, level=level,
    )  # fmt: skip
