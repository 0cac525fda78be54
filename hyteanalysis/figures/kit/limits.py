"""Limits of the cells that a figure draws: the owner's own, else of their errors."""

from dataclasses import replace

import pandas as pd

from hyteanalysis.disclosure import Release
from hyteanalysis.findings import Finding
from hyteanalysis.uncertainty import cell_limits


def with_limits(rows: pd.DataFrame, release: Release, indicator: str) -> pd.DataFrame:
    """Cells of one indicator with ``lower`` and ``upper``: see :func:`hyteanalysis.uncertainty.cell_limits`."""
    meta = release.indicators.loc[release.indicators["indicator"] == indicator].iloc[0]
    lower, upper = cell_limits(rows, str(meta["kind"]), float(meta["scale"]))
    return rows.assign(lower=lower, upper=upper)


def bounded(one: Finding, release: Release) -> Finding:
    """A finding whose groups have limits as far as their errors are known."""
    return replace(one, groups=with_limits(one.groups, release, one.indicator))
