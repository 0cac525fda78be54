"""Oaxaca–Blinder: how much of a gap goes with background factors, two- and threefold, linear or logit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from hyteanalysis.decomposition.people import People, people
from hyteanalysis.decomposition.result import Array, Decomposition, covariance_of, jacobian, listed, tabulate
from hyteanalysis.errors import MeasureError, one_of
from hyteanalysis.uncertainty import normal_quantile

CONSTANT = "constant"


@dataclass(frozen=True)
class _Regressors:
    """Columns that contributions are told by, and the smaller set that a model can estimate.

    Attributes
    ----------
    full : array, people × columns
        The constant, each number less its mean, and every category's indicator.
    columns : DataFrame
        ``factor, category`` of each column of ``full``.
    free : array, columns × coefficients
        Turns estimated coefficients into those of ``full``: of a factor's categories they add up to 0, so that no
        category is the one that others are told against.
    model : array, people × coefficients
        What is estimated: one category of each factor is left out.
    """

    full: Array
    columns: pd.DataFrame
    free: Array
    model: Array


def _design(rows: People) -> _Regressors:
    """Lay out the factors; refuse one that does not vary in a group, or repeats another."""
    full, columns, kept = [np.ones((len(rows.y), 1))], [(CONSTANT, "")], [0]
    blocks = [np.ones((1, 1))]
    mean = rows.weight / rows.weight.sum()
    for name in rows.factors:
        values = rows.factors[name]
        if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
            x = values.to_numpy(dtype=float)
            _varies(x[:, None], rows, name)
            full.append((x - mean @ x)[:, None])
            columns.append((name, ""))
            blocks.append(np.ones((1, 1)))
            kept.append(len(columns) - 1)
            continue
        labels = values.astype("str")
        kinds = sorted(labels.unique())
        x = (labels.to_numpy()[:, None] == np.array(kinds, dtype=object)).astype(float)
        _varies(x, rows, name)
        for group, members in zip(rows.groups, (~rows.second, rows.second), strict=True):
            nobody = [kind for kind, there in zip(kinds, x[members].any(axis=0), strict=True) if not there]
            if nobody:
                raise MeasureError(
                    f"Factor {name!r}: group {group!r} has nobody of {listed(nobody)}, so people alike cannot be "
                    "compared there. Join categories, or leave them out."
                )
        full.append(x)
        columns += [(name, kind) for kind in kinds]
        size = len(kinds)
        kept += list(range(len(columns) - size + 1, len(columns)))
        blocks.append(np.eye(size)[:, 1:])  # the first category's coefficient is 0 before they are centred
    wide, frame = np.concatenate(full, axis=1), pd.DataFrame(columns, columns=["factor", "category"])
    free = _diagonal(blocks)
    for name in rows.factors:
        at = np.flatnonzero(frame["factor"] == name)
        if len(at) > 1:
            average = free[at].mean(axis=0)
            free[at] -= average
            free[0] += average
    model = wide[:, kept]
    for members, group in ((~rows.second, rows.groups[0]), (rows.second, rows.groups[1])):
        if np.linalg.matrix_rank(model[members & (rows.weight > 0)]) < model.shape[1]:
            raise MeasureError(
                f"The factors {listed(list(rows.factors))} repeat each other in group {group!r}, or there are fewer "
                "people than coefficients. Leave one out."
            )
    return _Regressors(wide, frame, free, model)


def _varies(x: Array, rows: People, name: str) -> None:
    for group, members in zip(rows.groups, (~rows.second, rows.second), strict=True):
        inside = x[members & (rows.weight > 0)]
        if not (np.ptp(inside, axis=0) > 0).any():
            raise MeasureError(
                f"Factor {name!r} does not vary in group {group!r}: what it contributes cannot be told. Leave it out."
            )


def _diagonal(blocks: list[Array]) -> Array:
    """Blocks along a diagonal."""
    tall, wide = (sum(block.shape[axis] for block in blocks) for axis in (0, 1))
    out = np.zeros((tall, wide))
    row = column = 0
    for block in blocks:
        out[row : row + block.shape[0], column : column + block.shape[1]] = block
        row, column = row + block.shape[0], column + block.shape[1]
    return out


_ROUNDS = 100
_ENDLESS = 25.0  # a log odds beyond this is on its way to infinity


def _fit(x: Array, y: Array, weight: Array, *, model: str, group: str) -> tuple[Array, Array]:
    """Coefficients, and the influence of each row on them (rows × coefficients, summing to 0)."""
    if model == "linear":
        bread = np.linalg.inv((x * weight[:, None]).T @ x)
        beta = bread @ (x.T @ (weight * y))
        return beta, (weight * (y - x @ beta))[:, None] * x @ bread
    beta = np.zeros(x.shape[1])
    for _ in range(_ROUNDS):
        p = expit(x @ beta)
        bread = np.linalg.pinv((x * (weight * p * (1 - p))[:, None]).T @ x)
        step = bread @ (x.T @ (weight * (y - p)))
        beta = beta + step * min(1.0, 5.0 / max(float(np.abs(step).max()), 1e-300))
        if np.abs(x @ beta).max() > _ENDLESS:
            break
        if np.abs(step).max() < 1e-11:
            p = expit(x @ beta)
            bread = np.linalg.inv((x * (weight * p * (1 - p))[:, None]).T @ x)
            return beta, (weight * (y - p))[:, None] * x @ bread
    raise MeasureError(
        f"Separation: in group {group!r} the factors tell the outcome without error, so the logit has no finite "
        "coefficients. Join categories, leave a factor out, or use model='linear'."
    )


def _refuse_separation(factors: pd.DataFrame, y: Array, group: str) -> None:
    """Name a category that has no events, or nothing else."""
    for name in factors:
        values = factors[name]
        if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
            continue
        share = pd.Series(y).groupby(values.astype("str").to_numpy()).mean()
        certain = share[(share == 0) | (share == 1)]
        if len(certain):
            kind, what = certain.index[0], "no events" if certain.iloc[0] == 0 else "nothing but events"
            raise MeasureError(
                f"Separation: in group {group!r}, {name} {kind!r} has {what}, so the logit has no finite coefficient "
                "for it. Join it with another category, or use model='linear'."
            )


_REFERENCES = ("pooled", "neumark", "first", "second", "reimers", "cotton")
_MODELS = ("linear", "logit")
_PAIRS = ((0, 0), (1, 1), (0, 2), (1, 2), (0, 1), (1, 0))  # whose people, whose coefficients (2 = the reference)


@dataclass(frozen=True)
class Fit:
    """Estimated quantities behind a decomposition, with their covariance.

    ``quantities`` holds the two groups' means of the columns, then the coefficients of the first group, the second and
    the reference; with the logit, then the mean predictions of :data:`PAIRS`.
    """

    quantities: Array
    covariance: Array
    columns: pd.DataFrame
    model: str

    @property
    def size(self) -> int:
        """Columns of the design."""
        return len(self.columns)


def oaxaca(
    data: pd.DataFrame,
    *,
    outcome: str,
    between: str,
    groups: Sequence[object] | None = None,
    factors: Sequence[str],
    fold: int = 2,
    model: str = "linear",
    reference: str = "pooled",
    weight: str | None = None,
    strata: str | None = None,
    cluster: str | None = None,
    level: float = 0.95,
) -> Decomposition:
    """Take the gap between two groups apart by background factors.

    Answers: *how much of the gap goes with what the groups differ in (age, income …), and how much is left among people
    alike in that?*

    Formula, with means x̄ and coefficients β of groups 1, 2 and a reference *: ȳ₁ − ȳ₂ = Σ(x̄₁ − x̄₂)β* (explained) +
    Σ[x̄₁(β₁ − β*) + x̄₂(β* − β₂)] (unexplained). Threefold: (x̄₁ − x̄₂)β₂ (endowments) + x̄₂(β₁ − β₂) (coefficients) +
    (x̄₁ − x̄₂)(β₁ − β₂) (interaction). With ``model="logit"`` the amounts are differences of mean predicted
    probabilities F̄, such as F̄(x₁β*) − F̄(x₂β*), each shared out over the factors in proportion to its linear part, such
    as (x̄₁ₖ − x̄₂ₖ)β*ₖ.

    Parameters
    ----------
    data : DataFrame
        One row a person.
    outcome : str
        Column: 0/1 or a number.
    between : str
        Column of the two groups.
    groups : pair, optional
        The gap is first − second. May be left out where the column holds only two.
    factors : list of str
        Columns: numbers enter as they are, texts and truth values as categories.
    fold : {2, 3}
    model : {"linear", "logit"}
        ``logit`` for a 0/1 outcome whose share is near 0 or 1.
    reference : {"pooled", "neumark", "first", "second", "reimers", "cotton"}
        Coefficients that value the difference in factors: of both groups together with a group indicator (default) or
        without; of one group; the plain or the size-weighted mean of both.
    weight, strata, cluster : str, optional
        Sampling weight, stratum, primary sampling unit.
    level : float
        Confidence level.

    Returns
    -------
    Decomposition
        ``frame`` with a row for each factor and part. ``factor`` ``constant`` holds what is the same for all, at the
        mean of numbers and at the average of categories.

    Raises
    ------
    MeasureError
        For unknown columns or options, a factor that does not vary, categories that one group lacks, factors that
        repeat each other, groups that do not differ in any factor, separation in a logit.

    Notes
    -----
    Errors by Taylor linearisation of means and coefficients together, so they are robust to unequal variance and follow
    the design. Not for saying what would happen if a factor were changed: factors that come after the grouping (income
    after education) are ways by which the gap arises, not its causes. How the unexplained part falls on single factors
    is conventional (numbers from their mean; categories from their average: Yun 2005): read its total. With the logit,
    an amount whose linear parts nearly cancel cannot be shared out, and the wide intervals of its factors say so.
    Blinder 1973; Oaxaca 1973; Neumark 1988; Yun 2004; Jann 2008.

    Examples
    --------
    >>> import pandas as pd, hyteanalysis as hyte
    >>> people = pd.DataFrame({"education": ["low"] * 4 + ["high"] * 4, "age": [40, 50, 60, 70, 20, 30, 40, 50],
    ...                        "lonely": [1.0, 2.0, 3.0, 4.0, 0.5, 0.5, 1.5, 1.5]})
    >>> found = hyte.decompose(people, outcome="lonely", between="education", groups=("low", "high"), factors=["age"])
    >>> found.parts[["part", "estimate", "share"]].round(2)
              part  estimate  share
    0    explained       1.4    0.93
    1  unexplained       0.1    0.07
    2        total       1.5    1.00
    """
    normal_quantile(level)
    one_of(fold, (2, 3), "fold", MeasureError)
    one_of(model, _MODELS, "model", MeasureError)
    one_of(reference, _REFERENCES, "reference", MeasureError)
    rows = people(
        data, outcome=outcome, between=between, groups=groups, factors=factors, weight=weight, strata=strata,
        cluster=cluster,
    )  # fmt: skip
    if model == "logit" and not ((rows.y >= 0) & (rows.y <= 1)).all():
        raise MeasureError(f"model='logit' needs an outcome from 0 to 1; {outcome!r} goes from {rows.y.min():g} to "
                           f"{rows.y.max():g}. Use model='linear'.")  # fmt: skip
    made = _design(rows)
    fitted, linear = _fitted(rows, made, model, reference)
    keys, split = _components(fitted, fold, reference)
    values = np.real(split(fitted.quantities.astype(complex)))
    covariance = covariance_of(linear @ jacobian(split, fitted.quantities).T, rows.unit, rows.stratum)
    few = int(min((~rows.second).sum(), rows.second.sum()))
    frame, parts, total = tabulate(keys.assign(respondents=float(few)), values, covariance, level=level)
    return Decomposition(
        method="oaxaca" if fold == 2 else "threefold", total=total, frame=frame, parts=parts, groups=rows.groups,
        factors=tuple(rows.factors), level=level, missing=rows.missing, fit=fitted,
    )  # fmt: skip


def _fitted(rows: People, made: _Regressors, model: str, reference: str) -> tuple[Fit, Array]:
    """Means, coefficients and mean predictions, and each row's influence on them."""
    n = len(made.full)
    members = (~rows.second, rows.second)
    means, influences = [], []
    share = [rows.weight * one / (rows.weight * one).sum() for one in members]
    for one in share:
        means.append(one @ made.full)
        influences.append(one[:, None] * (made.full - means[-1]))
    if max(np.abs(means[0] - means[1])) < 1e-12:
        raise MeasureError(
            f"Groups {rows.groups[0]!r} and {rows.groups[1]!r} differ in none of the factors: all of the gap is among "
            "people alike in them. Name factors that the groups differ in."
        )
    coefficients, effects = [], []
    for group, one in zip(rows.groups, members, strict=True):
        if model == "logit":
            _refuse_separation(rows.factors[one], rows.y[one], group)
        beta, influence = _fit(made.model[one], rows.y[one], rows.weight[one], model=model, group=group)
        spread = np.zeros((n, made.model.shape[1]))
        spread[one] = influence
        coefficients.append(made.free @ beta)
        effects.append(spread @ made.free.T)
    beta, effect = _reference(rows, made, model, reference, coefficients, effects)
    coefficients.append(beta)
    effects.append(effect)
    quantities, linear = [*means, *coefficients], [*influences, *effects]
    if model == "logit":
        for person, whose in _PAIRS:
            p = expit(made.full @ coefficients[whose])
            mean = share[person] @ p
            slope = (share[person] * p * (1 - p)) @ made.full
            quantities.append(np.array([mean]))
            linear.append((share[person] * (p - mean) + effects[whose] @ slope)[:, None])
    whole = np.concatenate(linear, axis=1)
    covariance = covariance_of(whole, rows.unit, rows.stratum)
    return Fit(np.concatenate(quantities), covariance, made.columns, model), whole


