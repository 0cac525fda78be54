"""What an action does to inequality, and which of two options is the fairer: plane, dominance, switch value."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import scipy  # its parts are imported when first used
from numpy.typing import ArrayLike, NDArray

from hyteanalysis import i18n
from hyteanalysis import inequality as inequalities
from hyteanalysis.actions.summary import Summary, limits
from hyteanalysis.display import shown
from hyteanalysis.errors import MeasureError, counted, one_of
from hyteanalysis.inequality.welfare import atkinson_equivalent, kolm_equivalent

Array = NDArray[Any]
# what the point says, by the sign of efficiency and of equity
QUADRANTS = {
    (1, 1): "helps_and_narrows",
    (1, 0): "helps_all_alike",
    (1, -1): "helps_but_widens",
    (0, 1): "narrows_only",
    (0, 0): "no_material_change",
    (0, -1): "widens_only",
    (-1, 1): "harms_but_narrows",
    (-1, 0): "harms_all_alike",
    (-1, -1): "harms_and_widens",
}
_DRAWS = 1_000  # of the interval of a change: enough for limits, each a whole set of measures
_SHARE = pd.DataFrame(
    {
        "indicator": ["share"],
        "title_en": ["Share badly off"],
        "unit": [""],
        "kind": ["proportion"],
        "scale": [1],
        "favourable": [False],
        "lower_bound": [0.0],
        "upper_bound": [1.0],
    }
)
_ROUNDING = 1e-12  # relative: a change smaller than this is none
HIGHEST = 50.0  # times that the worst-off may count, and the least aversion up to which one looks
_STEPS = 500
INDICES = ("atkinson", "kolm", "gini")


@dataclass(frozen=True)
class SwitchValue:
    """Where two options are equally good.

    Attributes
    ----------
    aversion : float or None
        Smallest ε (or α) at which they are; None where no value up to ``highest`` switches.
    weight : float or None
        How many times the same gain counts for one person of the worst-off group against one of the best-off.
    above, below : str or None
        The option that is better above, and below, that aversion; without a switch the one that is better throughout.
    others : tuple of float
        Further values at which the order turns again.
    index : str
    most : float
        The weight up to which was looked, at least 50 where the groups differ; infinite where one option is the better
        for every group, 1 where the groups start alike.
    lower, upper : float or None
        95 % limits of the aversion, where draws were given; infinite where more than 2.5 % of them do not switch.
    p_switch : float or None
        Share of the draws in which the order turns at all.
    """

    aversion: float | None
    weight: float | None
    above: str | None
    below: str | None
    others: tuple[float, ...]
    index: str
    most: float = HIGHEST
    lower: float | None = None
    upper: float | None = None
    p_switch: float | None = None

    @i18n.spoken
    def text(self, lang: str = "fi") -> str:
        """The plain meaning, in one sentence (a second one where the order turns again)."""
        if self.aversion is None or self.weight is None:
            if self.above is None:
                return i18n.text("action.switch.equal", lang)
            if self.most == np.inf:
                return i18n.text("action.switch.never", lang, option=self.above)
            if self.most <= 1:
                return i18n.text("action.switch.alike", lang, option=self.above)
            return i18n.text("action.switch.still", lang, option=self.above)
        said = i18n.text("action.switch.above", lang, option=self.above, weight=i18n.number(self.weight, lang))
        if self.others:
            said += " " + i18n.text("action.switch.again", lang, count=i18n.integer(len(self.others), lang))
        return said

    def _repr_html_(self) -> str:
        lang = i18n.language()
        facts = {i18n.text("display.index", lang): self.index.capitalize()}
        if self.aversion is not None:
            facts[i18n.text("display.aversion", lang)] = i18n.number(self.aversion, lang, 2)
        return shown(i18n.text("display.switch", lang), said=[self.text(lang)], facts=facts)


def equity_impact(
    before: ArrayLike,
    after: ArrayLike,
    population: ArrayLike,
    *,
    index: str = "atkinson",
    aversion: float | None = 1.0,
    tolerance: float = 0.5,
) -> pd.DataFrame:
    """Efficiency and equity of a change from one health distribution to another.

    Answers: *does the change help in all, and does it help the worse off more?* efficiency = N·Δmean; equity =
    N·(ΔEDE − Δmean); their sum is the equity-weighted gain N·ΔEDE.

    Parameters
    ----------
    before, after : array of k numbers, or rows × k
        Health (a favourable amount a head) of each group.
    population : array of k numbers
        People in each group.
    index : {"atkinson", "kolm", "gini"}
    aversion : float
        ε or α; Gini uses none.
    tolerance : float
        Amounts up to this, in the unit of population × health, are no change.

    Returns
    -------
    DataFrame
        One row a row of ``after``: ``efficiency, equity, ede_gain, quadrant``; quadrant one of ``helps_and_narrows,
        helps_all_alike, helps_but_widens, narrows_only, no_material_change, widens_only, harms_but_narrows,
        harms_all_alike, harms_and_widens``.

    Raises
    ------
    MeasureError
        Unknown index, negative aversion or tolerance, arrays that do not fit.

    Notes
    -----
    References: Asaria, Griffin & Cookson 2016; Cookson et al. 2020.

    Examples
    --------
    >>> from hyteanalysis.actions import equity_impact
    >>> equity_impact([0.6, 0.9], [0.7, 0.9], [1000, 3000]).round(1)
       efficiency  equity  ede_gain           quadrant
    0       100.0    27.8     127.8  helps_and_narrows
    """
    people = np.asarray(population, dtype=float)
    old, new = np.atleast_2d(np.asarray(before, dtype=float)), np.atleast_2d(np.asarray(after, dtype=float))
    if old.shape[1:] != people.shape or new.shape[1:] != people.shape:
        raise MeasureError(
            f"before {old.shape} and after {new.shape} must have {counted(len(people), 'group')}, as population has."
        )
    if not tolerance >= 0:
        raise MeasureError(f"tolerance must be 0 or more; not {tolerance}")
    total = people.sum()
    efficiency = ((new - old) * people).sum(axis=1)
    weighted = total * gain(old, new, people, index=index, aversion=aversion)
    equity = np.zeros_like(efficiency) if aversion == 0 and index != "gini" else weighted - efficiency
    signs = [np.where(np.abs(amount) <= tolerance, 0, np.sign(amount)).astype(int) for amount in (efficiency, equity)]
    named = [QUADRANTS[pair] for pair in zip(*(sign.tolist() for sign in signs), strict=True)]
    return pd.DataFrame({"efficiency": efficiency, "equity": equity, "ede_gain": weighted, "quadrant": named})


def dominance(options: pd.DataFrame, *, population: ArrayLike, rank: ArrayLike | None = None) -> pd.DataFrame:
    """Compare every option with every other: Pareto, Lorenz, generalised Lorenz, second order.

    Answers: *is there anything to weigh, or is one option better for everybody, or for anybody who minds inequality?*
    Groups are ranked once, by their health at the start, from the worst off. Pareto: nobody is worse off. Lorenz: at
    every place of the rank the worse-off hold a larger share of all health. Generalised Lorenz: they hold more health.
    Second order: so in the cumulated generalised Lorenz curve.

    Parameters
    ----------
    options : DataFrame
        One column an option, one row a group: health a head.
    population : array of k numbers
        People in each group.
    rank : array of k numbers, optional
        Health that ranks the groups; default the first option's.

    Returns
    -------
    DataFrame
        One row an ordered pair: ``baseline, option`` and for ``pareto, lorenz, generalized_lorenz,
        second_order_generalized_lorenz`` whether the option ``dominates`` the baseline, is ``dominated``, is ``equal``,
        or ``none``.

    Raises
    ------
    MeasureError
        Health or population that are no numbers, or do not fit.

    Examples
    --------
    >>> import pandas as pd
    >>> from hyteanalysis.actions import dominance
    >>> dominance(pd.DataFrame({"now": [20, 60], "then": [26, 69]}), population=[1, 1]).iloc[0, 1:].tolist()
    ['then', 'dominates', 'dominates', 'dominates', 'dominates']
    """
    people = np.asarray(population, dtype=float)
    health = options.to_numpy(dtype=float)
    if len(people) != len(health) or not np.isfinite(health).all() or not (people > 0).all():
        raise MeasureError(
            f"{counted(len(health), 'group needs', 'groups need')} "
            "as many populations above 0, and health that is a number."
        )
    order = np.argsort(health[:, 0] if rank is None else np.asarray(rank, dtype=float), kind="stable")
    share, health = people[order] / people.sum(), health[order]
    curves = {
        "pareto": health,
        "lorenz": _lorenz(share, health) / (share @ health),
        "generalized_lorenz": _lorenz(share, health),
        "second_order_generalized_lorenz": np.cumsum(share[:, None] * _lorenz(share, health), axis=0),
    }
    rows = [
        {"baseline": options.columns[i], "option": options.columns[j]}
        | {name: _verdict(curve[:, i], curve[:, j]) for name, curve in curves.items()}
        for i in range(health.shape[1])
        for j in range(health.shape[1])
        if i != j
    ]
    return pd.DataFrame(rows)


def switch_value(
    a: ArrayLike,
    b: ArrayLike,
    *,
    population: ArrayLike,
    index: str = "atkinson",
    names: tuple[str, str] = ("A", "B"),
    draws: tuple[ArrayLike, ArrayLike] | None = None,
) -> SwitchValue:
    """Find the inequality aversion at which two health distributions are equally good.

    Answers: *how much more must the worst-off count for the fairer option to be the better one?* Solves EDE_a(ε) =
    EDE_b(ε) for ε up to 50, or as far as the worst-off count 50 times as much, whichever is farther; the weight is
    (h_best/h_worst)^ε, with Kolm e^(α(h_best − h_worst)), h of the first option.

    Parameters
    ----------
    a, b : array of k numbers
        Health (a favourable amount a head, such as the share not badly off) of each group under the two options.
    population : array of k numbers
        People in each group.
    index : {"atkinson", "kolm"}
    names : (str, str)
        What the sentence calls the options.
    draws : (array, array), optional
        Draws × k of the two options' health, in the same draws: give the aversion its interval.

    Returns
    -------
    SwitchValue
        ``.aversion, .weight, .above, .below, .others, .most, .lower, .upper, .p_switch, .text(lang)``.

    Raises
    ------
    MeasureError
        Arrays that do not fit, negative health (Atkinson: 0 too), an unknown index.

    Notes
    -----
    It chooses nothing: it says what one must hold to prefer an option. References: Atkinson 1970; Kolm 1976.

    Examples
    --------
    >>> import hyteanalysis as hyte
    >>> found = hyte.switch_value([0.62, 0.92], [0.64, 0.91], population=[1000, 3000], names=("Universal", "Targeted"))
    >>> round(found.aversion, 2), round(found.weight, 2)
    (1.09, 1.54)
    >>> found.text("en")
    'Targeted is better if the gain of the worst-off group counts at least 1.5 times as much as that of ...'
    """
    one_of(index, ("atkinson", "kolm"), "index", MeasureError)
    first, second, people = (np.asarray(one, dtype=float) for one in (a, b, population))
    if not first.shape == second.shape == people.shape or first.ndim != 1 or not len(first):
        raise MeasureError(f"a {first.shape}, b {second.shape} and population {people.shape} must be of one length.")
    if not np.isfinite(np.concatenate([first, second, people])).all() or (people < 0).any() or people.sum() <= 0:
        raise MeasureError("a, b and population must be numbers, population positive.")
    inside = people > 0
    first, second, people = first[inside], second[inside], people[inside]
    drawn = None
    if draws is not None:
        drawn = np.asarray(draws[0], dtype=float)[:, inside], np.asarray(draws[1], dtype=float)[:, inside]
    if index == "atkinson" and min(first.min(), second.min()) <= 0:
        raise MeasureError("With Atkinson every group's health must be above 0. Use index='kolm'.")
    size = np.abs(second - first).max()

    def gap(aversion: float) -> float:
        """Whether b is better (> 0) at this aversion."""
        return float(gain(first[None], second[None], people, index=index, aversion=aversion)[0])

    best, worst = first.max(), first.min()
    log_weight = float(np.log(best / worst) if index == "atkinson" else best - worst)  # of an aversion of 1
    end = max(HIGHEST, np.log(HIGHEST) / log_weight) if log_weight > 1e-9 else HIGHEST
    most = float(np.exp(min(end * log_weight, 700.0))) if log_weight > 1e-9 else 1.0
    # denser where small aversions lie
    grid = end * np.linspace(0, 1, _STEPS + 1)[1:] ** 2
    values = np.array([gap(aversion) for aversion in grid])
    level = 8 * np.finfo(float).eps * size
    signs = np.where(np.abs(values) <= level, 0, np.sign(values))
    told = np.flatnonzero(signs)
    turns = [(left, right) for left, right in pairwise(told) if signs[left] != signs[right]]
    if not turns:
        better = None if not len(told) else names[int(signs[told[0]] > 0)]
        # no worse for any group is no worse at any weight
        most = np.inf if (second >= first).all() or (first >= second).all() else most
        return SwitchValue(None, None, better, better, (), index, most, *_interval(drawn, people, index, end))
    roots = [
        float(scipy.optimize.brentq(gap, grid[left], grid[right], xtol=1e-13, rtol=1e-14)) for left, right in turns
    ]
    weight = (best / worst) ** roots[0] if index == "atkinson" else np.exp(roots[0] * (best - worst))
    above = int(signs[turns[0][1]] > 0)
    unsure = _interval(drawn, people, index, end)
    others = tuple(roots[1:])
    return SwitchValue(roots[0], float(weight), names[above], names[1 - above], others, index, most, *unsure)


def _interval(
    drawn: tuple[Array, Array] | None, people: Array, index: str, end: float
) -> tuple[float | None, float | None, float | None]:
    """Limits of the first aversion at which the order turns, over draws, and in how many of them it does."""
    if drawn is None:
        return None, None, None
    grid = end * np.linspace(0, 1, 81)[1:] ** 2
    values = np.stack([gain(drawn[0], drawn[1], people, index=index, aversion=float(one)) for one in grid], axis=1)
    turned = np.sign(values[:, :-1]) * np.sign(values[:, 1:]) < 0
    first = turned.argmax(axis=1)
    rows = np.arange(len(values))
    left, right = values[rows, first], values[rows, first + 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        found = grid[first] + (grid[first + 1] - grid[first]) * left / (left - right)
    found = np.where(turned.any(axis=1), found, np.inf)
    low, high = limits(found.copy())
    return float(low), float(high), float(turned.any(axis=1).mean())


def plane(
    pooled: pd.DataFrame,
    summary: Summary,
    *,
    index: str = "atkinson",
    aversion: float | None = 1.0,
    tolerance: float = 0.5,
) -> pd.DataFrame:
    """One action on the plane, with limits and the share of draws in each half.

    Health is the share not badly off; people are pooled over areas. ``efficiency`` is cases averted, ``equity`` how
    many more (or fewer) they count for since they fall where they do; ``tolerance`` in people. Columns ``efficiency,
    equity, ede_gain, quadrant, efficiency_lower, …, p_narrows``.
    """
    people = pooled["population"].to_numpy(dtype=float)
    options: dict[str, Any] = {"index": index, "aversion": aversion, "tolerance": tolerance}
    point = equity_impact(1 - pooled["baseline"], 1 - pooled["after"], people, **options)
    cloud = _cloud(pooled, summary, **options)
    for name in ("efficiency", "equity", "ede_gain"):
        low, high = limits(cloud[name].to_numpy().copy())
        point[f"{name}_lower"], point[f"{name}_upper"] = float(low), float(high)
    return point.assign(p_narrows=float((cloud["equity"] > tolerance).mean()))


def _cloud(pooled: pd.DataFrame, summary: Summary, **options: Any) -> pd.DataFrame:
    """The plane's point in each draw: ``efficiency, equity, ede_gain, quadrant``."""
    people = pooled["population"].to_numpy(dtype=float)
    before = 1 - summary.before.T / people
    after = before + summary.helped.T / people
    return equity_impact(before.clip(min=0), after.clip(min=0), people, **options)


