"""The rules a tidy cell must keep, each with its problem and remedy; what breaks one is listed by pandera (lazily)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hyteanalysis.cell_faults import listed, together

if TYPE_CHECKING:
    from numpy.typing import NDArray

NUMBER_STATUSES = ("ok", "uncertain")  # rows of these states hold an estimate
EMPTY_STATUSES = ("suppressed", "missing")  # rows of these hold none
# digits after each official prefix; SSS is the whole country
DIGITS = {"KU": 3, "SK": 3, "MK": 2, "HVA": 2, "YTA": 1, "PNO": 5}
_NUMBERED = re.compile(r"^(KU|SK|MK|HVA|YTA|PNO)(\d+)$")


@dataclass(frozen=True)
class Rule:
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
    parts = {dimension: dimension.split(" × ") for dimension in frame["dimension"].dropna().unique()}
    crossed = frame["dimension"].isin([dimension for dimension, names in parts.items() if len(names) > 1])
    if not crossed.any():
        return crossed
    wrong = frame["dimension"].isin([dimension for dimension, names in parts.items() if names != sorted(names)])
    pieces = frame["group"].str.count(" × ") != frame["dimension"].str.count(" × ")
    return wrong | (pieces & crossed).fillna(False).astype(bool)


def _ordered_crossing(frame: pd.DataFrame) -> "pd.Series[bool]":
    given = frame["order"].notna()
    return given & frame["dimension"].str.contains(" × ", regex=False).fillna(False) if given.any() else given


def _two_references(frame: pd.DataFrame) -> "pd.Series[bool]":
    if not frame["reference"].any():
        return _none(frame)
    return frame["reference"] & (frame.groupby(_SETTING, dropna=False)["reference"].transform("sum") > 1)


def _more_events_than_people(frame: pd.DataFrame) -> "pd.Series[bool]":
    """With survey weights events are unweighted, and compared with respondents only."""
    more = frame["_share"] & (frame["events"] > frame["population"])
    return more & frame["respondents"].isna() if "respondents" in frame else more


def _total(frame: pd.DataFrame) -> "pd.Series[bool]":
    return (frame["dimension"] == "total") != (frame["group"] == "total")


def _empty(column: str) -> Callable[[pd.DataFrame], "pd.Series[bool]"]:
    return lambda frame: frame[column].isna()


def _below(column: str) -> Callable[[pd.DataFrame], "pd.Series[bool]"]:
    return lambda frame: frame[column] < 0


_SETTING = ["indicator", "area", "period", "dimension"]
_KEYS = [*_SETTING, "group"]
_SLACK = 1e-9  # limits and estimates that passed through text may differ in the last digit

RULES = [
    *[Rule(key, (key,), _empty(key), "is empty.", "Every row needs it.") for key in _KEYS],
    Rule(
        "group",
        tuple(_KEYS),
        lambda f: f.duplicated(_KEYS, keep=False),
        "Two rows have the same indicator, area, period, dimension and group.",
        "Keep one, or add them up.",
    ),
    Rule(
        "group",
        ("dimension", "group"),
        _total,
        "Dimension 'total' and group 'total' belong together.",
        "Write both, or neither: a total inside a dimension would be counted as a group.",
    ),
    Rule(
        "group",
        ("dimension", "group"),
        _crossing,
        "A crossed dimension names its parts in alphabetical order, joined by ' × ', and its groups likewise.",
        "For example dimension 'education × sex', group 'low × women'.",
    ),
    Rule("order", ("indicator", "dimension", "order"), _partly, "No order, but other groups of it have one.",
         "Give every group of the dimension an order, or none."),
    Rule(
        "order",
        ("dimension", "order"),
        _ordered_crossing,
        "A crossed dimension has no order.",
        "Leave it empty.",
    ),
    Rule(
        "reference",
        (*_SETTING, "reference"),
        _two_references,
        "Two groups of one setting are the reference.",
        "Mark one.",
    ),
    Rule("estimate", ("estimate",), lambda f: f["estimate"].abs() == float("inf"), "is infinite.", "Leave it empty."),
    Rule(
        "estimate",
        ("estimate", "status"),
        lambda f: f["estimate"].isna() & f["status"].isin(NUMBER_STATUSES),
        "is empty.",
        "Give the number, or status 'missing' or 'suppressed'.",
    ),
    Rule(
        "status",
        ("estimate", "status"),
        lambda f: f["estimate"].notna() & f["status"].isin(EMPTY_STATUSES),
        "This row holds an estimate all the same.",
        "Empty the estimate, or correct the status.",
    ),
    Rule(
        "status",
        ("status",),
        lambda f: ~f["status"].isin([*NUMBER_STATUSES, *EMPTY_STATUSES]),
        "is not a status.",
        "Allowed: ok, suppressed, missing, uncertain.",
    ),
    *[
        Rule(column, (column,), _below(column), "is negative.", "It cannot be: check the sign, or a code for missing.")
        for column in ("se", "population", "events", "respondents")
    ],
    Rule(
        "lower",
        ("estimate", "lower"),
        lambda f: f["lower"] > f["estimate"] + _SLACK * (1 + f["estimate"].abs()),
        "The lower limit is above the estimate.",
        "Limits must bracket the estimate, in the same unit.",
    ),
    Rule(
        "upper",
        ("estimate", "upper"),
        lambda f: f["upper"] < f["estimate"] - _SLACK * (1 + f["estimate"].abs()),
        "The upper limit is below the estimate.",
        "Limits must bracket the estimate, in the same unit.",
    ),
    Rule(
        "events",
        ("events", "respondents"),
        lambda f: f["events"] > f["respondents"],
        "More events than respondents.",
        "Both are unweighted counts of the same people.",
    ),
    Rule(
        "events",
        ("events", "population", "_share"),
        _more_events_than_people,
        "More events than people in a proportion.",
        "Check both columns; with survey weights give respondents too.",
    ),
    Rule(
        "estimate",
        ("estimate", "_lowest", "_highest"),
        _outside,
        "is outside the indicator's bounds.",
        "Check the unit and the scale: is it per cent or a share?",
    ),
    Rule("indicator", ("indicator", "_known"), lambda f: ~f["_known"], "is not in the indicator metadata.",
         "Add its row there, or correct the id."),
]  # fmt: skip


def row_faults(cells: pd.DataFrame, indicators: pd.DataFrame | None) -> pd.DataFrame:
    """Every row that breaks a rule: one look a rule, and pandera lists the rows of those that are broken."""
    frame = cells.reset_index(drop=True)
    if indicators is not None and "indicator" in frame:
        frame = _with_bounds(frame, indicators)
    faults = [area_faults(cells)] if "area" in cells else []
    asked = [rule for rule in RULES if set(rule.needs) <= set(frame.columns)]
    broken = [rule for rule in asked if rule.broken(frame).astype(bool).any()]
    for rule, rows in _listed_by_pandera(frame, broken) if broken else ():
        bad = cells.iloc[rows]
        column = rule.column if rule.column in bad else "estimate"
        every = pd.Series(True, index=bad.index)
        faults.append(listed(bad, every, column, rule.problem, rule.remedy))
    return together(faults)


def _listed_by_pandera(frame: pd.DataFrame, broken: list[Rule]) -> list[tuple[Rule, list[int]]]:
    """Positions of the rows that break each rule, from one lazy validation."""
    import pandera.pandas as pa  # a second to import, and only faulty cells need it
    from pandera.errors import SchemaErrors

    checks = [
        pa.Check(lambda f, rule=rule: ~rule.broken(f).astype(bool), name=str(number))
        for number, rule in enumerate(broken)
    ]
    try:
        pa.DataFrameSchema(checks=checks).validate(frame, lazy=True)
    except SchemaErrors as found:
        cases = found.failure_cases.dropna(subset=["index"])
        return [(broken[int(name)], sorted(set(rows.astype(int)))) for name, rows in cases.groupby("check")["index"]]
    return []


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
        _known=known,
    )
