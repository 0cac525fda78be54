"""The audit: a second program that rebuilds all that a release tells from its files alone, and attacks it.

It shares nothing with the program that protects but the reader of files and the data's own rules. It takes whole cross
tables where the other takes trees of tables, and asks SciPy where the other keeps a solver warm, so that a fault in one
is seen by the other.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from hyteanalysis import areas
from hyteanalysis.cells import EMPTY_STATUSES, KEYS, NUMBERS
from hyteanalysis.disclosure.attack import AuditResult, audit_result
from hyteanalysis.disclosure.policy import Policy
from hyteanalysis.disclosure.reconstruction import Floats, Geography, attacked, worlds
from hyteanalysis.disclosure.relations import Relations
from hyteanalysis.disclosure.released import Release
from hyteanalysis.errors import DisclosureError
from hyteanalysis.progress import bar

_NEAR = 1e-6
_BARE = (*KEYS, "order", "reference", "status", "scale", "favourable")  # all that a suppressed row may hold
_SORTED = ["indicator", "dimension", "period", "area", "group"]
_MANY = 1_000  # counts behind one rate, beyond which an error or limits are not looked at
_Z = 1.959963984540054  # of limits of 95 %


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
    for the people without the outcome where the policy protects them, for a group of which none, or all, are certain to
    have it, where the policy forbids that, for what is left of an indicator beside its parts, of a span of years beside
    its years, and for means that can be told too closely. Which hidden numbers are
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
    told = _told(cells, release.indicators, policy)
    for earlier in previous:
        old = _told(earlier.cells, earlier.indicators, policy)
        fresh = old.merge(told.loc[told["low"].notna(), KEYS], on=KEYS, how="left", indicator=True)
        kept = old[(fresh["_merge"] == "left_only").to_numpy()]
        told = pd.concat([told, kept[kept["low"].notna()].assign(own=False)], ignore_index=True)
        told = told.sort_values("low", na_position="last", kind="stable").drop_duplicates(KEYS, ignore_index=True)
    told["k"] = told["dimension"].map({name: policy.k(name) for name in told["dimension"].unique()})
    found = [_left(cells), _strange(release), _shown(told, release)]
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


def _told(cells: pd.DataFrame, indicators: pd.DataFrame, policy: Policy) -> pd.DataFrame:
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
    k = cells["dimension"].map({name: policy.k(name) for name in cells["dimension"].unique()}).astype("float64")
    ends = _narrowed({**value, "low": low.where(rate), "high": high.where(rate)}, scale, people, k)
    low, high = ends["low"], ends["high"]
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


def _narrowed(
    value: dict[str, "pd.Series[float]"], scale: "pd.Series[float]", people: "pd.Series[float]", k: "pd.Series[float]"
) -> pd.DataFrame:
    """``low, high`` behind rounded rates (``value``: also their own), as an error and limits beside them leave them.

    Readers may know by which formula these were made, so one by which a number is certain to be small, or that few are
    certain to be without, is believed; else all counts that any formula leaves stay possible. Formulas that fit nothing
    (of a weighted survey) tell nothing.
    """
    ends = pd.DataFrame({name: value[name] for name in ("low", "high")})
    beside = [value[name].notna() for name in ("se", "lower", "upper")]
    width = ends["high"] - ends["low"]
    doubt = np.logical_or.reduce(beside) & (width > 0) & (width < _MANY)
    for row in ends.index[doubt]:
        count = np.arange(ends.at[row, "low"], ends.at[row, "high"] + 1)
        told = {name: float(value[name][row]) for name in ("se", "lower", "upper")}
        kept = []
        for made in _by_formula(count, float(people[row])):
            given = [name for name in made if not np.isnan(told[name])]
            off = [np.abs(made[name] * scale[row] - told[name]) for name in given]
            room = [_last_decimal(told[name]) + 1e-9 * abs(told[name]) for name in given]
            fits = np.logical_and.reduce([one <= most for one, most in zip(off, room, strict=True)])
            if given and fits.any():
                kept.append(count[fits])
        sure = [one for one in kept if one.min() >= 1 and one.max() < k[row]]
        sure += [one for one in kept if people[row] - one.max() >= 1 and people[row] - one.min() < k[row]]
        left = np.concatenate(sure[:1] or kept or [count])
        ends.loc[row] = left.min(), left.max()
    return ends


def _by_formula(count: Floats, people: float) -> list[dict[str, Floats]]:
    """Standard errors, and 95 % limits, of shares by each usual formula: Wald, Wilson, Clopper–Pearson, logit, Byar,
    Garwood."""
    from scipy.special import betaincinv, gammaincinv

    rest, square = people - count, _Z**2
    with np.errstate(all="ignore"):
        share = count / people
        errors = [(share * (1 - share) / people) ** 0.5, (share * (1 - share) / (people - 1)) ** 0.5]
        errors.append(count**0.5 / people)
        middle, wide = count + square / 2, _Z * (count * rest / people + square / 4) ** 0.5
        odds, spread = np.log(count / rest), _Z * (1 / count + 1 / rest) ** 0.5
        cube = [c * (1 - 1 / (9 * c) + way * _Z / (3 * c**0.5)) ** 3 for c, way in ((count, -1), (count + 1, 1))]
        limits = [
            *((share - _Z * error, share + _Z * error) for error in errors),
            ((middle - wide) / (people + square), (middle + wide) / (people + square)),
            (betaincinv(count, rest + 1, 0.025), np.where(rest > 0, betaincinv(count + 1, rest, 0.975), 1.0)),
            (1 / (1 + np.exp(spread - odds)), 1 / (1 + np.exp(-spread - odds))),
            (cube[0] / people, cube[1] / people),
            (gammaincinv(count, 0.025) / people, gammaincinv(count + 1, 0.975) / people),
        ]
    limits += [(np.clip(low, 0, None), np.clip(high, None, 1)) for low, high in limits]
    told = [{"lower": np.nan_to_num(low), "upper": np.nan_to_num(high)} for low, high in limits]
    alone = [{"se": np.nan_to_num(error)} for error in errors]
    return [*alone, *told, *({**one, **other} for one in alone for other in told)]


def _left(cells: pd.DataFrame) -> pd.DataFrame:
    """Whatever stands in suppressed rows beside what they are."""
    rows = cells[cells["status"] == "suppressed"]
    rows = rows[rows[rows.columns.difference([*_BARE])].notna().any(axis=1)]
    return _failed(rows.assign(low=np.nan, high=np.nan), "shown", "left in a suppressed row")


def _strange(release: Release) -> pd.DataFrame:
    """What tells of numbers beside the rows: their order, notes that pandas keeps of a frame, errors of hidden ones."""
    cells = release.cells
    hidden = cells[cells["status"].isin(EMPTY_STATUSES)].assign(low=np.nan, high=np.nan)
    found = []
    if not cells[_SORTED].sort_values(_SORTED, kind="stable").index.equals(cells.index):
        found.append(_failed(hidden, "shown", "the order of rows is not that of their keys"))
    if any(frame.attrs for frame in (cells, release.indicators)):
        found.append(_failed(hidden, "shown", "a note beside the values, in the file itself"))
    pairs = release.covariance
    if pairs is not None and len(pairs):
        of_hidden = pd.MultiIndex.from_frame(hidden[KEYS])
        ends = [pd.MultiIndex.from_frame(pairs[[*KEYS[:-1], name]].astype("str")) for name in ("group", "group_other")]
        named = of_hidden.isin(ends[0]) | of_hidden.isin(ends[1])
        found.append(_failed(hidden[named], "shown", "a covariance is told of it"))
    return pd.concat(found) if found else _failed(hidden.iloc[:0], "shown", "")


def _shown(told: pd.DataFrame, release: Release) -> pd.DataFrame:
    """Numbers that stand there although the policy calls them unsafe."""
    policy = release.policy
    least = 0 if policy.zeros == "hidden" else 1
    rows = told[told["own"]]
    small = ~rows["mean"] & (rows["low"] >= least) & (rows["high"] < rows["k"])
    if policy.protect_complement:
        small |= ~rows["mean"] & (rows["people"] - rows["high"] >= least) & (rows["people"] - rows["low"] < rows["k"])
    group = ~rows["mean"] & rows["people"].between(1, policy.group_disclosure or 0)
    small |= group & ((rows["high"] == 0) | (rows["low"] == rows["people"]))
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
