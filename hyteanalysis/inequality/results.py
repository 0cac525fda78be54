"""What was found of a measure, and its rows: numbers, signs and all that must be said of them."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from hyteanalysis.errors import MeasureError
from hyteanalysis.inequality.blocks import Batch, Remark
from hyteanalysis.inequality.groups import Array
from hyteanalysis.inequality.options import Uncertainty
from hyteanalysis.inequality.registry import Measure
from hyteanalysis.inequality.settings import Settings
from hyteanalysis.uncertainty import two_sided

CLEAR = 0.05  # p_equal from which no text calls the groups different
_NUMBERS = ("estimate", "se", "lower", "upper", "gap_sign", "n_groups", "se_log", "p_equal")


@dataclass
class Result:
    """What the engine found for one measure in one block of settings."""

    block: Batch
    measure: Measure
    estimate: Array
    se: Array
    lower: Array
    upper: Array
    method: str
    link_se: Array  # on the scale of the link
    p_equal: Array  # that all groups are equal
    structural: Array
    df: Array  # degrees of freedom of the error
    central: Array  # the estimate, freed of the bias that noise gives it
    remarks: list[Remark] = field(default_factory=list)

    @property
    def distrusted(self) -> bool:
        """Whether the plain interval is biased near equality, so that p_equal speaks instead."""
        return self.measure.rests_on_extreme(self.block.groups.ordered)

    @property
    def chosen(self) -> bool:
        """Whether the data chose the pair of groups that is compared."""
        groups = self.block.groups
        return self.measure.of_pair and (groups.pair_reference or not groups.ordered)

    @property
    def p_value(self) -> Array:
        """Of no gap: that all groups are equal, or where no group was chosen by the data that of the measure itself."""
        if self.distrusted or self.chosen:
            return self.p_equal
        null = np.log(self.measure.null) if self.measure.link == "log" else self.measure.null
        with np.errstate(all="ignore"):
            centre = np.log(self.estimate) if self.measure.link == "log" else self.estimate
            p = two_sided((centre - null) / self.link_se, self.df)
        return np.where(self.measure.link == "percent", np.nan, p)

    @property
    def clear(self) -> Array:
        """Whether the gap is clear: its own interval leaves out the null, or p_equal is below 5 %."""
        if self.distrusted:
            return np.asarray(self.p_equal < CLEAR)
        return np.asarray((self.lower > self.measure.null) | (self.upper < self.measure.null))

    @property
    def gap_sign(self) -> Array:
        """+1 the disadvantaged are worse off, −1 better off, 0 neither is clear (or there is no social order)."""
        groups, measure = self.block.groups, self.measure
        zero = np.zeros(len(self.block), dtype=np.int64)
        if not (groups.ordered or (measure.of_pair and groups.pair_reference)):
            return zero
        worse = {
            "worse": zero + 1,
            "lower": np.where(groups.adverse, -1, 1),
            "higher": np.where(groups.adverse, 1, -1),
            None: zero,
        }[measure.above_null]
        side = np.sign(np.nan_to_num(self.estimate - measure.null)).astype(np.int64)
        outside = (self.lower > measure.null) | (self.upper < measure.null)
        return np.where(outside, worse * side, 0)


def refuse(results: list[Result], chosen: list[Measure]) -> None:
    """A measure asked for alone that no setting could ever have is an error, with its reason."""
    if len(chosen) != 1 or not results or not all(result.structural.all() for result in results):
        return
    words = [text for result in results for mask, text in result.remarks if (mask & result.structural).any()]
    raise MeasureError(f"{chosen[0].code} ({chosen[0].name()}) does not apply: {words[0]}.")


def frame_of(
    settings: Settings, results: list[Result], chosen: list[Measure], uncertainty: Uncertainty
) -> pd.DataFrame:
    """Result rows in the order of settings, then of the measures asked for."""
    place = {measure.code: number for number, measure in enumerate(chosen)}
    columns: dict[str, list[Any]] = {name: [] for name in _NUMBERS}
    words: dict[str, list[Any]] = {name: [] for name in ("measure", "method", "unit", "note")}
    at, rank = [], []
    for result in results:
        count = len(result.block)
        at.append(result.block.rows)
        rank.append(np.full(count, place[result.measure.code]))
        log = result.measure.link == "log"
        known = ~np.isnan(result.estimate)
        columns["estimate"].append(result.estimate)
        columns["se"].append(result.se)
        columns["lower"].append(result.lower)
        columns["upper"].append(result.upper)
        columns["gap_sign"].append(result.gap_sign)
        columns["n_groups"].append(np.full(count, result.block.groups.k))
        columns["se_log"].append(np.where(known & log, result.link_se, np.nan))
        columns["p_equal"].append(result.p_equal if result.distrusted else np.full(count, np.nan))
        words["measure"].append(np.full(count, result.measure.code, dtype=object))
        method = np.full(count, "", dtype=object)
        method[known] = result.method
        words["method"].append(method)
        words["unit"].append(units(result.measure, settings.frame["_unit"].to_numpy()[result.block.rows]))
        words["note"].append(notes(result))
    rows = np.concatenate(at)
    sorting = np.lexsort([np.concatenate(rank), rows])
    keys = settings.frame[list(settings.by)].iloc[rows[sorting]].reset_index(drop=True)
    numbers = {name: np.concatenate(parts)[sorting] for name, parts in columns.items()}
    texts = {name: pd.array(np.concatenate(parts)[sorting], dtype="str") for name, parts in words.items()}
    return keys.assign(
        measure=texts["measure"],
        estimate=numbers["estimate"],
        se=numbers["se"],
        lower=numbers["lower"],
        upper=numbers["upper"],
        level=uncertainty.level,
        method=texts["method"],
        gap_sign=numbers["gap_sign"],
        n_groups=numbers["n_groups"],
        unit=texts["unit"],
        note=texts["note"],
        se_log=numbers["se_log"],
        p_equal=numbers["p_equal"],
    )


def units(measure: Measure, units: Array) -> Array:
    """The indicator's unit for absolute measures, else the measure's own."""
    if measure.unit == "indicator":
        return units.astype(object)
    if measure.unit == "indicator²":
        return np.array([f"{unit}²" if unit else "" for unit in units], dtype=object)
    return np.full(len(units), measure.unit, dtype=object)


def notes(result: Result) -> Array:
    """All that must be said of each row, joined with semicolons."""
    remarks = [*result.remarks]
    weighted = result.measure.weighted
    known = ~np.isnan(result.estimate)
    for mask, text in result.block.remarks:
        if "weight" not in text:
            remarks.append((mask, text))
        elif weighted:
            remarks.append((mask & known, text))
    remarks = [(mask, text) for mask, text in remarks if mask.any()]
    code = np.zeros(len(result.block), dtype=np.int64)
    for number, (mask, _) in enumerate(remarks):
        code |= mask.astype(np.int64) << number
    kinds, inverse = np.unique(code, return_inverse=True)
    texts = ["; ".join(text for number, (_, text) in enumerate(remarks) if kind >> number & 1) for kind in kinds]
    said = np.array(texts, dtype=object)[inverse]
    overlap = result.block.overlap
    return np.array([f"{one}; {more}".strip("; ") if more else one for one, more in zip(said, overlap, strict=True)],
                    dtype=object)  # fmt: skip
