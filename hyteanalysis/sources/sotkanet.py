"""Sotkanet, THL's bank of indicators by area, year and sex: values, metadata, search, regions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pandas as pd

from hyteanalysis import areas as places_of
from hyteanalysis.cells import TOTAL, crossed, parts, reference_groups
from hyteanalysis.classification import overlapping
from hyteanalysis.errors import HyteError, SourceError, counted, one_of
from hyteanalysis.sources.fetched import Fetched
from hyteanalysis.sources.http import Ask, Body, Client, FailedError, NotFoundError, Reply, Service
from hyteanalysis.sources.sotkanet_metadata import CATEGORIES, LANGS, catalogue, kind_of, plain, read_regions, titled

_GENDERS = ("total", "female", "male")
SEXES = {"total": TOTAL, "female": "women", "male": "men"}
_COLUMNS = {"indicator": "INTEGER", "region": "INTEGER", "year": "INTEGER", "gender": "VARCHAR"}
_JSON = _COLUMNS | {"value": "DOUBLE", "absValue": "DOUBLE"}
_CSV = _COLUMNS | {"primary value": "DOUBLE", "absolute value": "DOUBLE"}
_NAMED = 12  # areas named in a note
SERVICE = Service("sotkanet", "https://sotkanet.fi/rest/1.1/")
_PATH = "/rest/1.1/"
_YEARS = 40  # in one request: an answer of all regions stays near 5 MB


def sotkanet(
    indicators: Iterable[int | str] | int | str,
    *,
    areas: str | Sequence[str] = "hva",
    years: Iterable[int] | int,
    genders: Sequence[str] = ("total", "female", "male"),
    families: bool = False,
    base_url: str | None = None,
    refresh: bool | float = False,
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
    refresh : bool or float
        Ask again for what is kept on disk; a time (seconds since 1970): for what is kept from before it.
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
    with _connected(base_url, refresh, stale, timeout) as client:
        regions = _regions(client)
        listing = _listing(client, wanted)
        asked = _asked(wanted, listing.value, families)
        here = _chosen(regions.value, areas)
        replies = list(_values(client, asked, wanted_years))
        families_asked = dict.fromkeys(listing.value.loc[asked, "family"])
        details = {family: _detail(client, family) for family in families_asked}
    values = pd.concat([reply.value for reply in replies], ignore_index=True)
    members = listing.value.loc[asked]
    rows = {family: _metadata(listing.value.loc[family], details[family], catalogue()) for family in details}
    for family, row in rows.items():
        within = values.loc[values["indicator"].isin(members.index[members["family"] == family]), "value"]
        _sober(row, within)
    kinds = {one: rows[members.at[one, "family"]]["kind"] for one in asked}
    made = _to_cells(values, members, here, regions.value, set(wanted_years), sexes, kinds)
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
    refresh: bool | float = False,
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
    with _connected(base_url, refresh, stale, timeout) as client:
        _regions(client)
        frame = _listing(client).value
    found = pd.Series(False, index=frame.index)
    for one in langs:
        titles = frame[f"title_{one}"].fillna("").str.casefold()
        found |= np.logical_and.reduce([titles.str.contains(word.casefold(), regex=False) for word in words.split()])
    columns = ["id", "title_fi", "title_sv", "title_en", "family", "dimension", "group", "producer"]
    return frame[found].reset_index()[columns]


def sotkanet_regions(
    *, base_url: str | None = None, refresh: bool | float = False, stale: bool = False, timeout: float | None = None
) -> pd.DataFrame:
    """Sotkanet's regions with our codes: ``area, parent, category, label_fi, label_sv, label_en``, one row a parent.

    Regions without an official code have an own id, such as ``erva-3``. Parameters and errors as for :func:`sotkanet`.
    """
    with _connected(base_url, refresh, stale, timeout) as client:
        return _hierarchy(_regions(client).value)


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
            near = "; ".join(_near_titles(listing, one))
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
    return _labels(sorted(set(single)))


def _connected(base_url: str | None, refresh: bool | float, stale: bool, timeout: float | None) -> Client:
    """A client of the service, or of another at its address."""
    return Client(SERVICE.at(base_url, timeout), refresh=refresh, stale=stale)


def _regions(client: Client) -> Reply[pd.DataFrame]:
    """The regions; an address without a path may stand for the service's usual one, where they then are."""
    try:
        return client.ask(Ask("regions"), read_regions, "a list of regions")
    except NotFoundError:
        if urlsplit(client.service.base_url).path.strip("/"):
            raise
        client.service = client.service.at(client.service.base_url.rstrip("/") + _PATH)
        return client.ask(Ask("regions"), read_regions, "a list of regions")


