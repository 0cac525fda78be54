"""The release's numbers that goals and rules ask for: read once for all of them, newest first."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from hyteanalysis import areas
from hyteanalysis.cells import parts, reference_groups
from hyteanalysis.errors import HyteError
from hyteanalysis.uncertainty import cell_errors

if TYPE_CHECKING:
    from hyteanalysis.disclosure import Release

KEY = ["indicator", "area", "dimension", "group"]
WHOLE = "SSS"


class Asked(NamedTuple):
    """What somebody asks for."""

    indicator: str
    area: str
    dimension: str
    group: str


def series(release: "Release", asked: Sequence[Asked]) -> pd.DataFrame:
    """Rows of all periods for what is asked, with ``se`` (that of the limits where none is given) and metadata.

    ``KEY, period, estimate, se, lower, upper, population, respondents, status, favourable, kind, scale``, sorted by
    period; rows that are missing are left out, suppressed ones stay.
    """
    wanted = pd.DataFrame(sorted(set(asked)), columns=KEY, dtype="str")
    cells = release.select(**{key: wanted[key].unique().tolist() for key in KEY if key != "group"})
    cells = cells[cells["status"] != "missing"].merge(wanted, on=KEY, validate="many_to_one")
    for column in ("se", "lower", "upper", "population", "respondents"):
        if column not in cells:
            cells[column] = np.nan
    meta = release.indicators[["indicator", "favourable", "kind", "scale"]]
    cells = cells.merge(meta, on="indicator", validate="many_to_one", suffixes=("_cell", ""))
    cells["se"] = errors(cells)
    columns = [*KEY, "period", "estimate", "se", "lower", "upper", "population", "respondents", "status"]
    return cells[[*columns, "favourable", "kind", "scale"]].sort_values("period", kind="stable", ignore_index=True)


def errors(rows: pd.DataFrame) -> np.ndarray:
    """Standard errors of rows with ``kind`` and ``scale``: see :func:`hyteanalysis.uncertainty.cell_errors`."""
    return cell_errors(rows, rows["kind"].to_numpy(dtype=object), rows["scale"].to_numpy(dtype=float)).se


def newest(rows: pd.DataFrame) -> pd.DataFrame:
    """The newest row of each."""
    return rows.drop_duplicates(KEY, keep="last")


def look_up(rows: pd.DataFrame, asked: Sequence[Asked]) -> pd.DataFrame:
    """One row for each that is asked, in that order; empty where there is none."""
    index = pd.MultiIndex.from_tuples(list(asked), names=KEY)
    return rows.set_index(KEY).reindex(index).reset_index()


class Known:
    """What a release holds, to tell a slip of the pen from data that are not there."""

    def __init__(self, release: "Release") -> None:
        self.indicators = release.indicators.set_index("indicator", drop=False)
        groups = pd.concat([release.groups, reference_groups()], ignore_index=True)
        self.groups: dict[str, set[str]] = {
            str(dimension): set(some) for dimension, some in groups.groupby("dimension")["group"]
        }
        self.groups.pop("dimension", None)
        self.groups["total"] = {"total"}
        self.areas = set(release.areas["area"])

    def fault(self, asked: Asked) -> tuple[str, str] | None:
        """Field and message of what cannot be meant; None where all is known."""
        if asked.indicator not in self.indicators.index:
            return "indicator", _unknown(asked.indicator, self.indicators.index, "an indicator of the release")
        names = parts(asked.dimension)
        for dimension in names:
            if dimension not in self.groups:
                return "dimension", _unknown(dimension, self.groups, "a dimension")
        groups = parts(asked.group)
        if len(groups) != len(names):
            return "group", f"{asked.group!r} is no group of {asked.dimension!r}"
        for dimension, group in zip(names, groups, strict=True):
            if group not in self.groups[dimension]:
                return "group", _unknown(group, self.groups[dimension], f"a group of {dimension!r}")
        if asked.area in self.areas:
            return None
        try:
            own = areas.level(asked.area) == "own"
        except HyteError as error:
            return "area", str(error)
        return ("area", _unknown(asked.area, self.areas, "an area of the release")) if own else None


def _unknown(value: str, known: Any, what: str) -> str:
    near = get_close_matches(value, [str(one) for one in known], n=3)
    few = sorted(map(str, known))[:8]
    hint = f"did you mean {' or '.join(near)}?" if near else f"it may be {', '.join(few)}"
    return f"{value!r} is not {what}; {hint}"
