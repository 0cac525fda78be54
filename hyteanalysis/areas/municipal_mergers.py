"""Municipal mergers: which municipality joined which and when, and figures carried over to a later division."""

import pandas as pd

from hyteanalysis.areas.aggregation import checked, summed
from hyteanalysis.areas.codes import check_codes
from hyteanalysis.areas.register import known_year, reference_table
from hyteanalysis.errors import MeasureError


def mergers() -> pd.DataFrame:
    """Municipal mergers of 2013–2026: ``area`` joined ``into`` on ``date`` (its code ended the day before).

    >>> from hyteanalysis import areas
    >>> areas.mergers().tail(1).squeeze().tolist()
    ['KU588', 'KU507', '2025-01-01']
    """
    return reference_table("mergers").copy()


def successors(from_year: int, to_year: int) -> dict[str, str]:
    """Heir in ``to_year`` of every municipality of ``from_year`` that was merged in between.

    Parameters
    ----------
    from_year, to_year : int
        Years of two divisions, 2013–2026.

    Returns
    -------
    dict
        Code of the municipality that was merged → code of its heir.

    Raises
    ------
    MeasureError
        Where ``to_year`` is the earlier: nobody knows how a merged municipality's people divide.
    HyteError
        A year whose division is not known.

    Examples
    --------
    >>> from hyteanalysis import areas
    >>> areas.successors(2019, 2021)
    {'KU911': 'KU541', 'KU099': 'KU214'}
    """
    if known_year(to_year) < known_year(from_year):
        raise MeasureError(
            f"Figures cannot be carried back from {from_year} to {to_year}: nobody knows how a merged municipality's "
            "people divide. Carry the older figures forward instead."
        )
    frame = reference_table("mergers")
    year = frame["date"].str[:4].astype(int)
    heirs: dict[str, str] = {}
    for area, into in frame.loc[(year > from_year) & (year <= to_year), ["area", "into"]].itertuples(index=False):
        heirs = {old: into if new == area else new for old, new in heirs.items()} | {area: into}
    return heirs


def carry_over(
    cells: pd.DataFrame,
    from_year: int,
    to_year: int,
    *,
    indicators: pd.DataFrame | None = None,
    absent: str = "unknown",
) -> pd.DataFrame:
    """Municipal figures of one division as figures of a later one.

    Answers: *what were the figures of today's municipality before the merger?* Counts of the municipalities that merged
    are added up and the estimate is computed anew from the sums, as :func:`aggregate` does; rates are never averaged.

    Parameters
    ----------
    cells : DataFrame
        Tidy cells whose municipalities follow the division of ``from_year``, whatever their period. Where each period
        follows its own year's division, carry over period by period.
    from_year, to_year : int
        Divisions, 2013–2026, the later one last.
    indicators : DataFrame, optional
        Metadata with ``kind`` and ``scale``; see :func:`aggregate`.
    absent : {"unknown", "zero"}
        What it means that one of the merged municipalities has no row; see :func:`aggregate`.

    Returns
    -------
    DataFrame
        The cells that no merger touches as they are (other levels and own areas too), then a row for each merged
        municipality and setting, with ``note``. A row that cannot be computed has status ``missing`` and its note says
        why. Merged rows have no ``lower, upper``.

    Raises
    ------
    MeasureError
        If ``to_year`` is before ``from_year``, or no indicator of the merged municipalities can be summed at all.
    TidyError
        If a municipality does not belong to the division of ``from_year``, or key columns are lacking.

    See Also
    --------
    aggregate : sums up the hierarchy of one division.

    Examples
    --------
    >>> import pandas as pd
    >>> from hyteanalysis import areas
    >>> cells = pd.DataFrame({"indicator": "smoking", "area": ["KU507", "KU588", "KU285"], "period": "2022",
    ...     "dimension": "total", "group": "total", "estimate": [10.0, 20.0, 15.0], "events": [500.0, 300.0, 6000.0],
    ...     "population": [5000.0, 1500.0, 40000.0], "scale": 100.0})
    >>> areas.carry_over(cells, 2022, 2025)[["area", "estimate", "events", "population", "note"]]
        area   estimate  events  population                     note
    0  KU285  15.000000  6000.0     40000.0                      NaN
    1  KU507  12.307692   800.0      6500.0  Sum of KU507 and KU588.
    """
    heirs = successors(from_year, to_year)
    frame = checked(cells)
    check_codes(frame.loc[frame["area"].str.fullmatch(r"KU\d+"), "area"].unique(), from_year)
    links = pd.DataFrame(
        [*heirs.items(), *((heir, heir) for heir in dict.fromkeys(heirs.values()))], columns=["area", "target"]
    ).astype("str")
    touched = frame["area"].isin(links["area"])
    if not touched.any():
        return cells.copy()
    members = links.rename(columns={"area": "leaf"})
    merged = summed(
        frame[touched], links, members=members, sizes=links.assign(leaf=links["area"])[["area", "leaf"]],
        indicators=indicators, absent=absent,
    )  # fmt: skip
    parted = links.groupby("target")["area"].agg(lambda parts: " and ".join(sorted(parts)))
    told = merged["note"].isna()
    merged.loc[told, "note"] = "Sum of " + merged.loc[told, "area"].map(parted) + "."
    columns = [*cells.columns, *(column for column in ("status", "note") if column not in cells)]
    return pd.concat(
        [cells[~touched.to_numpy()].reindex(columns=columns), merged.reindex(columns=columns)], ignore_index=True
    )
