"""What hiding costs, and what to leave out to show most."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from hyteanalysis import areas
from hyteanalysis.cells import CROSS, TOTAL
from hyteanalysis.disclosure.protection import release
from hyteanalysis.errors import DisclosureError, HyteError
from hyteanalysis.progress import bar


def advice(
    cells: pd.DataFrame, indicators: pd.DataFrame | None = None, *, progress: bool | None = None, **options: Any
) -> pd.DataFrame:
    """What a release of these cells hides, and what one would hide without each dimension, level of areas or indicator.

    Answers: *what should I leave out, so that the rest can be shown?* Each is tried: a release is made without it.

    Parameters
    ----------
    cells, indicators
        As :func:`release` takes them.
    progress : bool, optional
        Show a bar.
    **options
        As :func:`release` takes them: ``policy`` and the others.

    Returns
    -------
    DataFrame
        ``without, cells, suppressed, shown, saved, note``: first nothing left out, then what saves most. ``shown`` is
        how many numbers are shown in all; ``saved`` how many of those that stay would be shown besides. Where no
        release can be made, ``note`` says why.

    Raises
    ------
    DisclosureError
        A policy that hides nothing.

    Examples
    --------
    >>> from hyteanalysis.disclosure import Policy
    >>> cells = pd.DataFrame({"area": ["east", "west"], "estimate": [2.0, 20.0], "events": [2, 20]})
    >>> cells = cells.assign(indicator="lonely", period="2024", dimension="total", group="total", population=100)
    >>> advice(cells, policy=Policy())[["without", "cells", "suppressed"]]
      without  cells  suppressed
    0    none      2           1
    """
    if not options["policy"].protects:
        raise DisclosureError("the policy hides nothing, so there is nothing to advise")
    tried = list(_tried(cells))
    rows: list[tuple[object, ...]] = []
    hidden: set[tuple[str, ...]] = set()
    with bar(total=len(tried), what="advising", unit="release", shown=progress) as line:
        for name, kept in tried:
            try:
                made = release(cells[kept], indicators, progress=False, **options).cells
            except HyteError as error:
                rows.append((name, int(kept.sum()), None, None, None, str(error)[:200]))
            else:
                gone = made[made["status"] == "suppressed"]
                named = set(gone[_KEYS].itertuples(index=False, name=None))
                staying = set(made[_KEYS].itertuples(index=False, name=None))
                hidden = hidden if rows else named
                saved = len((hidden & staying) - named) - len(named - hidden)
                rows.append((name, len(made), len(gone), len(made) - len(gone), saved, ""))
            line.update(1)
    found = pd.DataFrame(rows, columns=["without", "cells", "suppressed", "shown", "saved", "note"])
    found = found.astype(dict.fromkeys(("suppressed", "shown", "saved"), "Int64"))
    best = found.iloc[1:].sort_values(["saved", "shown"], ascending=False, na_position="last", kind="stable")
    return pd.concat([found.iloc[:1], best], ignore_index=True)


_KEYS = ["indicator", "area", "period", "dimension", "group"]


def _tried(cells: pd.DataFrame) -> Iterator[tuple[str, "pd.Series[bool]"]]:
    """What may be left out, and the rows that stay."""
    yield "none", pd.Series(True, index=cells.index)
    dimensions = sorted(cells["dimension"].unique(), key=lambda name: -str(name).count(CROSS))
    for name in dimensions:
        if name != TOTAL:
            yield f"dimension {name}", cells["dimension"] != name
    level = cells["area"].map({area: areas.level(area) for area in cells["area"].unique()})
    for name in sorted(level.unique()) if level.nunique() > 1 else ():
        yield f"areas: {name}", level != name
    for name in sorted(cells["indicator"].unique()) if cells["indicator"].nunique() > 1 else ():
        yield f"indicator {name}", cells["indicator"] != name
