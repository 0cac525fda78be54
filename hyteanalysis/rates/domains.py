"""Person rows put into domains that are tidy cells: which columns name the setting, which the dimension and group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from hyteanalysis.cells import CROSS, KEYS, TOTAL
from hyteanalysis.errors import counted
from hyteanalysis.rates import grid
from hyteanalysis.rates.bands import fault

SETTING = ["indicator", "area", "period", "dimension"]
WHOLE = {"area": "SSS", "period": "all"}  # where neither by= nor keys= says of which area or time the data are


@dataclass(frozen=True)
class Domains:
    """``code`` numbers each row's domain, ``keys`` names the domains (tidy keys, in the order of their values).

    ``order`` numbers the groups of an ordered categorical from 1; None where the groups have no order.
    """

    code: NDArray[np.intp]
    keys: pd.DataFrame
    order: "pd.Series[int] | None" = None

    def cells(self, **columns: "ArrayLike") -> pd.DataFrame:
        """Columns beside the keys, with the order where there is one."""
        ordered = self.keys if self.order is None else self.keys.assign(order=self.order)
        return ordered.assign(**columns)

    @property
    def setting(self) -> NDArray[np.intp]:
        """Number of each domain's setting: the domains that are compared with each other."""
        numbers: NDArray[np.intp] = self.keys.groupby(SETTING, sort=False).ngroup().to_numpy().astype(np.intp)
        return numbers

    def long(self, covariance: grid.Array) -> pd.DataFrame:
        """Covariances within each setting as ``disparity(covariance=)`` takes them."""
        setting = self.setting
        first, second = np.nonzero(setting[:, None] == setting[None, :])
        table = self.keys.iloc[first][[*SETTING, "group"]].reset_index(drop=True)
        return table.assign(group_other=self.keys["group"].to_numpy()[second], covariance=covariance[first, second])


def domains(data: pd.DataFrame, by: Sequence[str], outcome: str, keys: Mapping[str, str] | None = None) -> Domains:
    """Domains of the rows by the columns ``by``.

    Columns named as tidy keys (``area``, ``period``, ``dimension``, ``group``) are those keys; the others are
    dimensions, crossed where there are several. Without any the domain is the total; ``group`` alone is of dimension
    ``group`` unless ``keys``, which names constants, says otherwise.
    """
    by = list(by)
    constant = {"indicator": outcome, **WHOLE, **(keys or {})}
    for name in constant:
        if name not in KEYS:
            raise fault("keys", name, "names no key column.", f"It may name {', '.join(KEYS)}.")
        if name in by and name in (keys or {}):
            raise fault("keys", name, "stands in by= as well.", "Leave one of them out.")
    crossed = sorted(name for name in by if name not in KEYS)
    if crossed and {"dimension", "group"} & {*by, *(keys or {})}:
        raise fault(
            "by", ", ".join(by), "names a dimension twice.", "Give dimension and group, or the columns crossed."
        )
    for name in by:
        if data[name].isna().any():
            lost = int(data[name].isna().sum())
            raise fault(
                name, None, f"is empty on {counted(lost, 'row')}.", "Leave them out, and say how many they are."
            )
    grouped = data.groupby(by, sort=True, observed=True) if by else None
    code = np.zeros(len(data), dtype=np.intp) if grouped is None else grouped.ngroup().to_numpy().astype(np.intp)
    first = np.unique(code, return_index=True)[1]
    order = _order(data, crossed or [name for name in by if name == "group"], first)
    found = data[by].iloc[first].reset_index(drop=True).astype("str") if by else pd.DataFrame(index=range(1))
    if crossed:
        group = found[crossed[0]]
        for name in crossed[1:]:
            group = group + CROSS + found[name]
        constant |= {"dimension": CROSS.join(crossed)}
        found = found.assign(group=group)
    elif "group" not in by:
        constant = {"dimension": TOTAL, "group": TOTAL, **constant}
    else:
        constant = {"dimension": "group", **constant}
    named = found.assign(**{name: value for name, value in constant.items() if name not in found})
    return Domains(code, named[KEYS].astype("str"), order)


def _order(data: pd.DataFrame, groups: Sequence[str], first: NDArray[np.intp]) -> "pd.Series[int] | None":
    """Places of an ordered categorical's categories, from 1, of each domain; crossed groups have no order."""
    if len(groups) != 1:
        return None
    kind = data[groups[0]].dtype
    if not isinstance(kind, pd.CategoricalDtype) or not kind.ordered:
        return None
    places = data[groups[0]].cat.codes.to_numpy()[first] + 1
    return pd.Series(places, dtype="Int64")
