"""Eurostat: tables by population group of Finland, and of the European Union beside it, from its JSON-stat service."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from hyteanalysis.cells import GROUP_COLUMNS, crossed, reference_groups
from hyteanalysis.classification import band, partition
from hyteanalysis.errors import SourceError, one_of
from hyteanalysis.sources.fetched import Fetched
from hyteanalysis.sources.http import Ask, Body, Client, NotFoundError, Service
from hyteanalysis.sources.jsonstat import labels, read_jsonstat

SERVICE = Service(
    "eurostat", "https://ec.europa.eu/eurostat/api/dissemination/statistics/1.0/", calls=10, per=10.0, timeout=75.0
)
COUNTRY, UNION = "FI", "EU27_2020"
_GEO, _TIME, _UNIT, _FREQUENCY = "geo", "time", "unit", "freq"
DIMENSIONS = {
    **{"sex": "sex", "age": "age", "isced11": "education", "quant_inc": "income", "quantile": "income"},
    **{"citizen": "citizenship", "c_birth": "country_of_birth", "lev_limit": "disability"},
}
_BORN = {"NAT": "native", "EU27_2020_FOR": "other_eu", "NEU27_2020_FOR": "non_eu"}
_GROUPS = {  # ours by Eurostat's code; others of the dimension hold these or are held by them
    "sex": {"F": "women", "M": "men"},
    "education": {"ED0-2": "low", "ED3_4": "mid", "ED5-8": "high"},
    "income": {**{f"QU{i}": f"q{i}" for i in range(1, 6)}, **{f"QUINTILE{i}": f"q{i}" for i in range(1, 6)}},
    "citizenship": {**_BORN, "NAT": "finnish"},
    "country_of_birth": _BORN,
    "disability": {"SM_SEV": "with", "NONE": "without"},
}
_KINDS = {"PC": ("proportion", 100.0, "%"), "YR": ("mean", 1.0, "years"), "AVG": ("mean", 1.0, "mean")}
_FLAGS = {"u": "uncertain", "c": "suppressed"}  # low reliability, confidential


def eurostat(
    table: str,
    *,
    by: str | Sequence[str] = (),
    geo: str | Sequence[str] = (COUNTRY, UNION),
    years: Iterable[int] | int | None = None,
    where: Mapping[str, str] | None = None,
    favourable: bool = False,
    base_url: str | None = None,
    refresh: bool | float = False,
    stale: bool = False,
    timeout: float | None = None,
) -> Fetched:
    """A table of Eurostat as tidy cells, by education, income fifth, citizenship, country of birth, disability …

    Answers: *how large is the gap in Finland by this grouping, and in the Union?*

    Parameters
    ----------
    table : str
        Code of the table, such as ``"hlth_silc_14"``.
    by : str or list of str
        Dimensions whose values become groups, by Eurostat's id (``isced11``) or ours (``education``). Their total
        comes along; every other dimension is taken at its total.
    geo : str or list of str
        Countries and unions by Eurostat's code. Finland becomes ``SSS``, others keep their code as own areas.
    years : int or iterable of int, optional
        None: all.
    where : mapping, optional
        A code for dimensions that are to be taken at it, such as ``{"unit": "PC", "reason": "TOOEFW"}``.
    favourable : bool
        Whether a high value is good.
    base_url, refresh, stale, timeout
        As for :func:`~hyteanalysis.sources.sotkanet`.

    Returns
    -------
    Fetched
        ``status`` is ``uncertain`` where Eurostat marks low reliability and ``suppressed`` where it marks
        confidentiality. The tables give no limits. ``indicators["notes"]`` names values that were left out since they
        hold other groups, and breaks in the series.

    Raises
    ------
    SourceError
        An unknown table, dimension, code or year; a dimension without a total that neither ``by`` nor ``where``
        names; a service that does not answer, or otherwise than expected.

    Notes
    -----
    Source: Eurostat, reuse with the source named (CC BY 4.0).

    Examples
    --------
    >>> import hyteanalysis as hyte
    >>> hyte.sources.eurostat("hlth_silc_14", by="education", where={"reason": "TOOEFW"})  # doctest: +SKIP
    """
    code, where = table.strip().lower(), dict(where or {})
    places = [geo] if isinstance(geo, str) else list(geo)
    asked = [("format", "JSON"), ("lang", "EN"), *((_GEO, place) for place in places), *where.items()]
    with Client(SERVICE.at(base_url, timeout), refresh=refresh, stale=stale) as client:
        try:
            reply = client.ask(Ask(f"data/{code}", asked), _read, "a table in JSON-stat")
        except NotFoundError as error:
            raise SourceError(f"{error} Check the table's code {code!r} and the codes of where= and geo=.") from error
    long, names, told = reply.value
    dimensions = {_found(names, one): DIMENSIONS.get(_found(names, one), one) for one in _words(by)}
    long, notes = _narrowed(long, names, dimensions, where)
    long = _of_years(long, years)
    if long["value"].notna().sum() == 0:
        raise SourceError(f"eurostat {code}: nothing is published of what was asked.")
    if (long["mark"] == "b").any():
        notes.append(f"Break in the series: {', '.join(sorted(long.loc[long['mark'] == 'b', _TIME].unique()))}.")
    cells = _cells(long, names, dimensions, code)
    kind, scale, unit = _KINDS.get(long[_UNIT].iloc[0] if _UNIT in long else "", ("index", 1.0, "index"))
    about = {"indicator": f"eurostat-{code}", "title_en": told["label"], "unit": unit, "kind": kind, "scale": scale}
    about |= {"favourable": favourable, "source": f"Eurostat, {code}", "licence": "CC BY 4.0"}
    notes += filter(None, [reply.remark()])
    indicators = pd.DataFrame([about | {"updated": told["updated"], "notes": " ".join(notes) or None}])
    return Fetched(cells, indicators, _groups(names, dimensions))


def _words(by: str | Sequence[str]) -> list[str]:
    return [by] if isinstance(by, str) else list(by)


def _read(answer: Body) -> tuple[pd.DataFrame, dict[str, dict[str, str]], dict[str, str]]:
    """Values with Eurostat's marks, names of codes by dimension, title and day of update."""
    given = answer.json()
    if not isinstance(given, dict) or "dimension" not in given:
        raise SourceError(f"got {answer.told()}: no table. A large one is made later by the service: ask for less.")
    names = labels(given)
    if lacking := {_GEO, _TIME} - set(names):
        raise SourceError(f"got a table without {', '.join(sorted(lacking))}; it has {', '.join(names)}.")
    marks = given.get("status") or {}
    long = read_jsonstat({**given, "status": {}})
    long["mark"] = [str(marks.get(str(place), "")) for place in range(len(long))]
    return long, names, {"label": str(given.get("label", "")), "updated": str(given.get("updated", ""))[:10]}