def inequality(
    pooled: pd.DataFrame,
    summary: Summary | None = None,
    *,
    measures: str | Sequence[str] = "all",
    model: str | None = None,
    aversion: float | dict[str, float] | None = None,
) -> pd.DataFrame:
    """Measures of inequality of the shares badly off, before and after; those that do not apply are left out.

    ``measure, before, after, change, change_lower, change_upper``; with ``measures`` named outright, one that does not
    apply raises MeasureError.
    """
    states = np.stack([pooled["baseline"], pooled["after"]])
    settings = _measured(pooled, states, measures, model, aversion)
    frame = settings.dropna(subset=["0", "1"]) if measures == "all" else settings
    frame = frame.rename(columns={"0": "before", "1": "after"}).assign(change=lambda one: one["after"] - one["before"])
    frame = frame.assign(change_lower=np.nan, change_upper=np.nan)
    if summary is None:
        return frame.reset_index()
    people = pooled["population"].to_numpy(dtype=float)
    count = min(_DRAWS, summary.before.shape[1])
    old = summary.before[:, :count].T / people
    new = old - summary.helped[:, :count].T / people
    drawn = _measured(pooled, np.clip(np.concatenate([old, new]), 0, 1), list(frame.index), model, aversion)
    values = drawn.loc[frame.index, [str(number) for number in range(2 * count)]].to_numpy(dtype=float)
    change = values[:, count:] - values[:, :count]
    known = ~np.isnan(change).any(axis=1)
    if known.any():
        frame.loc[known, "change_lower"], frame.loc[known, "change_upper"] = limits(change[known])
    return frame.reset_index()