def _listing(client: Client, wanted: Sequence[str] = ()) -> Reply[pd.DataFrame]:
    """The list of indicators; where a service has only single ones, those ``wanted``."""
    try:
        return client.ask(Ask("indicators"), _read_indicators, "a list of indicators")
    except NotFoundError:
        if not wanted:
            raise
        single = [client.ask(_single(one), Body.json, "an indicator") for one in wanted]
        return Reply(titled([reply.value for reply in single]), single[0].answer)


def _values(client: Client, indicators: Sequence[int], years: Sequence[int]) -> Iterable[Reply[pd.DataFrame]]:
    """Answers of values, one indicator and at most 40 years each: JSON or, where there is no such path, CSV."""
    parts = [years[start : start + _YEARS] for start in range(0, len(years), _YEARS)]
    wanted = [(one, part) for one in indicators for part in parts]
    try:
        yield from _values_by(client, "json", wanted)
    except NotFoundError:
        yield from _values_by(client, "csv", wanted)


def _values_by(client: Client, path: str, wanted: Sequence[tuple[int, Sequence[int]]]) -> Iterable[Reply[pd.DataFrame]]:
    """All three genders, always: for some indicators the service answers nothing to `total` alone."""
    asks = [
        Ask(path, [("indicator", one), *(("years", year) for year in part), *(("genders", sex) for sex in SEXES)])
        for one, part in wanted
    ]
    replies = client.ask_all(asks, _read_values, "rows of values", "sotkanet")
    for (one, _), reply in zip(wanted, replies, strict=True):
        yield _own(path, one, reply)


def _own(path: str, wanted: int, reply: Reply[pd.DataFrame]) -> Reply[pd.DataFrame]:
    """The rows asked for; an answer that holds rows of other indicators only is another answer."""
    own = reply.value["indicator"] == wanted
    if len(own) and not own.any():
        raise SourceError(
            f"sotkanet {path}: expected rows of indicator {wanted}, got rows of {reply.value['indicator'].iloc[0]}."
        )
    return reply if own.all() else Reply(reply.value[own], reply.answer)


def _detail(client: Client, family: int) -> dict[str, object]:
    """What only the single indicator tells: update date, value type, description. Empty where there is none.

    The figures do not depend on it: where the service fails at it, ``failed`` is all that is told.
    """
    try:
        found = client.ask(_single(family), Body.json, "an indicator").value
    except NotFoundError:
        return {}
    except FailedError:
        return {"failed": True}
    return found if isinstance(found, dict) else {}


def _single(indicator: int | str) -> Ask:
    return Ask(f"indicators/{indicator}")


def _read_indicators(answer: Body) -> pd.DataFrame:
    """The answer to ``indicators``, as :func:`titled` makes it."""
    return titled(answer.items("id", "title"))


def _near_titles(frame: pd.DataFrame, text: str) -> list[str]:
    """At most three indicators whose id or title is like a text, as ``id title``."""
    if text.isdigit():
        ids = sorted(frame.index, key=lambda one: (abs(one - int(text)), one))[:3]
    else:
        titles = {str(row.title_fi).lower(): index for index, row in frame.iterrows()}
        words = [title for title in titles if text.lower() in title]
        ids = [titles[title] for title in (words or get_close_matches(text.lower(), titles, n=3, cutoff=0.4))[:3]]
    return [f"{one} {frame.at[one, 'title_fi']}" for one in ids]


