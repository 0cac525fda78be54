"""Official figures of areas: every question of the catalogue asked, what came held against what was there before."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import time
from typing import NamedTuple

import pandas as pd

from hyteanalysis import areas as places_of
from hyteanalysis.areas import spelling
from hyteanalysis.cells import KEYS
from hyteanalysis.errors import HyteError, SourceError, one_of
from hyteanalysis.sources.boundaries import boundaries
from hyteanalysis.sources.eurostat import COUNTRY, eurostat
from hyteanalysis.sources.fetched import Fetched
from hyteanalysis.sources.questions import Question, questions
from hyteanalysis.sources.sotkanet import sotkanet

DIVISION = 2025  # year of the areas asked for
CONTRADICTS = 0.2  # a number differs from the earlier one by more than this share of it
MOST = 0.25  # more of an indicator's numbers than this contradict: held back, not revised
_SERVICES = ("sotkanet", "eurostat", "boundaries")
_SAME = ("kind", "scale", "favourable")  # what may not change under an indicator's numbers
_UNKNOWN = "Whether a high value is good is not known here: taken as adverse (favourable = false)."


class Official(NamedTuple):
    """What the services gave of the areas.

    Attributes
    ----------
    fetched : Fetched
        Cells, indicators and groups; of an indicator held back or failed, those of the earlier release.
    tables : DataFrame
        ``indicator, source, table, state, newest, cells, why``, a row a question. ``state``: ``new``, ``changed``,
        ``same``, ``held``, ``failed``, ``licence``.
    changes : DataFrame
        ``indicator, area, period, dimension, group, change, before, after``; ``change`` is ``new``, ``revised`` or
        ``held``.
    """

    fetched: Fetched
    tables: pd.DataFrame
    changes: pd.DataFrame


@dataclass(frozen=True)
class _Asking:
    """How the services are asked."""

    areas: frozenset[str]
    years: tuple[int, ...]
    base_urls: Mapping[str, str]
    refresh: bool | float

    def of(self, one: Question) -> Fetched:
        """All figures of one question: the whole table, then the areas wanted."""
        address = self.base_urls.get(one.source)
        if one.source == "eurostat":
            got = eurostat(
                one.table, by=one.by, geo=COUNTRY, years=self.years, where=one.where, favourable=one.favourable,
                base_url=address, refresh=self.refresh,
            )  # fmt: skip
        else:
            got = sotkanet(
                one.table, areas=["kunta", "hva", "maa"], years=self.years, families=True,
                genders=("total", "female", "male") if "sex" in one.by else ("total",),
                base_url=address, refresh=self.refresh,
            )  # fmt: skip
        cells = got.cells[got.cells["area"].isin(self.areas)].reset_index(drop=True)
        if cells.empty or cells["estimate"].isna().all():
            raise SourceError(f"{one.id}: nothing is published of these areas and years.")
        return Fetched(cells, _judged(got.indicators, one), got.groups)


def scope(wanted: Sequence[str]) -> list[str]:
    """Codes of the areas named and of all they are seen beside: their municipalities, county, peers, the country.

    Parameters
    ----------
    wanted : sequence of str
        Codes or names in any language. Peers of a county are all counties; of a municipality, those of its
        county.

    Raises
    ------
    SourceError
        What is no area, with near names; none at all.

    Examples
    --------
    >>> from hyteanalysis.sources.official import scope
    >>> [code for code in scope(["Kotka"]) if code.startswith("KU")][:3]
    ['KU075', 'KU285', 'KU286']
    """
    if not wanted:
        raise SourceError("Name at least one area, such as HVA10 or Kotka.")
    known = places_of.reference(DIVISION)["area"]
    above = places_of.ancestry(places_of.hierarchy(DIVISION))
    municipal = above[above["area"].str.startswith("KU")]
    found = {"SSS", *known[known.str.startswith("HVA")]}
    for code in (_code(one, set(known)) for one in wanted):
        inside = set(municipal.loc[municipal["ancestor"] == code, "area"]) if code != "SSS" else set()
        counties = above.loc[(above["area"] == code) & above["ancestor"].str.startswith("HVA"), "ancestor"]
        beside = set(municipal.loc[municipal["ancestor"].isin(counties), "area"])
        found |= {code} | inside | beside
    return sorted(found)


def official(
    areas: Sequence[str],
    *,
    years: Iterable[int],
    themes: Sequence[str] | None = None,
    base_urls: Mapping[str, str] | None = None,
    update: bool = False,
    earlier: Fetched | None = None,
    tell: Callable[[Question, str], object] = lambda one, state: None,
) -> Official:
    """All official figures of the catalogue for areas and what they are seen beside.

    Answers: *what do official statistics say of wellbeing by population group here, and what is new in them?*

    Parameters
    ----------
    areas : sequence of str
        Codes or names (:func:`scope`).
    years : iterable of int
    themes : sequence of str, optional
        As for :func:`~hyteanalysis.sources.questions`.
    base_urls : mapping, optional
        Other addresses of ``sotkanet``, ``eurostat``, ``boundaries``.
    update : bool
        Ask again for what is kept on disk.
    earlier : Fetched, optional
        What was there before. An answer that lacks its numbers, has another kind, scale or direction, or differs from
        more than a quarter of them by over 20 % is held back: the earlier figures stay.
    tell : function
        Called with each question and its state when it is done; from threads, one a service.

    Returns
    -------
    Official

    Raises
    ------
    SourceError
        An area, theme or service that is none; nothing came at all.

    Notes
    -----
    What failed is named in ``tables`` and does not stop the rest. Whole tables are asked for, each service in a thread
    of its own within its limit of calls; answers are kept, so an interrupted run goes on where it was.

    Examples
    --------
    >>> import hyteanalysis as hyte
    >>> got = hyte.sources.official(["HVA10"], years=range(2015, 2026))  # doctest: +SKIP
    """
    for service in base_urls or {}:
        one_of(service, _SERVICES, "service", SourceError)
    asking = _Asking(frozenset(scope(areas)), tuple(sorted(years)), base_urls or {}, update and time())
    asked = questions(themes)
    by_service = [[one for one in asked if one.source == service] for service in _SERVICES[:2]]

    def one_service(these: list[Question]) -> list[tuple[Question, Fetched | str]]:
        got = []
        for one in these:
            answer = _answer(asking, one)
            tell(one, answer if isinstance(answer, str) else "came")
            got.append((one, answer))
        return got

    with ThreadPoolExecutor(len(by_service)) as pool:
        answers = dict(pair for many in pool.map(one_service, by_service) for pair in ((q.id, a) for q, a in many))
    kept, tables, changes = [], [], []
    for one in asked:
        part, row, change = _compared(one, answers[one.id], earlier, asking.years)
        kept += [part] if part is not None else []
        tables.append(row)
        changes.append(change)
    table = pd.DataFrame(tables)
    if not kept:
        raise SourceError(f"No figure came. The first reason: {table['why'].iloc[0]}")
    return Official(_joined(kept), table, pd.concat(changes, ignore_index=True))


def official_boundaries(base_url: str | None = None) -> str:
    """Fetch municipalities and counties for the maps; gives what failed, or nothing."""
    try:
        for level in ("municipality", "county"):
            boundaries(level, DIVISION, base_url=base_url)
    except HyteError as error:
        return str(error)
    return ""


def _code(text: str, known: set[str]) -> str:
    """The code of an area named; a near one is offered where it is none."""
    try:
        found = spelling.spelt(text)
    except HyteError as error:
        raise SourceError(str(error)) from error
    code = found.code if found else text
    code = places_of.successors(2013, DIVISION).get(code, code)
    if code not in known:
        near = ", ".join(f"{one} {places_of.name(one, 'fi')}" for one in places_of.near(text, DIVISION))
        raise SourceError(f"{text!r} is no area of {DIVISION}." + (f" Near: {near}." if near else ""))
    return code


def _judged(indicators: pd.DataFrame, one: Question) -> pd.DataFrame:
    """Metadata with the catalogue's direction and purpose, and no note that says they are unknown."""
    told = indicators.assign(favourable=one.favourable, purpose=one.purpose, theme=one.theme, licence=one.licence)
    notes = told["notes"].astype("object").map(lambda text: text.replace(_UNKNOWN, "").strip() if text else None)
    return told.assign(notes=notes.where(notes.astype(bool), None))