def _reference(
    rows: People, made: _Regressors, model: str, reference: str, coefficients: list[Array], effects: list[Array]
) -> tuple[Array, Array]:
    """The coefficients that value differences in the factors."""
    if reference in ("pooled", "neumark"):
        x = made.model
        if reference == "pooled":
            second = rows.second - (rows.weight @ rows.second) / rows.weight.sum()
            x = np.concatenate([x, second[:, None]], axis=1)
        beta, influence = _fit(x, rows.y, rows.weight, model=model, group=" and ".join(rows.groups))
        width = made.model.shape[1]
        return made.free @ beta[:width], influence[:, :width] @ made.free.T
    first = {"first": 1.0, "second": 0.0, "reimers": 0.5}.get(
        reference, float(rows.weight @ ~rows.second / rows.weight.sum())
    )
    mixed = [first * pair[0] + (1 - first) * pair[1] for pair in (coefficients, effects)]
    return mixed[0], mixed[1]


def _components(fitted: Fit, fold: int, reference: str) -> tuple[pd.DataFrame, Callable[[NDArray[Any]], NDArray[Any]]]:
    """Rows of the result, and the function from quantities to them."""
    size, logit = fitted.size, fitted.model == "logit"
    names = list(dict.fromkeys(fitted.columns["factor"]))
    member = (np.array(names)[:, None] == fitted.columns["factor"].to_numpy()).astype(float)

    def amounts(q: NDArray[Any]) -> list[NDArray[Any]]:
        x1, x2, b1, b2, b = (q[i * size : (i + 1) * size] for i in range(5))
        p = dict(zip(_PAIRS, q[5 * size :], strict=True)) if logit else {}

        def shared(linear: NDArray[Any], amount: Any) -> NDArray[Any]:
            """With the logit, an amount shared out in proportion to its linear part."""
            return linear * (amount / linear.sum()) if logit else linear

        if fold == 3:
            ends = shared((x1 - x2) * b2, p[0, 1] - p[1, 1] if logit else 0)
            slopes = shared(x2 * (b1 - b2), p[1, 0] - p[1, 1] if logit else 0)
            both = shared((x1 - x2) * (b1 - b2), p[0, 0] - p[0, 1] - p[1, 0] + p[1, 1] if logit else 0)
            return [ends, slopes, both]
        explained = shared((x1 - x2) * b, p[0, 2] - p[1, 2] if logit else 0)
        rest = np.zeros(size, dtype=q.dtype)
        if reference != "first":
            rest = rest + shared(x1 * (b1 - b), p[0, 0] - p[0, 2] if logit else 0)
        if reference != "second":
            rest = rest + shared(x2 * (b - b2), p[1, 2] - p[1, 1] if logit else 0)
        return [explained, rest]

    parts = ("explained", "unexplained") if fold == 2 else ("endowments", "coefficients", "interaction")
    keys = pd.DataFrame([(name, part) for part in parts for name in names], columns=["factor", "part"])
    # a constant is the same in both groups, so it explains nothing
    shown = ~((keys["factor"] == CONSTANT) & keys["part"].isin(("explained", "endowments", "interaction")))

    def split(q: NDArray[Any]) -> NDArray[Any]:
        told: NDArray[Any] = np.concatenate([member @ part for part in amounts(q)])[shown.to_numpy()]
        return told

    return keys[shown].reset_index(drop=True), split
