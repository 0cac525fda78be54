"""How much the worst-off must count for one option to overtake another, said in one plain sentence."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import scipy  # its parts are imported when first used
from numpy.typing import ArrayLike, NDArray

from hyteanalysis import i18n
from hyteanalysis.actions.equivalents import gain
from hyteanalysis.display import shown
from hyteanalysis.errors import MeasureError, one_of

Array = NDArray[Any]

HIGHEST = 50.0  # no aversion beyond this is looked at
_STEPS = 500


@dataclass(frozen=True)
class SwitchValue:
    """Where two options are equally good.

    Attributes
    ----------
    aversion : float or None
        Smallest ε (or α) at which they are; None where no value in (0, 50] switches.
    weight : float or None
        How many times the same gain counts for one person of the worst-off group against one of the best-off.
    above, below : str or None
        The option that is better above, and below, that aversion; without a switch the one that is better throughout.
    others : tuple of float
        Further values at which the order turns again.
    index : str
    """

    aversion: float | None
    weight: float | None
    above: str | None
    below: str | None
    others: tuple[float, ...]
    index: str

    @i18n.spoken
    def text(self, lang: str = "fi") -> str:
        """The plain meaning, in one sentence (a second one where the order turns again)."""
        if self.aversion is None or self.weight is None:
            if self.above is None:
                return i18n.text("action.switch.equal", lang)
            return i18n.text("action.switch.never", lang, option=self.above)
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


def switch_value(
    a: ArrayLike,
    b: ArrayLike,
    *,
    population: ArrayLike,
    index: str = "atkinson",
    names: tuple[str, str] = ("A", "B"),
) -> SwitchValue:
    """Find the inequality aversion at which two health distributions are equally good.

    Answers: *how much more must the worst-off count for the fairer option to be the better one?* Solves EDE_a(ε) =
    EDE_b(ε) in (0, 50]; the weight is (h_best/h_worst)^ε, with Kolm e^(α(h_best − h_worst)), h of the first option.

    Parameters
    ----------
    a, b : array of k numbers
        Health (a favourable amount a head, such as the share not badly off) of each group under the two options.
    population : array of k numbers
        People in each group.
    index : {"atkinson", "kolm"}
    names : (str, str)
        What the sentence calls the options.

    Returns
    -------
    SwitchValue
        ``.aversion, .weight, .above, .below, .others, .text(lang)``.

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
    'Targeted is better if the health gain of the worst-off group counts at least 1.5 times as much as that of ...'
    """
    one_of(index, ("atkinson", "kolm"), "index", MeasureError)
    first, second, people = (np.asarray(one, dtype=float) for one in (a, b, population))
    if not first.shape == second.shape == people.shape or first.ndim != 1 or not len(first):
        raise MeasureError(f"a {first.shape}, b {second.shape} and population {people.shape} must be of one length.")
    if not np.isfinite(np.concatenate([first, second, people])).all() or (people < 0).any() or people.sum() <= 0:
        raise MeasureError("a, b and population must be numbers, population positive.")
    inside = people > 0
    first, second, people = first[inside], second[inside], people[inside]
    if index == "atkinson" and min(first.min(), second.min()) <= 0:
        raise MeasureError("With Atkinson every group's health must be above 0. Use index='kolm'.")
    size = np.abs(second - first).max()

    def gap(aversion: float) -> float:
        """Whether b is better (> 0) at this aversion."""
        return float(gain(first[None], second[None], people, index=index, aversion=aversion)[0])

    # denser where small aversions lie
    grid = HIGHEST * np.linspace(0, 1, _STEPS + 1)[1:] ** 2
    values = np.array([gap(aversion) for aversion in grid])
    level = 8 * np.finfo(float).eps * size
    signs = np.where(np.abs(values) <= level, 0, np.sign(values))
    told = np.flatnonzero(signs)
    turns = [(left, right) for left, right in pairwise(told) if signs[left] != signs[right]]
    if not turns:
        better = None if not len(told) else names[int(signs[told[0]] > 0)]
        return SwitchValue(None, None, better, better, (), index)
    roots = [
        float(scipy.optimize.brentq(gap, grid[left], grid[right], xtol=1e-13, rtol=1e-14)) for left, right in turns
    ]
    best, worst = first.max(), first.min()
    weight = (best / worst) ** roots[0] if index == "atkinson" else np.exp(roots[0] * (best - worst))
    above = int(signs[turns[0][1]] > 0)
    return SwitchValue(roots[0], float(weight), names[above], names[1 - above], tuple(roots[1:]), index)
