"""Which sums of a magnitude (income, spending) tell too much of one contributor: dominance and the p % rule."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from hyteanalysis.disclosure.policy import Policy
from hyteanalysis.errors import DisclosureError, counted, one_of


def dominant(data: pd.DataFrame, by: str | Sequence[str], *, value: str, policy: Policy) -> pd.DataFrame:
    """Which sums would tell too closely what their largest contributor gave.

    Answers: *may this total of money be shown, or does it describe one or two contributors?* With contributions
    x₁ ≥ x₂ ≥ … of sum X, the (n, k %) rule calls a sum unsafe where x₁ + … + xₙ > k/100 · X; the p % rule where
    X − x₁ − x₂ < p/100 · x₁, so that the second contributor can tell the first to within p %.

    Parameters
    ----------
    data : DataFrame
        One row a contributor.
    by : str or list of str
        Columns whose values make a cell. Margins are cells of their own: call once more with fewer columns.
    value : str
        Column of contributions, 0 or more.
    policy : Policy
        With ``dominance`` or ``p_percent``, or both. The data's owner decides.

    Returns
    -------
    DataFrame
        ``*by, sum, contributors, largest, second, dominance, p_percent, unsafe``; a rule that the policy lacks is False
        throughout. Set ``status`` to ``suppressed`` in the tidy rows of unsafe sums before ``release``.

    Raises
    ------
    DisclosureError
        A policy without either rule; an unknown column; missing or negative contributions.

    Notes
    -----
    Primary rules only: sums of a magnitude that add up to a shown total need hiding by hand beside the unsafe one.
    Source: Hundepool and others, *Statistical Disclosure Control*, 2012.

    Examples
    --------
    >>> firms = pd.DataFrame({"town": ["a", "a", "a", "b", "b", "b"], "pay": [90, 5, 5, 30, 40, 30]})
    >>> dominant(firms, "town", value="pay", policy=Policy(p_percent=20, dominance=(1, 80)))[["town", "unsafe"]]
      town  unsafe
    0    a    True
    1    b   False
    """
    if policy.dominance is None and policy.p_percent is None:
        raise DisclosureError("the policy has neither 'dominance' nor 'p_percent': set one, as the data's owner says")
    names = [by] if isinstance(by, str) else list(by)
    for name in (*names, value):
        one_of(name, data.columns, "column", DisclosureError)
    given = data[value].astype("float64")
    if given.isna().any() or (given < 0).any():
        bad = int(given.isna().sum() + (given < 0).sum())
        raise DisclosureError(
            f"{value!r} has {counted(bad, 'contribution')} missing or negative: the rules need 0 or more"
        )
    ordered = data[names].assign(_given=given).sort_values("_given", ascending=False, kind="stable")
    ordered["_place"] = ordered.groupby(names).cumcount()
    top = policy.dominance[0] if policy.dominance else 0
    ordered["_top"] = ordered["_given"].where(ordered["_place"] < top, 0.0)
    for place, name in enumerate(("_largest", "_second")):
        ordered[name] = ordered["_given"].where(ordered["_place"] == place, 0.0)
    found = ordered.groupby(names, as_index=False).agg(
        sum=("_given", "sum"),
        contributors=("_given", "size"),
        largest=("_largest", "sum"),
        second=("_second", "sum"),
        top=("_top", "sum"),
    )
    rest = found["sum"] - found["largest"] - found["second"]
    rounding = 1e-9 * found["sum"]
    some = found["sum"] > 0
    share = policy.dominance[1] / 100 if policy.dominance else np.inf
    found["dominance"] = some & (found.pop("top") > share * found["sum"] + rounding)
    found["p_percent"] = some & (rest < (policy.p_percent or 0.0) / 100 * found["largest"] - rounding)
    return found.assign(unsafe=found["dominance"] | found["p_percent"])