def _found(names: Mapping[str, Any], wanted: str) -> str:
    """Eurostat's id of a dimension that is named by it or by ours."""
    if wanted in names:
        return wanted
    ours = {DIMENSIONS[name]: name for name in names if name in DIMENSIONS}
    return ours[one_of(wanted, ours, "by", SourceError)]


def _total(values: Mapping[str, str]) -> str | None:
    for code in ("T", "TOTAL", "TOT"):
        if code in values:
            return code
    return next(iter(values)) if len(values) == 1 else partition(_read_codes(values)).total


def _read_codes(values: Mapping[str, str]) -> dict[str, str]:
    """Names of codes; ages by their codes, which are plainer: ``Y16-64`` is "From 16 to 64 years"."""
    return {code: age.id if (age := band(code)) is not None else said for code, said in values.items()}


def _narrowed(
    long: pd.DataFrame, names: Mapping[str, Mapping[str, str]], dimensions: Mapping[str, str], where: Mapping[str, str]
) -> tuple[pd.DataFrame, list[str]]:
    """Rows of the groups asked for, at the total of all else; and what was left out."""
    notes = []
    for name in where:
        one_of(name, names, "where", SourceError)
    for name, values in names.items():
        if name in (_GEO, _TIME, _FREQUENCY):
            continue
        total = _total(values)
        if name in where:
            keep = [one_of(where[name], values, f"a code of {name!r}", SourceError)]
        elif name in dimensions:
            groups = _named(name, dimensions[name], values)
            keep = [*groups, *([total] if total is not None and total not in groups else [])]
            left = [f"{values[code]} ({code})" for code in values if code not in keep]
            if left:
                notes.append(f"Of {name} left out, since they hold other groups or are held: {', '.join(left)}.")
        elif total is not None:
            keep = [total]
        else:
            shown = ", ".join(f"{code} {said}" for code, said in list(values.items())[:6])
            raise SourceError(f"{name!r} has no total: take it with by=, or a code of it with where=. Codes: {shown} …")
        long = long[long[name].isin(keep)]
    return long.reset_index(drop=True), notes


