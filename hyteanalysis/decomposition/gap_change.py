"""Why a gap changed: what the groups differ in changed, or how much it matters did."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hyteanalysis.decomposition.indices import RESIDUAL, Terms
from hyteanalysis.decomposition.oaxaca_blinder import CONSTANT, Fit
from hyteanalysis.decomposition.result import Decomposition, jacobian, tabulate
from hyteanalysis.errors import MeasureError

DIFFERENCES, RETURNS, UNEXPLAINED = "differences", "returns", "unexplained"


def change(first: Decomposition, second: Decomposition) -> Decomposition:
    """Take the change of a gap (or of a concentration index) between two samples apart.

    Answers: *did the gap change because the groups now differ more or less in their background, or because the
    background matters more or less than before?*

    Formula, from first to second, bars for the mean of the two. Oaxaca–Blinder: Δ[(x̄₁ − x̄₂)β*] = Δ(x̄₁ − x̄₂)·β̄*
    (differences) + mean(x̄₁ − x̄₂)·Δβ* (returns); the change of the unexplained part stands by itself. Concentration
    index: Δ(ηC) = η̄ΔC (differences) + C̄Δη (returns), and the change of the residual.

    Parameters
    ----------
    first, second : Decomposition
        Of the same factors and groups: two linear, twofold Oaxaca–Blinder results, or two of concentration indices. The
        samples are taken to be independent; the same people asked twice are not.

    Returns
    -------
    Decomposition
        ``frame`` with ``differences`` and ``returns`` of each factor, and ``unexplained``; they add up to the change.

    Raises
    ------
    MeasureError
        For results of different kinds, models, groups, factors or categories.

    Notes
    -----
    Smith & Welch 1989; Wagstaff, van Doorslaer & Watanabe 2003.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"sex": ["w"] * 4 + ["m"] * 4, "age": [40, 50, 60, 75, 20, 30, 40, 50],
    ...                        "y": [1.0, 2.0, 3.0, 4.0, 0.5, 0.5, 1.5, 1.5]})
    >>> from hyteanalysis.decomposition import oaxaca
    >>> then = oaxaca(people, outcome="y", between="sex", groups=("w", "m"), factors=["age"])
    >>> now = oaxaca(people.assign(y=2 * people["y"]), outcome="y", between="sex", groups=("w", "m"), factors=["age"])
    >>> change(then, now).frame[["factor", "part", "estimate"]].round(2)
      factor         part  estimate
    0    age  differences      0.00
    1    age      returns      1.41
    2         unexplained      0.09
    """
    if first.method != second.method or first.method not in ("oaxaca", "concentration"):
        raise MeasureError(
            f"change() takes two results of one method, oaxaca (twofold) or concentration; not {first.method} and "
            f"{second.method}."
        )
    if first.groups != second.groups or first.factors != second.factors:
        raise MeasureError(
            f"The results differ in groups or factors: {first.groups or ''} {first.factors} and {second.groups or ''} "
            f"{second.factors}. Make both with the same, in the same order."
        )
    told = _gaps(first, second) if first.method == "oaxaca" else _indices(first, second)
    keys, values, covariance, draws = told
    few = np.fmin(first.frame["respondents"].min(), second.frame["respondents"].min())
    frame, parts, total = tabulate(keys.assign(respondents=few), values, covariance, level=first.level, draws=draws)
    return Decomposition(
        method="change", total=total, frame=frame, parts=parts, groups=first.groups, factors=first.factors,
        level=first.level, missing=first.missing + second.missing,
    )  # fmt: skip


Told = tuple[pd.DataFrame, NDArray[Any], NDArray[Any] | None, NDArray[Any] | None]


def _keys(factors: tuple[str, ...]) -> pd.DataFrame:
    rows = [(factor, part) for part in (DIFFERENCES, RETURNS) for factor in factors]
    return pd.DataFrame([*rows, ("", UNEXPLAINED)], columns=["factor", "part"])


def _gaps(first: Decomposition, second: Decomposition) -> Told:
    one, two = first.fit, second.fit
    if not isinstance(one, Fit) or not isinstance(two, Fit) or "logit" in (one.model, two.model):
        raise MeasureError("change() takes linear results: make both with model='linear'.")
    if not one.columns.equals(two.columns):
        raise MeasureError("The factors have different categories in the two results. Give both the same categories.")
    size, names = one.size, one.columns["factor"].to_numpy()
    member = (np.array(first.factors)[:, None] == names).astype(float)
    length = len(one.quantities)

    def split(q: NDArray[Any]) -> NDArray[Any]:
        (x1, x2, b1, b2, b), (z1, z2, c1, c2, c) = (
            [half[i * size : (i + 1) * size] for i in range(5)] for half in (q[:length], q[length:])
        )
        before, after = x1 - x2, z1 - z2
        differences, returns = (after - before) * (b + c) / 2, (before + after) / 2 * (c - b)
        rest = (z1 @ c1 - z2 @ c2 - after @ c) - (x1 @ b1 - x2 @ b2 - before @ b)
        return np.concatenate([member @ differences, member @ returns, [rest]])

    both = np.concatenate([one.quantities, two.quantities])
    covariance = np.zeros((2 * length, 2 * length))
    covariance[:length, :length], covariance[length:, length:] = one.covariance, two.covariance
    slope = jacobian(split, both)
    assert CONSTANT not in first.factors
    return _keys(first.factors), np.real(split(both.astype(complex))), slope @ covariance @ slope.T, None


def _indices(first: Decomposition, second: Decomposition) -> Told:
    one, two = first.fit, second.fit
    assert isinstance(one, Terms)
    assert isinstance(two, Terms)
    names = first.detail["factor"].to_numpy() if first.detail is not None else np.array([])
    if (
        first.detail is None
        or second.detail is None
        or not first.detail[["factor", "category"]].equals(second.detail[["factor", "category"]])
    ):
        raise MeasureError("The factors have different categories in the two results. Give both the same categories.")
    member = (np.array(first.factors)[:, None] == names).astype(float)

    def split(e1: Any, c1: Any, r1: Any, e2: Any, c2: Any, r2: Any) -> NDArray[Any]:
        differences, returns = (e1 + e2) / 2 * (c2 - c1), (c1 + c2) / 2 * (e2 - e1)
        return np.concatenate([differences @ member.T, returns @ member.T, np.asarray(r2 - r1)[..., None]], axis=-1)

    values = split(one.elasticity, one.index, one.residual, two.elasticity, two.index, two.residual)
    keys = _keys(first.factors)
    keys.loc[keys["part"] == UNEXPLAINED, "factor"] = RESIDUAL
    if one.drawn is None or two.drawn is None:
        return keys, values, None, None
    count = min(len(one.drawn[2]), len(two.drawn[2]))
    draws = split(*(part[:count] for part in (*one.drawn, *two.drawn)))
    return keys, values, np.cov(draws, rowvar=False), draws