def _metadata(titles: "pd.Series[Any]", detail: dict[str, Any], catalogue: pd.DataFrame) -> dict[str, Any]:
    """One row of indicator metadata, of what the service says and what the catalogue knows of its direction."""
    kind, scale, unit = kind_of(titles["title_fi"] or "", (detail.get("primaryValueType") or {}).get("code"))
    producer = plain(((detail.get("organization") or {}).get("title") or {}).get("fi")) or titles["producer"]
    own = producer is None or "THL" in producer
    row: dict[str, Any] = {
        "indicator": f"sotkanet-{titles['family']}",
        **{f"title_{lang}": titles[f"title_{lang}"] for lang in LANGS},
        "unit": unit,
        "kind": kind,
        "scale": scale,
        "favourable": False,
        "lower_bound": None,
        "upper_bound": None,
        "purpose": None,
        "source": "THL, Sotkanet.fi" if own else f"{producer}, through THL, Sotkanet.fi",
        "licence": "CC BY 4.0" if own else f"the producer's own terms ({producer}); metadata CC BY 4.0",
        "updated": detail.get("data-updated"),
        "notes": [],
        **{f"description_{lang}": plain((detail.get("description") or {}).get(lang)) for lang in LANGS},
    }
    if detail.get("failed"):
        row["notes"].append("Its date of update and description are lacking: the service failed at them (HTTP 500).")
    known = catalogue[catalogue["indicator"] == row["indicator"]]
    if len(known):
        row |= {"favourable": bool(known["favourable"].iloc[0]), "purpose": known["purpose"].iloc[0]}
    else:
        row["notes"].append("Whether a high value is good is not known here: taken as adverse (favourable = false).")
    return row


def _labels(groups: Iterable[tuple[str, str]]) -> pd.DataFrame:
    """Group metadata of the dimensions and groups named, ages that the reference lacks labelled likewise."""
    known = reference_groups()
    asked = pd.DataFrame(list(dict.fromkeys(groups)), columns=["dimension", "group"])
    dimensions = [("dimension", one) for one in dict.fromkeys(asked["dimension"])]
    wanted = pd.concat([asked, pd.DataFrame(dimensions, columns=["dimension", "group"])], ignore_index=True)
    frame = wanted.merge(known, on=["dimension", "group"], how="left", validate="one_to_one")
    unnamed = frame["label_fi"].isna() & (frame["dimension"] == "age")
    for index in frame.index[unnamed]:
        age = str(frame.at[index, "group"])
        frame.loc[index, ["label_fi", "label_sv", "label_en"]] = (
            [f"{age[:-1]} vuotta täyttäneet", f"{age[:-1]} år fyllda", f"aged {age[:-1]} and over"]
            if age.endswith("+")
            else [
                f"{age.replace('-', '–')}-vuotiaat",
                f"{age.replace('-', '–')}-åringar",
                f"aged {age.replace('-', '–')}",
            ]
        )
    return frame


def _chosen(regions: pd.DataFrame, wanted: str | Sequence[str]) -> pd.DataFrame:
    """The regions of the categories and areas named.

    Raises SourceError naming near areas where one is neither a category nor an area of the service.
    """
    keep = pd.Series(False, index=regions.index)
    for one in [wanted] if isinstance(wanted, str) else wanted:
        found = regions["category"].eq(CATEGORIES.get(one.lower(), "")) | regions["area"].eq(one)
        if not found.any() and one.lower() in CATEGORIES:
            raise SourceError(f"The service lists no region of category {CATEGORIES[one.lower()]}.")
        if not found.any():
            _refuse(one, regions)
        keep |= found
    return regions[keep]


def _refuse(one: str, regions: pd.DataFrame) -> None:
    if get_close_matches(one.lower(), CATEGORIES, cutoff=0.75):
        one_of(one, CATEGORIES, "areas", SourceError)
    try:
        near = [f"{code} {places_of.name(code, 'fi')}" for code in places_of.near(one)]
        places_of.level(one)
    except HyteError as error:
        raise SourceError(str(error)) from error
    if near:
        raise SourceError(
            f"{one!r} is neither an area of the service nor one of {', '.join(CATEGORIES)}. Near: {', '.join(near)}."
        )
    one_of(one, [*CATEGORIES, *regions["area"]], "areas", SourceError)


