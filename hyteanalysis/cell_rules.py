"""The rules a tidy cell must keep, each with its problem and remedy, checked together by pandera (lazily)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches

import pandas as pd

FAULT_COLUMNS = ["row", "column", "value", "problem", "remedy"]
NO_FAULTS = pd.DataFrame(columns=FAULT_COLUMNS, dtype=object)

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


def fault(column: str, problem: str, remedy: str) -> pd.DataFrame:
    """A fault of a whole column."""
    return pd.DataFrame([[None, column, None, problem, remedy]], columns=FAULT_COLUMNS, dtype=object)


def listed(frame: pd.DataFrame, bad: "pd.Series[bool]", column: str, problem: str, remedy: str) -> pd.DataFrame:
    """One fault for each row marked in ``bad``."""
    if not bad.any():
        return NO_FAULTS
    values = [None if pd.isna(value) else value for value in frame.loc[bad, column]]
    faults = pd.DataFrame({"row": frame.index[bad], "column": column, "value": pd.Series(values, dtype=object)})
    return faults.assign(problem=problem, remedy=remedy).astype(object)


def column_faults(frame: pd.DataFrame, *, needed: list[str], allowed: list[str] | None) -> pd.DataFrame:
    """Columns that are lacking, given twice or unknown."""
    names = [str(name) for name in frame.columns]
    faults = [NO_FAULTS]
    for name in needed:
        if name not in names:
            near = get_close_matches(name, names, n=1)
            hint = f"Is it {near[0]!r}? Rename it." if near else f"The table has: {', '.join(names) or 'no columns'}."
            faults.append(fault(name, "This column is needed and lacking.", hint))
    for name in sorted({name for name in names if names.count(name) > 1}):
        faults.append(fault(name, "This column stands twice.", "Keep one of them."))
    for name in names if allowed is not None else ():
        if name not in (allowed or ()):
            near = get_close_matches(name, allowed or (), n=1)
            hint = f"Is it {near[0]!r}?" if near else "Leave it out, or rename it."
            faults.append(fault(name, "Unknown column.", f"{hint} Allowed: {', '.join(allowed or ())}."))
    return pd.concat(faults)


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
    return pd.concat(
        [NO_FAULTS]
        + [
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


def _partly(frame: pd.DataFrame) -> "pd.Series[bool]":
    given = frame["order"].notna()
    some = given.groupby([frame["indicator"], frame["dimension"]], dropna=False).transform("any")
    return some & ~given


def _crossing(frame: pd.DataFrame) -> "pd.Series[bool]":
    """Crossed names out of alphabetical order, or a group with another number of parts than its dimension."""
    wrong = {}
    for dimension in frame["dimension"].dropna().unique():
        names = dimension.split(" × ")
        wrong[dimension] = names != sorted(names)
    pieces = frame["group"].str.count(" × ") != frame["dimension"].str.count(" × ")
    crossed = frame["dimension"].str.contains(" × ", regex=False)
    return frame["dimension"].map(wrong).fillna(False).astype(bool) | (pieces & crossed).fillna(False).astype(bool)


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
        lambda f: f["order"].notna() & f["dimension"].str.contains(" × ", regex=False).fillna(False),
        "A crossed dimension has no order.",
        "Leave it empty.",
    ),
    Rule(
        "reference",
        (*_SETTING, "reference"),
        lambda f: f["reference"] & (f.groupby(_SETTING, dropna=False)["reference"].transform("sum") > 1),
        "Two groups of one setting are the reference.",
        "Mark one.",
    ),
    Rule("estimate", ("estimate",), lambda f: f["estimate"].abs() == float("inf"), "is infinite.", "Leave it empty."),
    Rule(
        "estimate",
        ("estimate", "status"),
        lambda f: f["estimate"].isna() & f["status"].isin(["ok", "uncertain"]),
        "is empty.",
        "Give the number, or status 'missing' or 'suppressed'.",
    ),
    Rule(
        "status",
        ("estimate", "status"),
        lambda f: f["estimate"].notna() & f["status"].isin(["missing", "suppressed"]),
        "This row holds an estimate all the same.",
        "Empty the estimate, or correct the status.",
    ),
    Rule(
        "status",
        ("status",),
        lambda f: ~f["status"].isin(["ok", "suppressed", "missing", "uncertain"]),
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
        lambda f: f["_share"].fillna(False) & (f["events"] > f["population"]) & f.get("respondents", f["_none"]).isna(),
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
    """Every row that breaks a rule, found in one lazy pandera validation."""
    import pandera.pandas as pa
    from pandera.errors import SchemaErrors

    frame = cells.reset_index(drop=True)
    if indicators is not None and "indicator" in frame:
        frame = frame.join(_bounds(indicators), on="indicator")
        frame["_known"] = frame["_known"].notna()
    asked = {str(i): rule for i, rule in enumerate(RULES) if set(rule.needs) <= set(frame.columns)}
    checks = [pa.Check(lambda f, rule=rule: ~rule.broken(f).astype(bool), name=name) for name, rule in asked.items()]
    faults = [NO_FAULTS, *([area_faults(cells)] if "area" in cells else [])]
    try:
        pa.DataFrameSchema(checks=checks).validate(frame, lazy=True)
    except SchemaErrors as found:
        cases = found.failure_cases.dropna(subset=["index"])
        for name, rows in cases.groupby("check")["index"]:
            rule = asked[str(name)]
            bad = cells.iloc[sorted(set(rows.astype(int)))]
            column = rule.column if rule.column in bad else "estimate"
            every = pd.Series(True, index=bad.index)
            faults.append(listed(bad, every, column, rule.problem, rule.remedy))
    return pd.concat(faults)


def _bounds(indicators: pd.DataFrame) -> pd.DataFrame:
    """Lowest and highest value an indicator may have: as declared, else by its kind."""
    frame = indicators.set_index("indicator")
    empty = pd.Series(float("nan"), index=frame.index)
    lowest = frame.get("lower_bound", empty).astype("float64")
    highest = frame.get("upper_bound", empty).astype("float64")
    counted = frame["kind"].isin(["proportion", "rate", "count"])
    lowest = lowest.fillna(pd.Series(0.0, index=frame.index).where(counted))
    highest = highest.fillna(frame["scale"].where(frame["kind"] == "proportion"))
    share = frame["kind"] == "proportion"
    return pd.DataFrame({"_lowest": lowest, "_highest": highest, "_share": share, "_none": empty, "_known": True})