def _answer(asking: _Asking, one: Question) -> Fetched | str:
    """The figures of a question, or why there are none."""
    if not one.publishable:
        return f"licence: {one.licence}"
    try:
        return asking.of(one)
    except HyteError as error:
        return str(error)


def _compared(
    one: Question, answer: Fetched | str, earlier: Fetched | None, years: Sequence[int]
) -> tuple[Fetched | None, dict[str, object], pd.DataFrame]:
    """What is kept of an answer beside the earlier figures, how it is told, and its changes."""
    before = None if earlier is None else _of(earlier, one.id)
    row: dict[str, object] = {"indicator": one.id, "source": one.source, "table": one.table, "why": ""}
    nothing = pd.DataFrame(columns=[*KEYS, "change", "before", "after"])
    if isinstance(answer, str):
        state = "failed" if one.publishable else "licence"
        kept, row = before, row | {"state": state, "why": answer}
        return kept, row | _age(kept), nothing
    if before is None:
        fresh = answer.cells.dropna(subset="estimate")
        change = fresh[KEYS].assign(change="new", before=float("nan"), after=fresh["estimate"])
        return answer, row | {"state": "new"} | _age(answer), change
    asked = before.cells["period"].isin([str(year) for year in years])
    answer = answer._replace(cells=_stacked([before.cells[~asked], answer.cells]))
    both = before.cells[[*KEYS, "estimate"]].merge(
        answer.cells[[*KEYS, "estimate"]], on=KEYS, how="outer", suffixes=("_before", "_after")
    )
    both = both.rename(columns={"estimate_before": "before", "estimate_after": "after"})
    why = _contradiction(both, before.indicators, answer.indicators)
    differs = both["before"].ne(both["after"]) & both["after"].notna()
    both["change"] = both["before"].isna().map({True: "new", False: "revised"})
    if why:
        both["change"] = "held"
        return before, row | {"state": "held", "why": why} | _age(before), both.loc[differs, list(nothing)]
    state = "changed" if differs.any() else "same"
    return answer, row | {"state": state} | _age(answer), both.loc[differs, list(nothing)]