def _hierarchy(regions: pd.DataFrame) -> pd.DataFrame:
    """``area, parent, category, label_fi, label_sv, label_en``: one row a parent, as a release keeps areas."""
    lines = regions[regions["listed"] & ~regions["former"]].explode("member_of").rename(columns={"member_of": "parent"})
    lines["parent"] = lines["parent"].map(regions["area"])
    columns = ["area", "parent", "category", "label_fi", "label_sv", "label_en"]
    return lines[columns].drop_duplicates().reset_index(drop=True)


def _read_values(answer: Body) -> pd.DataFrame:
    """An answer of values, JSON or CSV: ``indicator, region, year, gender, value, absolute``.

    Gender is 0 for total, 1 for female, 2 for male.

    Raises ValueError for a body that is broken or not finished, SourceError for rows of another form.
    """
    import duckdb

    start, end = _ends(answer)
    if start.startswith(b"indicator;"):
        if not end.endswith(b"\n"):
            raise ValueError("the last row is not finished")
        form = f"read_csv(?, delim=';', header=true, columns={_CSV}, auto_detect=false, nullstr='')"
        numbers = '"primary value", "absolute value"'
    else:
        if not (start.startswith(b"[") and end.rstrip().endswith(b"]")):
            raise ValueError("no whole JSON list")
        form, numbers = f"read_json(?, format='array', columns={_JSON})", "value, absValue"
    gender = "CASE gender " + " ".join(f"WHEN '{name}' THEN {i}" for i, name in enumerate(_GENDERS)) + " END"
    query = f'SELECT indicator, region, "year", ({gender})::TINYINT, {numbers} FROM {form}'
    try:
        with duckdb.connect(config={"memory_limit": "700MB"}) as engine:
            engine.execute("SET enable_progress_bar = false")
            table = engine.execute(query, [str(answer.file)]).fetchnumpy()
    except duckdb.Error as error:
        raise ValueError(str(error).split("\n")[0][:160].replace(str(answer.file), "the answer")) from error
    names = ["indicator", "region", "year", "gender", "value", "absolute"]
    columns = dict(zip(names, table.values(), strict=True))
    for name in names[:4]:
        if np.ma.is_masked(columns[name]):
            raise SourceError(
                f"got {answer.told()}: a row lacks {name!r}. Rows must have indicator, region, year, "
                f"gender ({', '.join(_GENDERS)}), value and absValue; the service may have changed."
            )
    numbers_filled = {name: np.ma.filled(columns[name].astype("float64"), np.nan) for name in names[4:]}
    whole = {name: np.ma.getdata(columns[name]) for name in names[:4]}
    return pd.DataFrame(whole | numbers_filled)


def _ends(answer: Body) -> tuple[bytes, bytes]:
    with answer.file.open("rb") as body:
        start = body.read(256).removeprefix(b"\xef\xbb\xbf").lstrip()
        body.seek(0, 2)
        body.seek(max(0, body.tell() - 256))
        return start, body.read()


@dataclass(frozen=True)
class Remarked:
    """Tidy cells of some indicators, and what must be said of each indicator."""

    cells: pd.DataFrame
    notes: dict[int, list[str]]


def _to_cells(
    values: pd.DataFrame, members: pd.DataFrame, regions: pd.DataFrame, listed: pd.DataFrame,
    years: set[int], genders: list[str], kinds: dict[int, str],
) -> Remarked:  # fmt: skip
    """Values as tidy cells.

    ``members``: ``family, dimension, group, order`` by indicator id; ``regions``: the chosen regions by id; ``listed``:
    all regions the service lists; ``kinds``: the kind of number by indicator id. Rows that came twice are kept once,
    two values for one cell are refused, regions that the service does not list are left out; all three are said.
    """
    notes: dict[int, list[str]] = {int(one): [] for one in members.index}
    values = values[values["year"].isin(list(years)) & values["gender"].isin([_GENDERS.index(one) for one in genders])]
    unlisted = ~values["region"].isin(listed.index)
    for one, rows in values[unlisted].groupby("indicator")["region"]:
        ids = sorted(rows.unique())
        shown = ", ".join(map(str, ids[:10])) + (" …" if len(ids) > 10 else "")
        notes[int(one)].append(
            f"Left out: {counted(len(rows), 'row')} of {counted(len(ids), 'region id')} "
            f"that the service does not list ({shown})."
        )
    values = values[~unlisted & values["region"].isin(regions.index)]
    codes = pd.Index(regions["area"].unique()).sort_values()
    place = pd.Series(codes.get_indexer(regions["area"]), index=regions.index)
    former = regions.index[regions["former"]]
    frame = values.assign(
        place=place.reindex(values["region"]).to_numpy(), former=values["region"].isin(former).to_numpy()
    )
    order = np.lexsort([frame[name].to_numpy() for name in ("former", "gender", "year", "place", "indicator")])
    frame = frame.iloc[order].reset_index(drop=True)
    frame = _once(frame, codes, notes)
    return Remarked(_tidy(frame, members, codes, kinds), notes)


