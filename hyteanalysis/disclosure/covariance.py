"""Covariances of groups' errors that a release may hold: only pairs of cells that are shown."""

import pandas as pd

from hyteanalysis.cells import EMPTY_STATUSES, KEYS, pandas_of
from hyteanalysis.errors import DisclosureError

COLUMNS = [*KEYS, "group_other", "covariance"]


def shown_pairs(covariance: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Each pair of two shown groups of a setting once; variances are left out, as the cells' own ``se`` tell them.

    Raises DisclosureError for a lacking column or a group that the cells do not name.
    """
    given = pandas_of(covariance, "covariance=")
    lacking = [name for name in COLUMNS if name not in given]
    if lacking:
        raise DisclosureError(f"covariance lacks {', '.join(lacking)}: give a frame with {', '.join(COLUMNS)}")
    given = given[COLUMNS].astype(dict.fromkeys([*KEYS, "group_other"], "str")).reset_index(drop=True)
    states = cells[[*KEYS, "status"]]
    for name in ("group", "group_other"):
        own = states.rename(columns={"group": name, "status": f"_{name}"})
        given = given.merge(own, on=[*KEYS[:-1], name], how="left", validate="many_to_one")
        lost = given[f"_{name}"].isna()
        if lost.any():
            where = given.loc[lost, [*KEYS[:-1], name]].iloc[0].to_dict()
            raise DisclosureError(f"covariance names {where}, which the cells do not hold; leave out its pairs")
    both = ~(given["_group"].isin(EMPTY_STATUSES) | given["_group_other"].isin(EMPTY_STATUSES))
    pairs = given.loc[both & (given["group"] != given["group_other"]), COLUMNS].copy()
    swapped = pairs["group"] > pairs["group_other"]
    pairs.loc[swapped, ["group", "group_other"]] = pairs.loc[swapped, ["group_other", "group"]].to_numpy()
    return pairs.drop_duplicates(COLUMNS[:-1]).sort_values(COLUMNS[:-1], ignore_index=True)
