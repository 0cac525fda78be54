"""Which two groups are compared."""

from collections.abc import Sequence

import pandas as pd

from hyteanalysis.decomposition.result import listed
from hyteanalysis.errors import MeasureError, one_of


def pair_of(column: "pd.Series[str]", groups: Sequence[object] | None) -> list[object]:
    """The two groups named, or the only two there are.

    Raises
    ------
    MeasureError
        Where they are not two different ones of the column.
    """
    there = sorted(column.dropna().unique(), key=str)
    pair = there if groups is None else list(groups)
    if len(pair) != 2 or pair[0] == pair[1]:
        raise MeasureError(
            f"Two groups are compared, but {column.name!r} gives {listed(pair)}. Name two in groups=: {listed(there)}."
        )
    for group in pair:
        one_of(group, there, f"group of {column.name!r}", MeasureError)
    return pair
