"""The rules a tidy cell must keep, each with its problem and remedy."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hyteanalysis.cells.faults import listed, together
from hyteanalysis.cells.vocabulary import CROSS, EMPTY_STATUSES, KEYS, KINDS, NUMBER_STATUSES, TOTAL

if TYPE_CHECKING:
    from numpy.typing import NDArray

# digits after each official prefix; SSS is the whole country
DIGITS = {"KU": 3, "SK": 3, "MK": 2, "HVA": 2, "YTA": 1, "PNO": 5}
_NUMBERED = re.compile(r"^(KU|SK|MK|HVA|YTA|PNO)(\d+)$")


@dataclass(frozen=True)
class Check:
    """``broken`` marks the rows of a frame that break it; it is asked only where all ``needs`` are columns."""

    column: str
    needs: tuple[str, ...]
    broken: Callable[[pd.DataFrame], "pd.Series[bool]"]
    problem: str
    remedy: str


def likely_area(code: str) -> str | None:
    """The code somebody probably meant by one that lost its prefix or zeros; None where ``code`` is fine.

    A code with too many digits comes back as it is: no zero was lost.

    >>> likely_area("91"), likely_area("KU91"), likely_area("00100"), likely_area("KU091")
    ('KU091', 'KU091', 'PNO00100', None)
    """
    if code.isdigit():
        return f"PNO{code}" if len(code) == 5 else f"KU{int(code):03d}"
    numbered = _NUMBERED.match(code)
    if numbered and len(numbered[2]) != DIGITS[numbered[1]]:
        return f"{numbered[1]}{int(numbered[2]):0{DIGITS[numbered[1]]}d}"
    return None


def area_faults(frame: pd.DataFrame) -> pd.DataFrame:
    """Bare numbers, and official prefixes with the wrong number of digits: they have lost leading zeros."""
    meant = {code: likely_area(code) for code in frame["area"].dropna().unique()}
    wrong = {code: right for code, right in meant.items() if right}
    return together(
        [
            listed(
                frame,
                frame["area"] == code,
                "area",
                "is not an area code.",
                f"Probably {right}: read codes as text, so that leading zeros stay."
                if right != code
                else f"{_NUMBERED.sub(lambda m: f'{m[1]} takes {DIGITS[m[1]]} digits', code)}.",
            )
            for code, right in wrong.items()
        ]
    )


def _outside(frame: pd.DataFrame) -> "pd.Series[bool]":
    return (frame["estimate"] < frame["_lowest"]) | (frame["estimate"] > frame["_highest"])


def _times_off(frame: pd.DataFrame, times: float) -> "pd.Series[bool]":
    """Estimates of an indicator that are all about so many times their events out of population, or so many parts.

    One indicator's rows are held together: with survey weights single ones may be far off by chance.
    """
    people = frame["respondents"].fillna(frame["population"]) if "respondents" in frame else frame["population"]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = frame["estimate"] / (frame["events"] / people * frame["_scale"])
        size = np.abs(np.log(ratio.where((ratio > 0) & (frame["events"] >= _ENOUGH)).astype("float64")))
    near = (size - np.log(times)).abs() < _NEAR
    if not near.any():
        return near
    known = size.notna()
    share = near.groupby(frame["indicator"]).transform("sum") / known.groupby(frame["indicator"]).transform("sum")
    return near & (share > _MOST)


def _contradicted(frame: pd.DataFrame) -> "pd.Series[bool]":
    """A kind that cells bring along, and a value it cannot have."""
    y, kind = frame["estimate"], frame["kind"]
    scale = pd.to_numeric(frame["scale"], errors="coerce").fillna(1.0) if "scale" in frame else 1.0
    return kind.isin(["proportion", "rate", "count"]) & (y < 0) | (kind == "proportion") & (y > scale)


def _none(frame: pd.DataFrame) -> "pd.Series[bool]":
    return pd.Series(False, index=frame.index)


def _partly(frame: pd.DataFrame) -> "pd.Series[bool]":
    given = frame["order"].notna()
    if given.all():
        return ~given
    some = given.groupby([frame["indicator"], frame["dimension"]], dropna=False).transform("any")
    return some & ~given


def _crossing(frame: pd.DataFrame) -> "pd.Series[bool]":
    """Crossed names out of alphabetical order, or a group with another number of parts than its dimension."""
    parts = {dimension: dimension.split(CROSS) for dimension in frame["dimension"].dropna().unique()}
    crossed = frame["dimension"].isin([dimension for dimension, names in parts.items() if len(names) > 1])
    if not crossed.any():
        return crossed
    wrong = frame["dimension"].isin([dimension for dimension, names in parts.items() if names != sorted(names)])
    pieces = frame["group"].str.count(CROSS) != frame["dimension"].str.count(CROSS)
    return wrong | (pieces & crossed).fillna(False).astype(bool)


def _ordered_crossing(frame: pd.DataFrame) -> "pd.Series[bool]":
    given = frame["order"].notna()
    return given & frame["dimension"].str.contains(CROSS, regex=False).fillna(False) if given.any() else given


def _two_references(frame: pd.DataFrame) -> "pd.Series[bool]":
    if not frame["reference"].any():
        return _none(frame)
    return frame["reference"] & (frame.groupby(_SETTING, dropna=False)["reference"].transform("sum") > 1)


def _more_events_than_people(frame: pd.DataFrame) -> "pd.Series[bool]":
    """With survey weights events are unweighted, and compared with respondents only."""
    more = frame["_share"] & (frame["events"] > frame["population"])
    return more & frame["respondents"].isna() if "respondents" in frame else more


def _total(frame: pd.DataFrame) -> "pd.Series[bool]":
    return (frame["dimension"] == TOTAL) != (frame["group"] == TOTAL)


def _empty(column: str) -> Callable[[pd.DataFrame], "pd.Series[bool]"]:
    return lambda frame: frame[column].isna()


def _below(column: str) -> Callable[[pd.DataFrame], "pd.Series[bool]"]:
    return lambda frame: frame[column] < 0


_SETTING = [key for key in KEYS if key != "group"]
_FROM_METADATA = {"_lowest", "_highest", "_share", "_known", "_scale"}
_ENOUGH = 10  # events whose rounding does not hide a factor
_NEAR, _MOST = 0.1, 0.8  # of the logarithm; of an indicator's rows
_SLACK = 1e-9  # limits and estimates that passed through text may differ in the last digit

RULES = [
    *[Check(key, (key,), _empty(key), "is empty.", "Every row needs it.") for key in KEYS],
    Check(
        "group",
        tuple(KEYS),
        lambda f: f.duplicated(KEYS, keep=False),
        "Two rows have the same indicator, area, period, dimension and group.",
        "Keep one, or add them up.",
    ),
    Check(
        "group",
        ("dimension", "group"),
        _total,
        "Dimension 'total' and group 'total' belong together.",
        "Write both, or neither: a total inside a dimension would be counted as a group.",
    ),
    Check(
        "group",
        ("dimension", "group"),
        _crossing,
        "A crossed dimension names its parts in alphabetical order, joined by ' × ', and its groups likewise.",
        "For example dimension 'education × sex', group 'low × women'.",
    ),
    Check("order", ("indicator", "dimension", "order"), _partly, "No order, but other groups of it have one.",
         "Give every group of the dimension an order, or none."),
    Check(
        "order",
        ("dimension", "order"),
        _ordered_crossing,
        "A crossed dimension has no order.",
        "Leave it empty.",
    ),
    Check(
        "reference",
        (*_SETTING, "reference"),
        _two_references,
        "Two groups of one setting are the reference.",
        "Mark one.",
    ),
    Check("df", ("df",), lambda f: f["df"] <= 0, "is not above 0.",
         "Degrees of freedom of se; leave it empty where the error is as good as known."),
    Check("kind", ("kind",), lambda f: f["kind"].notna() & ~f["kind"].isin(KINDS), "is not a kind.",
         f"Allowed: {', '.join(KINDS)}."),
    Check("kind", ("kind", "estimate", "_alone"), _contradicted, "is contradicted by the estimate of this row.",
         "A proportion lies between 0 and its scale, a rate or count is not negative: correct kind or scale."),
    Check("estimate", ("estimate",), lambda f: f["estimate"].abs() == float("inf"), "is infinite.", "Leave it empty."),
    Check(
        "estimate",
        ("estimate", "status"),
        lambda f: f["estimate"].isna() & f["status"].isin(NUMBER_STATUSES),
        "is empty.",
        "Give the number, or status 'missing' or 'suppressed'.",
    ),
    Check(
        "status",
        ("estimate", "status"),
        lambda f: f["estimate"].notna() & f["status"].isin(EMPTY_STATUSES),
        "This row holds an estimate all the same.",
        "Empty the estimate, or correct the status.",
    ),
    Check(
        "status",
        ("status",),
        lambda f: ~f["status"].isin([*NUMBER_STATUSES, *EMPTY_STATUSES]),
        "is not a status.",
        "Allowed: ok, suppressed, missing, uncertain.",
    ),
    *[
        Check(column, (column,), _below(column), "is negative.", "It cannot be: check the sign, or a code for missing.")
        for column in ("se", "population", "events", "respondents")
    ],
    Check(
        "lower",
        ("estimate", "lower"),
        lambda f: f["lower"] > f["estimate"] + _SLACK * (1 + f["estimate"].abs()),
        "The lower limit is above the estimate.",
        "Limits must bracket the estimate, in the same unit.",
    ),
    Check(
        "upper",
        ("estimate", "upper"),
        lambda f: f["upper"] < f["estimate"] - _SLACK * (1 + f["estimate"].abs()),
        "The upper limit is below the estimate.",
        "Limits must bracket the estimate, in the same unit.",
    ),
    Check(
        "events",
        ("events", "respondents"),
        lambda f: f["events"] > f["respondents"],
        "More events than respondents.",
        "Both are unweighted counts of the same people.",
    ),
    Check(
        "events",
        ("events", "population", "_share"),
        _more_events_than_people,
        "More events than people in a proportion.",
        "Check both columns; with survey weights give respondents too.",
    ),
    Check(
        "estimate",
        ("estimate", "_lowest", "_highest"),
        _outside,
        "is outside the indicator's bounds.",
        "Check the unit and the scale: is it per cent or a share?",
    ),
    Check(
        "estimate",
        ("estimate", "events", "population", "_scale"),
        lambda f: _times_off(f, 100.0),
        "is about 100 times off its own events and population.",
        "Is it per cent where a share is meant, or the reverse? Correct the scale or the numbers.",
    ),
    Check(
        "estimate",
        ("estimate", "events", "population", "_scale"),
        lambda f: _times_off(f, 1_000.0),
        "is about 1,000 times off its own events and population.",
        "Were thousands signs lost in one of them, or is the scale another? Correct the numbers.",
    ),
    Check("indicator", ("indicator", "_known"), lambda f: ~f["_known"], "is not in the indicator metadata.",
         "Add its row there, or correct the id."),
]  # fmt: skip


def row_faults(
    cells: pd.DataFrame, indicators: pd.DataFrame | None, *, only_metadata: bool = False
) -> pd.DataFrame:  # fmt: skip
    """Every row that breaks a rule; of cells that keep the others, only by the rules that ask indicator metadata."""
    frame = cells.reset_index(drop=True)
    if indicators is not None and "indicator" in frame:
        frame = _with_bounds(frame, indicators)
    else:
        frame = frame.assign(_alone=True)
    faults = [area_faults(cells)] if "area" in cells and not only_metadata else []
    for rule in RULES:
        if not set(rule.needs) <= set(frame.columns) or (only_metadata and _FROM_METADATA.isdisjoint(rule.needs)):
            continue
        bad = pd.Series(rule.broken(frame).to_numpy(dtype=bool), index=cells.index)
        column = rule.column if rule.column in cells else "estimate"
        faults.append(listed(cells, bad, column, rule.problem, rule.remedy))
    return together(faults)


def _with_bounds(frame: pd.DataFrame, indicators: pd.DataFrame) -> pd.DataFrame:
    """The rows with the lowest and highest value their indicator may have: as declared, else by its kind."""
    place = pd.Index(indicators["indicator"]).get_indexer(frame["indicator"])
    known = place >= 0
    kind, scale = indicators["kind"].to_numpy()[place], indicators["scale"].to_numpy(dtype=float)[place]

    def declared(column: str) -> "NDArray[np.float64]":
        given = indicators[column].to_numpy(dtype=float) if column in indicators else np.full(len(indicators), np.nan)
        return np.asarray(np.where(known, given[place], np.nan))

    lowest, highest, share = declared("lower_bound"), declared("upper_bound"), known & (kind == "proportion")
    counted = known & np.isin(kind.astype(object), ("proportion", "rate", "count"))
    return frame.assign(
        _lowest=np.where(np.isnan(lowest) & counted, 0.0, lowest),
        _highest=np.where(np.isnan(highest) & share, scale, highest),
        _share=share,
        _scale=np.where(known & np.isin(kind.astype(object), ("proportion", "rate")), scale, np.nan),
        _known=known,
    )