def _once(frame: pd.DataFrame, codes: pd.Index, notes: dict[int, list[str]]) -> pd.DataFrame:
    """One row a cell. A county's row under its present id stands before the one under its former id."""
    key = ["indicator", "place", "year", "gender"]
    again = np.zeros(len(frame), dtype=bool)
    if len(frame) > 1:
        again[1:] = np.logical_and.reduce([np.diff(frame[name].to_numpy()) == 0 for name in key])
    if not again.any():
        return frame
    rows = np.flatnonzero(again)
    for name in ("value", "absolute"):
        left, right = frame[name].to_numpy()[rows - 1], frame[name].to_numpy()[rows]
        differ = ~((left == right) | (np.isnan(left) & np.isnan(right))) & ~frame["former"].to_numpy()[rows]
        if differ.any():
            row = frame.iloc[rows[differ][0]]
            raise SourceError(
                f"sotkanet indicator {int(row['indicator'])}: two values for {codes[int(row['place'])]} "
                f"{int(row['year'])} {_GENDERS[int(row['gender'])]}: {left[differ][0]:g} and {right[differ][0]:g}. "
                "Expected one; repeat with refresh=True (--refresh), and tell the service if it stays."
            )
    for one, count in frame.loc[again, "indicator"].value_counts().sort_index().items():
        notes[int(one)].append(f"{counted(count, 'row that came twice is', 'rows that came twice are')} kept once.")
    return frame[~again].reset_index(drop=True)


def _tidy(frame: pd.DataFrame, members: pd.DataFrame, codes: pd.Index, kinds: dict[int, str]) -> pd.DataFrame:
    """Keys as text, taken from the few there are of each."""
    ids = members.index.to_numpy()
    member = members.index.get_indexer(frame["indicator"])
    setting = member * len(_GENDERS) + frame["gender"].to_numpy()  # a member's cut and the sex
    cuts = [_cut(members.loc[one], gender) for one in ids for gender in _GENDERS]
    years = pd.Index(frame["year"].unique()).sort_values()
    kind = np.array([kinds[int(one)] for one in ids])[member]
    value, absolute = frame["value"].to_numpy(), frame["absolute"].to_numpy()
    counted = np.isin(kind, ["proportion", "rate", "count"])
    events = np.where(counted, absolute, np.nan)
    events = np.where((kind == "count") & np.isnan(events), value, events)
    missing = np.isnan(value)
    cells = pd.DataFrame(
        {
            "indicator": _take([f"sotkanet-{members.at[one, 'family']}" for one in ids], member),
            "area": _take(list(codes), frame["place"].to_numpy()),
            "period": _take([str(year) for year in years], years.get_indexer(frame["year"])),
            "dimension": _take([one[0] for one in cuts], setting),
            "group": _take([one[1] for one in cuts], setting),
            "order": pd.array([one[2] for one in cuts], dtype="Int64").take(setting),
            "estimate": value,
            "events": np.where(missing, np.nan, events),
            "status": _take(["ok", "missing"], missing.astype("int8")),
        }
    )
    return cells


def _cut(member: "pd.Series[Any]", gender: str) -> tuple[str, str, int | None]:
    """Dimension, group and order of one indicator and sex."""
    named = {} if member["dimension"] == TOTAL else {member["dimension"]: member["group"]}
    named |= {} if gender == "total" else {"sex": SEXES[gender]}
    order = None if gender != "total" or not named or pd.isna(member["order"]) else int(member["order"])
    return *crossed(named), order


def _take(words: list[str], codes: np.ndarray) -> Any:
    return pd.array(words if words else [""], dtype="str").take(codes)