def _contradiction(both: pd.DataFrame, before: pd.DataFrame, after: pd.DataFrame) -> str:
    """Why an answer cannot follow the earlier figures; empty where it can."""
    gone = both["before"].notna() & both["after"].isna()
    if gone.any():
        return f"smaller: {gone.sum()} of {both['before'].notna().sum()} earlier numbers are gone"
    for name in _SAME:
        if before[name].iloc[0] != after[name].iloc[0]:
            return f"{name} changed from {before[name].iloc[0]} to {after[name].iloc[0]}"
    shared = both.dropna(subset=["before", "after"])
    far = (shared["after"] - shared["before"]).abs() > CONTRADICTS * shared["before"].abs()
    if len(shared) and far.mean() > MOST:
        return f"contradicts: {far.sum()} of {len(shared)} earlier numbers differ by more than {CONTRADICTS:.0%}"
    return ""


def _age(kept: Fetched | None) -> dict[str, object]:
    if kept is None:
        return {"newest": "", "cells": 0}
    shown = kept.cells.dropna(subset="estimate")
    return {"newest": shown["period"].max(), "cells": len(shown)}


def _of(earlier: Fetched, indicator: str) -> Fetched | None:
    cells = earlier.cells[earlier.cells["indicator"] == indicator]
    if cells.empty:
        return None
    return Fetched(cells, earlier.indicators[earlier.indicators["indicator"] == indicator], earlier.groups)


def _joined(kept: Sequence[Fetched]) -> Fetched:
    """Parts of many answers as one, each group once."""
    whole = [_stacked(frames) for frames in zip(*kept, strict=True)]
    return Fetched(whole[0], whole[1], whole[2].drop_duplicates(["dimension", "group"], ignore_index=True))


def _stacked(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Frames below each other; a part without rows, or a column empty in a part, does not decide the type."""
    filled = [frame.dropna(axis=1, how="all") for frame in frames if len(frame)]
    return pd.concat(filled, ignore_index=True)
