"""Sotkanet, THL's bank of indicators by area, year and sex: values, metadata, search, regions."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from hyteanalysis.cells import TOTAL, parts
from hyteanalysis.errors import SourceError, one_of
from hyteanalysis.sources import sotkanet_requests as requests
from hyteanalysis.sources.catalogue import catalogue
from hyteanalysis.sources.fetched import Fetched
from hyteanalysis.sources.sotkanet_indicators import labels, metadata, near_titles, overlapping
from hyteanalysis.sources.sotkanet_regions import chosen, hierarchy
from hyteanalysis.sources.sotkanet_values import SEXES, to_cells

_NAMED = 12  # areas named in a note


def sotkanet(
    indicators: Iterable[int | str] | int | str,
    *,
    areas: str | Sequence[str] = "hva",
    years: Iterable[int] | int,
    genders: Sequence[str] = ("total", "female", "male"),
    families: bool = False,
    base_url: str | None = None,
    refresh: bool = False,
    stale: bool = False,
    timeout: float | None = None,
) -> Fetched:
    """Indicators of THL's Sotkanet as tidy cells.

    Answers: *what are the official figures of these areas, by sex, and by education and age where they are published?*

    Parameters
    ----------
    indicators : ids
        Sotkanet's numbers (``4404`` or ``"sotkanet-4404"``). Indicators whose Finnish titles differ only by education
        or age are one family: they become one indicator, named by the one of everybody, with dimension ``education``
        (ordered, 1 = low) or ``age``.
    areas : str or list of str
        Categories (``kunta, hva, maakunta, seutukunta, yta, maa`` …, or ``municipality, county, region`` …) and area
        codes (``KU285``, ``HVA10``).
    years : int or iterable of int
        Years, such as ``range(2015, 2025)``.
    genders : sequence of {"total", "female", "male"}
        Which to keep; with sexes the cells have dimension ``sex`` (or ``education × sex`` …) too.
    families : bool
        Fetch every member of the indicators' families, not only those named.
    base_url : str, optional
        Another address of the service.
    refresh : bool
        Ask again for what is kept on disk.
    stale : bool
        Use a kept answer of any age where the service fails; ``notes`` then says how old it is.
    timeout : float, optional
        Seconds without a byte before a request is given up and tried again.

    Returns
    -------
    Fetched
        ``cells`` (``events`` is the numerator where Sotkanet gives one), ``indicators``, ``groups``. A null is a row of
        status ``missing``; a row that Sotkanet does not have is not published. ``indicators["notes"]`` says what was
        left out, kept once, or is lacking. ``favourable`` is known for the indicators of :func:`catalogue`; for others
        it is false and ``notes`` says so.

    Raises
    ------
    SourceError
        An unknown indicator or area, with near ones; nothing published for what was asked; a service that does not
        answer or answers something else, with the URL's path, what was expected and what came.

    Notes
    -----
    Populations are not among Sotkanet's values: fetch indicator 127 for them. Group data hardly exist by municipality.
    Age groups of one family may overlap; ``notes`` names them. Source and licence are in ``indicators``: other
    producers' figures follow their own terms.

    Examples
    --------
    >>> import hyteanalysis as hyte
    >>> cells, indicators, groups = hyte.sources.sotkanet([4404, 4408, 4409, 4410], years=2014)  # doctest: +SKIP
    """
    wanted, wanted_years = _ids(indicators), _years(years)
    sexes = [one_of(one, list(SEXES), "gender", SourceError) for one in genders]
    if not sexes:
        raise SourceError(f"genders is empty; name some of {', '.join(SEXES)}.")
    with requests.connected(base_url, refresh, stale, timeout) as client:
        regions = requests.regions(client)
        listing = requests.listing(client, wanted)
        asked = _asked(wanted, listing.value, families)
        here = chosen(regions.value, areas)
        replies = list(requests.values(client, asked, wanted_years))
        families_asked = dict.fromkeys(listing.value.loc[asked, "family"])
        details = {family: requests.detail(client, family) for family in families_asked}
    values = pd.concat([reply.value for reply in replies], ignore_index=True)
    members = listing.value.loc[asked]
    rows = {family: metadata(listing.value.loc[family], details[family], catalogue()) for family in details}
    for family, row in rows.items():
        within = values.loc[values["indicator"].isin(members.index[members["family"] == family]), "value"]
        _sober(row, within)
    kinds = {one: rows[members.at[one, "family"]]["kind"] for one in asked}
    made = to_cells(values, members, here, regions.value, set(wanted_years), sexes, kinds)
    for one, said in made.notes.items():
        rows[members.at[one, "family"]]["notes"] += said
    remarks = list(dict.fromkeys(filter(None, (reply.remark() for reply in [regions, listing, *replies]))))
    for row in rows.values():
        row["notes"] += [*_lacking(row, made.cells, here, wanted_years, members), *remarks]
    if made.cells.empty:
        told = " ".join(note for row in rows.values() for note in row["notes"])
        raise SourceError(f"sotkanet: nothing is published of what was asked. {told}")
    frame = pd.DataFrame([row | {"notes": " ".join(dict.fromkeys(row["notes"])) or None} for row in rows.values()])
    return Fetched(made.cells, frame.astype({"scale": "float64"}), _groups(made.cells))


def search_sotkanet(
    words: str,
    *,
    lang: str | None = None,
    base_url: str | None = None,
    refresh: bool = False,
    stale: bool = False,
    timeout: float | None = None,
) -> pd.DataFrame:
    """Indicators of Sotkanet whose title holds all the words.

    Parameters
    ----------
    words : str
        Words or their beginnings in Finnish, Swedish or English.
    lang : {"fi", "sv", "en"}, optional
        Look in the titles of this language only.
    base_url, refresh, stale, timeout
        As for :func:`sotkanet`.

    Returns
    -------
    DataFrame
        ``id, title_fi, title_sv, title_en, family, dimension, group, producer``; no rows where nothing was found.

    Raises
    ------
    SourceError
        No words, an unknown language, or a service that does not answer.
    """
    if not words.split():
        raise SourceError("Give a word to look for.")
    langs = ["fi", "sv", "en"] if lang is None else [one_of(lang, ["fi", "sv", "en"], "language", SourceError)]
    with requests.connected(base_url, refresh, stale, timeout) as client:
        requests.regions(client)
        frame = requests.listing(client).value
    found = pd.Series(False, index=frame.index)
    for one in langs:
        titles = frame[f"title_{one}"].fillna("").str.casefold()
        found |= np.logical_and.reduce([titles.str.contains(word.casefold(), regex=False) for word in words.split()])
    columns = ["id", "title_fi", "title_sv", "title_en", "family", "dimension", "group", "producer"]
    return frame[found].reset_index()[columns]


def sotkanet_regions(
    *, base_url: str | None = None, refresh: bool = False, stale: bool = False, timeout: float | None = None
) -> pd.DataFrame:
    """Sotkanet's regions with our codes: ``area, parent, category, label_fi, label_sv, label_en``, one row a parent.

    Regions without an official code have an own id, such as ``erva-3``. Parameters and errors as for :func:`sotkanet`.
    """
    with requests.connected(base_url, refresh, stale, timeout) as client:
        return hierarchy(requests.regions(client).value)


def _ids(wanted: Iterable[int | str] | int | str) -> list[str]:
    listed = [wanted] if isinstance(wanted, (int, str)) else list(wanted)
    if not listed:
        raise SourceError("Name at least one indicator, such as 4404.")
    return list(dict.fromkeys(str(one).strip().removeprefix("sotkanet-") for one in listed))


def _asked(wanted: Sequence[str], listing: pd.DataFrame, families: bool) -> list[int]:
    """Ids to ask for, in ascending order."""
    ids = []
    for one in wanted:
        if not one.isdigit() or int(one) not in listing.index:
            near = "; ".join(near_titles(listing, one))
            hint = f" Near: {near}." if near else ""
            raise SourceError(f"sotkanet has no indicator {one!r}.{hint} Look for others with search_sotkanet(words).")
        ids.append(int(one))
    if families:
        ids = list(listing.index[listing["family"].isin(listing.loc[ids, "family"])])
    return sorted({int(one) for one in ids})


def _years(years: Iterable[int] | int) -> list[int]:
    found = sorted({int(one) for one in ([years] if isinstance(years, (int, np.integer)) else years)})
    if not found:
        raise SourceError("Name at least one year.")
    return found


def _sober(row: dict[str, object], values: "pd.Series[float]") -> None:
    """What the values themselves say against the kind read off title and value type."""
    notes = row["notes"]
    assert isinstance(notes, list)
    if row["kind"] == "proportion" and ((values < 0) | (values > 100)).any():
        notes.append("Values lie outside 0–100: not a share of people, so taken as an index.")
        row |= {"kind": "index", "scale": 1}
    elif row["kind"] in ("rate", "count") and (values < 0).any():
        notes.append("Values are negative: not a count of people, so taken as an index.")
        row |= {"kind": "index", "scale": 1}
    if row["kind"] in ("mean", "index"):
        notes.append("Sotkanet's absolute values of it are no counts of people and are not kept.")


def _lacking(
    row: dict[str, object], cells: pd.DataFrame, here: pd.DataFrame, years: list[int], members: pd.DataFrame
) -> list[str]:
    """Areas and years asked for without a row, and age groups that share people."""
    own = cells.loc[cells["indicator"] == row["indicator"], ["area", "period"]]
    said = []
    wanted = sorted(set(here.loc[here["listed"] & ~here["former"], "area"]))
    absent = sorted(set(wanted) - set(own["area"].unique()))
    if absent:
        shown = ", ".join(absent[:_NAMED]) + (" …" if len(absent) > _NAMED else "")
        said.append(f"Nothing published for {len(absent)} of {len(wanted)} areas: {shown}.")
    published = set(own["period"].unique())
    unpublished = [str(year) for year in years if str(year) not in published]
    if unpublished:
        said.append(f"Nothing published for {', '.join(unpublished)}.")
    ages = members.loc[
        (members["dimension"] == "age") & (row["indicator"] == "sotkanet-" + members["family"].astype("str")), "group"
    ]
    if shared := overlapping(ages):
        said.append(f"Age groups overlap: {', '.join(shared)}. Choose before comparing.")
    return said


def _groups(cells: pd.DataFrame) -> pd.DataFrame:
    """Labels of every group in the cells, those of crossed dimensions part by part."""
    pairs = cells.loc[cells["dimension"] != TOTAL, ["dimension", "group"]].drop_duplicates()
    single = [
        pair
        for dimension, group in pairs.itertuples(index=False)
        for pair in zip(parts(dimension), parts(group), strict=True)
    ]
    return labels(sorted(set(single)))
