"""The audit: a second program that rebuilds all that a release tells from its files alone, and attacks it.

It shares nothing with the program that protects but the reader of files and the data's own rules. It takes whole cross
tables where the other takes trees of tables, and asks SciPy where the other keeps a solver warm, so that a fault in one
is seen by the other.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from hyteanalysis import areas
from hyteanalysis.cells import KEYS, NUMBERS
from hyteanalysis.disclosure.attack import AuditResult, audit_result
from hyteanalysis.disclosure.reconstruction import Geography, attacked, worlds
from hyteanalysis.disclosure.relations import Relations
from hyteanalysis.disclosure.released import Release
from hyteanalysis.errors import DisclosureError
from hyteanalysis.progress import bar

_NEAR = 1e-6


def audit(
    release: Release,
    *,
    previous: Sequence[Release] = (),
    hierarchy: pd.DataFrame | None = None,
    progress: bool | None = None,
) -> AuditResult:
    """Attack a release once more, knowing no more than its readers do.

    Answers: *does the folder that lies here still keep what it hides?* A shown count below the minimum fails; so does a
    hidden one, or one that no table gives, of which readers can tell that it is below, though not zero. The same holds
    for the people without the outcome where the policy protects them, for what is left of an indicator beside its
    parts, of a span of years beside its years, and for means that can be told too closely. Which hidden numbers are
    hidden for their own sake, and that each of these may be anything from nothing to the minimum, was proven when the
    release was made; files do not tell, on purpose.

    Parameters
    ----------
    release : Release
    previous : sequence of Release, optional
        Earlier releases that readers have too.
    hierarchy : DataFrame, optional
        ``area, parent``; by default what the release keeps, else the official one.
    progress : bool, optional
        Show a bar. None: where somebody waits, on a terminal or in a notebook, once it takes longer than a second.

    Returns
    -------
    AuditResult
        ``safe``; ``unsafe``: keys, feasible interval ``low, high`` and ``reason`` of each number that fails.

    Raises
    ------
    DisclosureError
        Shown numbers that contradict one another.

    Examples
    --------
    >>> import pandas as pd, hyteanalysis as hyte
    >>> cells = pd.DataFrame({"area": ["east", "west"], "estimate": [2.0, 20.0], "events": [2, 20]})
    >>> cells = cells.assign(indicator="lonely", period="2024", dimension="total", group="total", population=100)
    >>> audit(hyte.release(cells, policy=hyte.Policy())).safe
    True
    """
    policy, cells = release.policy, release.cells
    hidden = cells["status"] == "suppressed"
    if not policy.protects:
        return audit_result([], len(cells), int(hidden.sum()))
    told = _told(cells, release.indicators)
    for earlier in previous:
        old = _told(earlier.cells, earlier.indicators)
        fresh = old.merge(told.loc[told["low"].notna(), KEYS], on=KEYS, how="left", indicator=True)
        kept = old[(fresh["_merge"] == "left_only").to_numpy()]
        told = pd.concat([told, kept[kept["low"].notna()].assign(own=False)], ignore_index=True)
        told = told.sort_values("low", na_position="last", kind="stable").drop_duplicates(KEYS, ignore_index=True)
    told["k"] = told["dimension"].map({name: policy.k(name) for name in told["dimension"].unique()})
    found = [_left(cells), _shown(told, release)]
    if policy.rounding is not None:
        found.append(_unequal_people(told, policy.rounding))
    else:
        relations = Relations.from_dict(release.manifest.get("relations") or {})
        geography = _geography(release, told, hierarchy)
        every = list(worlds(told, relations, geography))
        with bar(total=len(every), what="auditing", unit="table", shown=progress) as line:
            for world in every:
                found.append(attacked(world, told, policy))
                line.update(1)
    parts = [one for one in found if len(one)] or found[:1]
    return audit_result([pd.concat(parts, ignore_index=True)], len(cells), int(hidden.sum()))


# ---- what readers are told


def _told(cells: pd.DataFrame, indicators: pd.DataFrame) -> pd.DataFrame:
    """Keys; ``low, high`` of the count (or of the sum behind a mean), ``people``, ``mean``, ``asked``, ``own``."""
    about = indicators.set_index("indicator")
    kind = cells["indicator"].map(about["kind"])
    scale = cells["indicator"].map(about["scale"]).astype("float64")
    value = {
        name: cells[name].astype("float64") if name in cells else pd.Series(np.nan, cells.index) for name in NUMBERS
    }
    people = value["respondents"].fillna(value["population"])
    count = value["events"].where(value["events"].notna() | (kind != "count"), value["estimate"])
    step = value["estimate"].map(_last_decimal)
    rate = kind.isin(["proportion", "rate"]) & count.isna()
    low = np.ceil((value["estimate"] - step) / scale * people - _NEAR).clip(lower=0)
    high = np.floor((value["estimate"] + step) / scale * people + _NEAR)
    rate &= low <= high
    counted = value["events"].notna().groupby(cells["indicator"]).transform("any")
    mean = kind.isin(["mean", "index"]) & ~counted
    start = value["estimate"].groupby(cells["indicator"]).transform("min").clip(upper=0.0)
    low = low.where(rate, count).where(~mean, ((value["estimate"] - start - step) * people).clip(lower=0))
    high = high.where(rate, count).where(~mean, (value["estimate"] - start + step) * people)
    return cells[KEYS].assign(low=low, high=high, people=people, mean=mean, asked=value["respondents"], own=True)


def _last_decimal(value: float) -> float:
    """Half of the last decimal that a number is printed with."""
    digits = next((d for d in range(10) if abs(value - round(value, d)) <= 1e-12 * max(1, abs(value))), 10)
    return 0.5 * 10.0**-digits


def _left(cells: pd.DataFrame) -> pd.DataFrame:
    """Numbers and texts that stand in suppressed rows."""
    rows = cells[cells["status"] == "suppressed"]
    beside = [name for name in rows if name in NUMBERS or name in ("note", "method")]
    rows = rows[rows[beside].notna().any(axis=1)]
    return _failed(rows.assign(low=np.nan, high=np.nan), "shown", "left in a suppressed row")


def _shown(told: pd.DataFrame, release: Release) -> pd.DataFrame:
    """Numbers that stand there although the policy calls them unsafe."""
    policy = release.policy
    least = 0 if policy.zeros == "hidden" else 1
    rows = told[told["own"]]
    small = ~rows["mean"] & (rows["low"] >= least) & (rows["high"] < rows["k"])
    if policy.protect_complement:
        small |= ~rows["mean"] & (rows["people"] - rows["high"] >= least) & (rows["people"] - rows["low"] < rows["k"])
    small |= rows["asked"] < policy.minimum_respondents
    return _failed(rows[small], "shown", "shown")


def _unequal_people(told: pd.DataFrame, base: int) -> pd.DataFrame:
    """Of rounded tables: people that two indicators tell apart by less than the base, so that a count follows."""
    number = KEYS[1:]
    spread = told.groupby(number)["people"].agg(["min", "max"])
    close = spread[(spread["max"] > spread["min"]) & (spread["max"] - spread["min"] < base)].index
    rows = told[pd.MultiIndex.from_frame(told[number]).isin(close)]
    return _failed(rows, "rounded", "another indicator tells its people otherwise")


def _failed(rows: pd.DataFrame, kind: str, reason: str) -> pd.DataFrame:
    return rows[[*KEYS, "low", "high"]].assign(kind=kind, safe=False, reason=reason)


def _geography(release: Release, told: pd.DataFrame, hierarchy: pd.DataFrame | None) -> Geography:
    """The smallest areas of each period, each as the set of areas that hold it: as the manifest keeps them; from a
    hierarchy, or the official one, where that lacks areas in use."""
    used = {str(period): set(rows) for period, rows in told.groupby("period")["area"]}
    kept = {
        str(period): [frozenset(atom) for atom in one["atoms"]]
        for one in release.manifest.get("geography") or ()
        for period in one["periods"]
    }
    missing = [p for p, names in used.items() if not names <= frozenset().union(*kept.get(p, [frozenset()]))]
    if hierarchy is None and not missing:
        return kept
    return {period: _leaves(names, hierarchy) for period, names in used.items()}


def _leaves(used: set[str], hierarchy: pd.DataFrame | None) -> list[frozenset[str]]:
    if hierarchy is None:
        official = {area for area in used if areas.level(area) not in ("own", "postal")}
        fits = [year for year in reversed(areas.YEARS) if official <= set(areas.reference(year)["area"])]
        if not fits:
            raise DisclosureError("the areas belong to no single year's division: give hierarchy= with area, parent")
        hierarchy = areas.hierarchy(fits[0])
    above: dict[str, set[str]] = {}
    for row in hierarchy[["area", "parent"]].dropna().itertuples(index=False):
        above.setdefault(str(row.area), set()).add(str(row.parent))

    def holders(area: str) -> set[str]:
        return {area}.union(*(holders(parent) for parent in above.get(area, ())))

    parents = set().union(*above.values()) if above else set()
    found = {frozenset(holders(area) & used) for area in (set(above) | used) - parents}
    return sorted((one for one in found if one), key=sorted)