def _named(name: str, dimension: str, values: Mapping[str, str]) -> dict[str, str]:
    """Our groups by Eurostat's code: the common ones, else a partition of the dimension's values."""
    known = {code: group for code, group in _GROUPS.get(dimension, {}).items() if code in values}
    if known:
        return known
    whole, said = _total(values), _read_codes(values)
    found = partition({code: words for code, words in said.items() if code != whole}).groups
    return {code: said[code] if band(said[code]) is not None else re.sub(r"\W+", "_", code.lower()) for code in found}


def _of_years(long: pd.DataFrame, years: Iterable[int] | int | None) -> pd.DataFrame:
    if years is None:
        return long
    wanted = {str(one) for one in ([years] if isinstance(years, int) else years)}
    found = long[long[_TIME].str[:4].isin(wanted)]
    if lacking := sorted(wanted - set(found[_TIME].str[:4])):
        there = sorted(long[_TIME].unique())
        raise SourceError(f"the table has no {', '.join(lacking)}: it reaches from {there[0]} to {there[-1]}.")
    return found.reset_index(drop=True)


def _cells(
    long: pd.DataFrame, names: Mapping[str, Mapping[str, str]], dimensions: Mapping[str, str], code: str
) -> pd.DataFrame:
    groups = {name: _named(name, ours, names[name]) for name, ours in dimensions.items()}
    cut = [
        crossed({dimensions[name]: groups[name][row[name]] for name in dimensions if row[name] in groups[name]})
        for row in long[list(dimensions)].to_dict("records")
    ]
    if not dimensions:
        cut = [crossed({})] * len(long)
    cells = pd.DataFrame(cut, columns=["dimension", "group"], index=long.index)
    cells["indicator"], cells["period"] = f"eurostat-{code}", long[_TIME]
    cells["area"] = long[_GEO].mask(long[_GEO] == COUNTRY, "SSS")
    cells["estimate"] = long["value"]
    known = reference_groups().set_index(["dimension", "group"])["order"]
    cells["order"] = pd.array([known.get(pair, pd.NA) for pair in cut], dtype="Int64")
    status = long["mark"].map(lambda mark: next((_FLAGS[one] for one in mark if one in _FLAGS), "ok"))
    cells["status"] = np.where(long["value"].isna() & (status != "suppressed"), "missing", status)
    cells.loc[cells["status"] == "suppressed", "estimate"] = np.nan
    columns = ["indicator", "area", "period", "dimension", "group"]
    return cells[[*columns, "order", "estimate", "status"]].sort_values(columns, kind="stable", ignore_index=True)


def _groups(names: Mapping[str, Mapping[str, str]], dimensions: Mapping[str, str]) -> pd.DataFrame:
    """Labels of the groups, as Eurostat says them where we have none."""
    rows: list[dict[str, Any]] = []
    known = reference_groups().set_index(["dimension", "group"])
    for name, ours in dimensions.items():
        for code, group in _named(name, ours, names[name]).items():
            there = (ours, group) in known.index
            labelled = known.loc[(ours, group)].to_dict() if there else {"label_en": names[name][code]}
            rows.append({"dimension": ours, "group": group, **labelled})
    return pd.DataFrame(rows, columns=GROUP_COLUMNS)