def _measured(pooled: pd.DataFrame, states: Array, measures: Any, model: str | None, aversion: Any) -> pd.DataFrame:
    """Measures × states: each state is a setting of its own."""
    count, groups = states.shape
    cells = pd.DataFrame(
        {
            "indicator": "share",
            "area": np.repeat(np.arange(count), groups).astype(str),
            "period": "",
            "dimension": "groups",
            "group": np.tile(pooled["group"].to_numpy(), count),
            "order": pd.array(np.tile(pooled["order"].to_numpy(), count), dtype="Int64"),
            "estimate": states.ravel(),
            "population": np.tile(pooled["population"].to_numpy(dtype=float), count),
        }
    ).assign(area=lambda frame: "state" + frame["area"], period="now")
    found = inequalities.disparity(cells, measures, indicators=_SHARE, model=model, aversion=aversion, seed=0)
    table = found.assign(area=found["area"].str.removeprefix("state"))
    order = list(dict.fromkeys(table["measure"]))
    return table.pivot(index="measure", columns="area", values="estimate").loc[order].rename_axis(columns=None)


def _lorenz(share: Array, health: Array) -> Array:
    return np.cumsum(share[:, None] * health, axis=0)


def _verdict(old: Array, new: Array) -> str:
    change = new - old
    change = np.where(np.abs(change) <= _ROUNDING * np.maximum(np.abs(old), np.abs(new)), 0.0, change)
    if not change.any():
        return "equal"
    if (change >= 0).all():
        return "dominates"
    return "dominated" if (change <= 0).all() else "none"


