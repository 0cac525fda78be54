"""What readers are told, number by number: the count behind each cell, how exactly, and what makes it unsafe."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hyteanalysis import uncertainty
from hyteanalysis.cells import KEYS, SCALES
from hyteanalysis.disclosure.policy import Policy
from hyteanalysis.errors import SHOWN, DisclosureError, counted

_NEVER_EMPTIED = [
    *KEYS,
    "order",
    "reference",
    "status",
    "scale",
    "favourable",
]  # keys, and what is no number of the row
Floats = NDArray[np.float64]
OPEN = "If the numbers are public already, say so with Policy.from_profile('open')."


def counts(cells: pd.DataFrame, kinds: "pd.Series[str]") -> "pd.Series[float]":
    """Each cell's count to protect: ``events``, or the estimate itself where the indicator is a count.

    Raises DisclosureError for fractional counts.
    """
    found = column(cells, "events")
    kind = cells["indicator"].map(kinds)
    found = found.where(found.notna() | (kind != "count"), cells["estimate"])
    fractional = (found % 1 != 0) & found.notna()
    if fractional.any():
        raise DisclosureError(
            f"{counted(fractional.sum(), 'cell has', 'cells have')} "
            f"a fractional count, such as {found[fractional].iloc[0]:g} in "
            f"{named(cells[fractional])}. `events` is the number of people counted: give whole, unweighted counts "
            f"(weighted ones belong to `estimate` and `population`). {OPEN}"
        )
    return found


def check_counted(cells: pd.DataFrame, count: "pd.Series[float]", policy: Policy) -> None:
    """Refuse numbers that say neither how many events nor how many respondents they rest on."""
    bare = cells["estimate"].notna() & count.isna() & column(cells, "respondents").isna()
    if policy.counts_needed and bare.any():
        raise DisclosureError(
            f"{counted(bare.sum(), 'cell has', 'cells have')} "
            f"neither `events` nor `respondents`, such as {named(cells[bare])}: nobody can "
            f"tell how many people are behind them. Add either column. {OPEN}"
        )


def check_kinds(
    cells: pd.DataFrame, indicators: pd.DataFrame, *, stated: bool, policy: Policy, no_shares: Sequence[str] = ()
) -> None:
    """Refuse numbers of which nobody says what they are, out of whom: a share may stand for a small count.

    ``stated`` is false where no metadata were given. ``no_shares`` names means and indices that only look like shares.
    """
    if not policy.counts_needed:
        return
    kind = cells["indicator"].map(indicators.set_index("indicator")["kind"])
    number = cells["estimate"].notna()
    bare = number & column(cells, "events").isna() & (kind != "count") & denominator(cells).notna()
    if not stated and bare.any():
        raise DisclosureError(
            f"the kind of {_few(cells[bare])} is not known, and {bare.sum()} of its numbers have no `events`, such as "
            f"{named(cells[bare])}: a share of few respondents tells a small count. Give indicator metadata with its "
            f"kind (proportion, rate, mean, index or count), or add `events`. {OPEN}"
        )
    open_ended = (
        number & (kind == "proportion") & denominator(cells).isna() & policy.protect_complement & np.bool_(stated)
    )
    if open_ended.any():
        raise DisclosureError(
            f"the denominator of {_few(cells[open_ended])} is not known, such as of {named(cells[open_ended])}: its "
            f"rate tells how many are without the outcome. Add `respondents` or `population`. {OPEN}"
        )
    means = bare & kind.isin(["mean", "index"]) & ~cells["indicator"].isin(list(no_shares))
    shares = means & _like_share(cells, means)
    if shares.any():
        raise DisclosureError(
            f"{_few(cells[shares])} is said to be a mean or an index, yet its numbers are shares of the respondents, "
            f"such as {named(cells[shares])}: a small count could be told from them. Call its kind proportion "
            "(or rate), or deny it in relations= (--relations FILE) under no_shares."
        )


def _few(cells: pd.DataFrame) -> str:
    names = list(cells["indicator"].unique())
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")


def _like_share(cells: pd.DataFrame, rows: "pd.Series[bool]") -> "pd.Series[bool]":
    """Rows of indicators whose every number is, at its precision, a whole number of respondents out of them all."""
    found = pd.Series(False, index=cells.index)
    rate, people = cells["estimate"].to_numpy(dtype=float), denominator(cells).to_numpy(dtype=float)
    half = _half(rate)
    for scale in SCALES:
        told = rate / scale * people
        room = half / scale * people
        whole = (np.abs(told - np.round(told)) <= room + 1e-6) & (rate >= 0) & (told <= people + room)
        sharp = pd.Series(room < 0.25, index=cells.index)  # else nearly every number would do
        fits = pd.Series(whole, index=cells.index)
        for _, mine in cells[rows].groupby("indicator"):
            at = mine.index[sharp[mine.index]]
            wanting = fits[at] & (told[cells.index.get_indexer(at)] > 0.5)
            if len(at) and fits[at].all() and wanting.any():
                found[at] |= True
    return found


def _unsafe(
    cells: pd.DataFrame, low: "pd.Series[float]", high: "pd.Series[float]", people: "pd.Series[float]", policy: Policy
) -> pd.DataFrame:
    """One row a cell: ``k``, and whether its count is ``small``, its ``complement`` is, or its respondents are ``few``.

    ``low, high`` are the counts a reader can tell: the same for an exact count. Unsafe is what is small for certain;
    where the policy names a size of groups, also that none of such a group, or all, have the outcome.
    """
    k = cells["dimension"].map({name: policy.k(name) for name in cells["dimension"].unique()}).astype("float64")
    least = 0 if policy.zeros == "hidden" else 1
    others = policy.protect_complement
    group = people.between(1, policy.group_disclosure or 0)
    return pd.DataFrame(
        {
            "k": k,
            "small": ((low >= least) & (high < k)) | (group & (high == 0)),
            "complement": ((people - high >= least) & (people - low < k) & others) | (group & (low == people)),
            "few": column(cells, "respondents") < policy.minimum_respondents,
        },
        index=cells.index,
    )


def denominator(cells: pd.DataFrame) -> "pd.Series[float]":
    """The people out of whom events are counted: respondents in a survey, else the population."""
    asked = column(cells, "respondents")
    return asked.where(asked.notna(), column(cells, "population"))


def column(cells: pd.DataFrame, name: str) -> "pd.Series[float]":
    """A number column, empty where the frame lacks it."""
    return cells[name] if name in cells else pd.Series(np.nan, index=cells.index, dtype="float64")


def named(cells: pd.DataFrame, shown: int = 1) -> str:
    """The first few cells by their keys, for messages."""
    rows = [" / ".join(map(str, row)) for row in cells[KEYS].head(shown).itertuples(index=False)]
    more = f" and {len(cells) - shown} more" if len(cells) > shown > 1 else ""
    return "; ".join(rows) + more


def listed(cells: pd.DataFrame) -> str:
    """As many cells as an error shows."""
    return named(cells, SHOWN)


_CANDIDATES = 1_000  # whole counts behind one rate that are tried
_FINEST = 10  # decimals beyond which a number is taken as unrounded


class Published(Protocol):
    """What an earlier release offers."""

    @property
    def cells(self) -> pd.DataFrame: ...
    @property
    def indicators(self) -> pd.DataFrame: ...


def ledger(
    cells: pd.DataFrame, indicators: pd.DataFrame, *, policy: Policy, previous: Sequence[Published] = ()
) -> pd.DataFrame:
    """One row a cell of this release, then one a cell that only an earlier one has.

    Columns beside the keys: ``low, high`` (the count as the publication tells it: exactly, or as a rate at its printed
    precision implies; empty where neither), ``people`` (out of whom), ``population`` (as printed), ``hidden``,
    ``people_hidden``, ``public`` and ``people_public`` (readers have it already), ``k``, ``small, complement, few``
    (why it is unsafe), ``cell`` (position in ``cells``, −1 for earlier ones), ``revised`` (an earlier release said
    something else), ``others`` (whether people without the outcome are
    protected), ``sum`` (a mean's sum over its respondents, not a count; ``width`` is how far from it readers must be
    kept).
    """
    rows = _told(cells, indicators, policy)
    rows["cell"] = np.arange(len(rows))
    rows["hidden"] = rows[["small", "complement", "few"]].any(axis=1) | (cells["status"] == "suppressed").to_numpy()
    small_people = (rows["people"] < rows["k"]) & (rows["people"] > 0) & rows[["small", "complement"]].any(axis=1)
    rows["people_hidden"] = small_people & ~np.bool_(policy.public_populations)
    rows["public"] = False
    rows["people_public"] = policy.public_populations & rows["people"].notna()
    rows["revised"] = False
    for earlier in previous:
        rows = _with_earlier(rows, earlier, policy)
    return rows


def _told(cells: pd.DataFrame, indicators: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    kinds = indicators.set_index("indicator")["kind"]
    count = counts(cells, kinds)
    check_counted(cells, count, policy)
    people = denominator(cells)
    k = cells["dimension"].map({name: policy.k(name) for name in cells["dimension"].unique()}).astype("float64")
    low, high = _implied(cells, indicators, people, k)
    low, high = count.where(count.notna(), low), count.where(count.notna(), high)
    rules = _unsafe(cells, low, high, people, policy)
    rules = rules.assign(low=low, high=high, people=people, population=column(cells, "population"))
    rules = rules.assign(sum=False, width=0.0, size=np.nan, others=policy.protect_complement)
    rules = _with_sums(rules, cells, cells["indicator"].map(kinds), policy)
    return pd.concat([cells[KEYS], rules], axis=1).reset_index(drop=True)


def _with_sums(rules: pd.DataFrame, cells: pd.DataFrame, kind: "pd.Series[str]", policy: Policy) -> pd.DataFrame:
    """Means and indices told as the sums over respondents that they are: those add up, and so give a hidden one back.

    ``width`` is how far on either side of a hidden sum readers must be left in doubt. Sums are counted from the least
    mean of their indicator, so that none is negative.
    """
    mean, people = cells["estimate"], denominator(cells)
    rows = kind.isin(["mean", "index"]) & mean.notna() & (people > 0) & rules["low"].isna()
    if not rows.any():
        return rules
    start = mean.groupby(cells["indicator"]).transform("min").clip(upper=0.0)
    half = _half(mean.to_numpy())
    low, high = ((mean - start - half) * people).clip(lower=0.0), (mean - start + half) * people
    rules = rules.assign(
        low=rules["low"].where(~rows, low),
        high=rules["high"].where(~rows, high),
        people=rules["people"].where(~rows),
        sum=rows,
        width=(policy.protection_percent / 100 * high).where(rows, 0.0),
        size=people.where(rows),
    )
    return rules


def _half(rate: Floats) -> Floats:
    """Half of the last printed decimal of each number."""
    half = np.full(len(rate), 0.5 * 10.0**-_FINEST)
    for decimals in reversed(range(_FINEST)):
        half[np.isclose(rate, np.round(rate, decimals), rtol=1e-12, atol=1e-12)] = 0.5 * 10.0**-decimals
    return half


def _implied(
    cells: pd.DataFrame, indicators: pd.DataFrame, people: "pd.Series[float]", k: "pd.Series[float]"
) -> tuple["pd.Series[float]", "pd.Series[float]"]:
    """The whole counts that a rate without a count can stand for, given its decimals and the people behind it.

    An error or limits beside it tell more. Readers may know by which formula these were made: one by which the count is
    certain to be below ``k``, or that of the people without the outcome, is believed; else all counts that any usual
    formula leaves stay possible.
    """
    about = indicators.set_index("indicator")
    crude = cells["indicator"].map(about["kind"]).isin(["proportion", "rate"]) & cells["estimate"].notna()
    scale = cells["indicator"].map(about["scale"]).astype("float64")
    rate = cells["estimate"].to_numpy()
    half = _half(rate)
    low = np.ceil((rate - half) / scale * people - 1e-6).clip(lower=0)
    high = np.floor((rate + half) / scale * people + 1e-6)
    fits = crude & people.notna() & (low <= high)
    doubt = np.flatnonzero((fits & (low < high) & (high - low < _CANDIDATES)).to_numpy())
    beside = {name: column(cells, name).to_numpy(dtype=float) for name in ("se", "lower", "upper")}
    halves = {name: _half(values) for name, values in beside.items()}
    for row in doubt:
        told = {name: (values[row], halves[name][row]) for name, values in beside.items() if values[row] == values[row]}
        if told:
            count, out_of = np.arange(low.iloc[row], high.iloc[row] + 1), float(people.iloc[row])
            some = _left_possible(count, out_of, float(scale.iloc[row]), told)
            unsafe = [one for one in some if _small(one, k.iloc[row]) or _small(out_of - one, k.iloc[row])]
            kept = unsafe[0] if unsafe else np.concatenate(some) if some else count
            low.iloc[row], high.iloc[row] = kept.min(), kept.max()
    return low.where(fits), high.where(fits)


def _small(count: Floats, k: float) -> bool:
    return bool(count.min() >= 1 and count.max() < k)


def _left_possible(count: Floats, people: float, scale: float, told: dict[str, tuple[float, float]]) -> list[Floats]:
    """The counts that the error and limits told leave possible, by each usual formula of an error, of limits, and of
    both; those that fit nothing (of a weighted survey) are left out."""
    share = count / people
    with np.errstate(divide="ignore", invalid="ignore"):
        errors = [
            np.sqrt(share * (1 - share) / people),
            np.sqrt(share * (1 - share) / (people - 1)),
            np.sqrt(count) / people,
        ]
        limits = [
            *(uncertainty.wald(share, error) for error in errors),
            uncertainty.wilson(count, np.full(len(count), people)),
            uncertainty.exact_binomial(count, np.full(len(count), people)),
            uncertainty.logit_interval(share, errors[0]),
            *(
                tuple(end / people for end in ends)
                for ends in (uncertainty.byar(count), uncertainty.exact_poisson(count))
            ),
        ]
    limits += [(np.maximum(low, 0), np.minimum(high, 1)) for low, high in limits]

    def near(name: str, made: Floats) -> NDArray[np.bool_]:
        value, half = told[name]
        fits: NDArray[np.bool_] = np.abs(made * scale - value) <= half + 1e-9 * abs(value)
        return fits

    every = np.ones(len(count), dtype=bool)
    by_error = [near("se", made) for made in errors] if "se" in told else []
    ends = [name for name in ("lower", "upper") if name in told]
    by_limits = [
        np.logical_and.reduce([every, *(near(name, made[name == "upper"]) for name in ends)]) for made in limits
    ]
    fits = [*by_error, *(by_limits if ends else [])]
    fits += [one & other for one in by_error for other in by_limits] if ends else []
    return [count[one] for one in fits if one.any()]


def _with_earlier(rows: pd.DataFrame, earlier: Published, policy: Policy) -> pd.DataFrame:
    """Numbers of an earlier release: the same number is public; another one was revised; a new one joins the rows."""
    cells = earlier.cells
    told = _told(cells, earlier.indicators, policy.lenient())
    told["earlier_hidden"] = (cells["status"] == "suppressed").to_numpy()
    column = "respondents" if "respondents" in cells else "population"
    if column not in cells:
        told["people"] = np.nan
    both = rows.merge(
        told[[*KEYS, "low", "high", "people", "population", "earlier_hidden"]],
        on=KEYS,
        how="outer",
        suffixes=("", "_earlier"),
        indicator=True,
        validate="one_to_one",
    )
    old = both["_merge"] != "left_only"
    new = both["_merge"] == "right_only"
    same = (both["low"] == both["low_earlier"]) & (both["high"] == both["high_earlier"])
    both["public"] = both["public"].eq(True) | (same & old) | (new & both["low_earlier"].notna())
    both["revised"] = both["revised"].eq(True) | (old & ~new & ~same & both[["low", "low_earlier"]].notna().all(axis=1))
    both["people_public"] = (
        both["people_public"].eq(True)
        | (old & (both["people"] == both["people_earlier"]))
        | (new & both["people_earlier"].notna())
    )
    kept = old & ~new & both["low"].isna() & both["low_earlier"].notna()  # hidden now, but told before
    both["public"] |= kept
    for name in ("low", "high"):
        both[name] = both[name].where(~kept, both[f"{name}_earlier"])
    for name in ("low", "high", "people", "population"):
        both[name] = both[name].where(~new, both[f"{name}_earlier"])
    both["hidden"] = both["hidden"].where(~new, both["low"].isna()).astype(bool) & ~kept
    for name in ("people_hidden", "small", "complement", "few", "sum", "others"):
        both[name] = both[name].eq(True)
    both["k"] = both["k"].fillna(both["dimension"].map(policy.k)).astype("float64")
    both["width"] = both["width"].fillna(0.0)
    both["cell"] = both["cell"].fillna(-1).astype("int64")
    return both[rows.columns].sort_values(
        "cell", key=lambda cell: cell.mask(cell < 0, len(both)), kind="stable", ignore_index=True
    )


def emptied_cells(
    cells: pd.DataFrame, hidden: "np.ndarray[tuple[int], np.dtype[np.int64]]", people: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Cells whose hidden rows keep only their keys and status, and the denominators that had to go too, wherever they
    stand."""
    protected = cells.copy()
    rows = np.isin(np.arange(len(cells)), hidden)
    protected["status"] = protected["status"].mask(rows, "suppressed")
    rows |= (protected["status"] == "suppressed").to_numpy()
    for name in protected.columns.difference(_NEVER_EMPTIED):
        protected[name] = protected[name].mask(rows)
    if people is not None and len(people):
        gone = pd.MultiIndex.from_frame(people[[*KEYS[1:], "people"]])
        for name in cells.columns.intersection(["respondents", "population"]):
            same = pd.MultiIndex.from_frame(cells[[*KEYS[1:], name]]).isin(gone)
            protected[name] = protected[name].mask(same)
    return protected