def equivalents(health: Array, population: Array, *, index: str, aversion: float | None) -> Array:
    """EDE of each row (rows × groups of favourable values)."""
    one_of(index, INDICES, "index", MeasureError)
    share = (population / population.sum())[None]
    mean = np.asarray((share * health).sum(axis=1))
    if index == "gini":
        order = np.argsort(health, axis=1)
        sorted_share = np.take_along_axis(np.broadcast_to(share, health.shape), order, axis=1)
        ridit = np.cumsum(sorted_share, axis=1) - sorted_share / 2
        gap = 2 * (sorted_share * np.take_along_axis(health, order, axis=1) * (ridit - 0.5)).sum(axis=1)
        return np.asarray(mean - gap)
    if aversion is None or not aversion >= 0:
        raise MeasureError(f"index={index!r} needs an aversion of 0 or more; given {aversion!r}.")
    if aversion == 0:
        return mean
    return (atkinson_equivalent if index == "atkinson" else kolm_equivalent)(health, share, float(aversion))


def gain(before: Array, after: Array, population: Array, *, index: str, aversion: float | None) -> Array:
    """EDE(after) − EDE(before) of each row.

    The change is often a millionth of the level, so it is made of the groups' own changes: with t = 1 − ε and
    w ∝ f·h^t, ln EDE moves by ln(1 + Σ w (e^(t·ln(h′/h)) − 1))/t; Kolm likewise with w ∝ f·e^(−αh).
    """
    if index != "gini" and aversion == 0:
        return equivalents(after - before, population, index=index, aversion=0)
    old = equivalents(before, population, index=index, aversion=aversion)
    if index == "gini" or aversion is None:
        return equivalents(after, population, index=index, aversion=aversion) - old
    before, after = np.broadcast_arrays(before, after)
    if index == "kolm":
        logs, step = -aversion * before, -aversion * (after - before)
    elif (before <= 0).any() or (after <= 0).any():
        return equivalents(after, population, index=index, aversion=aversion) - old
    else:
        logs, step = (1 - aversion) * np.log(before), np.log1p((after - before) / before)
    weight = population * np.exp(logs - logs.max(axis=1, keepdims=True))
    weight = weight / weight.sum(axis=1, keepdims=True)
    power = -1.0 if index == "kolm" else 1 - aversion
    if power == 0:
        return np.asarray(old * np.expm1((weight * step).sum(axis=1)))
    lifted = (weight * np.expm1(step if index == "kolm" else power * step)).sum(axis=1)
    large = lifted < -0.5  # a change this large needs no such care, and ln(1 + x) loses it near −1
    moved = np.log1p(np.where(large, 0.0, lifted)) / power
    fine = moved / aversion if index == "kolm" else old * np.expm1(moved)
    return np.where(large, equivalents(after, population, index=index, aversion=aversion) - old, fine)
