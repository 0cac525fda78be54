"""Statistics Finland's PxWeb: queries made from a table's own metadata, split under the service's limits."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache, cached_property
from typing import Any

import pandas as pd

from hyteanalysis import areas as places_of
from hyteanalysis.cells import GROUP_COLUMNS, TOTAL, crossed, reference_groups
from hyteanalysis.classification import Partition, band, is_total, partition
from hyteanalysis.errors import HyteError, SourceError, one_of
from hyteanalysis.sources.fetched import Fetched
from hyteanalysis.sources.http import Ask, Body, Client, NotFoundError, Reply, Service
from hyteanalysis.sources.jsonstat import read_jsonstat

_AREA = re.compile(
    r"^(alue|kunta|maakunta|hyvinvointialue|seutukunta|postinumero|koko maa|område|region|kommun|area|munic|postal"
    r"|vaalipiiri|valkrets|constituenc)",
    re.I,
)
_TIME = re.compile(r"^(timeperiod|vuosi|vuosineljännes|kuukausi|år|kvartal|månad|year|quarter|month)", re.I)
_CONTENTS = re.compile(r"^(contentscode|tiedot|uppgifter|information|content)", re.I)
_DIMENSIONS = {
    "sex": re.compile(r"^(sukupuoli|kön|sex|gender)", re.I),
    "age": re.compile(r"^(ikä|ålder|age)", re.I),
    "language": re.compile(r"^(kieli|äidinkieli|språk|modersmål|language|mother tongue)", re.I),
    "education": re.compile(r"^(koulutus|utbildning|education|level of education)", re.I),
}
_GROUPS = {
    "sex": {"women": re.compile(r"^(nai|kvinn|female|women)", re.I), "men": re.compile(r"^(mie|män|male|men)", re.I)},
    "language": {
        "fi": re.compile(r"^(suomi|finska|finnish)", re.I),
        "sv": re.compile(r"^(ruotsi|svenska|swedish)", re.I),
    },
}
_LEVELS = {"kunta": "municipality", "hva": "county", "maakunta": "region", "seutukunta": "subregion"}
_LEVELS |= {"maa": "country", "yta": "collaborative", "postinumero": "postal"}
_OFFICIAL = re.compile(r"^(SSS|KU\d{3}|SK\d{3}|MK\d{2}|HVA\d{2}|YTA\d|PNO\d{5})$")
SERVICE = Service(
    "statfin", "https://pxdata.stat.fi/PxWeb/api/v1/", calls=40, per=60.0, timeout=75.0
)  # large tables took 37 s
MOST_CELLS = 100_000  # where the service does not say how many cells it gives at once
_PAAVO = ("Postinumeroalueittainen", "Paavo")  # protected values are −1 there


@dataclass(frozen=True)
class Variable:
    """A variable of a table: its code, name, and the names of its values by their code."""

    code: str
    text: str
    values: Mapping[str, str]
    time: bool = False

    def is_like(self, pattern: "re.Pattern[str]") -> bool:
        """Whether its name or code is of a kind; codes have been renamed before, names less so."""
        return bool(pattern.search(self.text) or pattern.search(self.code))

    @cached_property
    def partition(self) -> Partition:
        """The value that means everybody, values that share nobody, and those left out since they hold others."""
        return partition(self.values)

    @property
    def total(self) -> str | None:
        """Code of the value that means everybody, if there is one."""
        return self.partition.total

    def overlap(self) -> str:
        """What must be said of values that hold others; empty where none do."""
        left = [f"{self.values[code]} ({code})" for code in self.partition.left_out]
        said = f"Of {self.text} left out, since they hold other groups: {', '.join(left)}." if left else ""
        if self.total is not None and band(self.values[self.total]):
            said += f" The total of {self.text} is {self.values[self.total]}, the widest that the table has."
        return said.strip()


@dataclass(frozen=True)
class TableVariables:
    """A table's variables in their roles; one without a variable of areas is of the whole country."""

    title: str
    variables: tuple[Variable, ...]
    area: Variable | None
    time: Variable
    contents: Variable | None

    @property
    def others(self) -> tuple[Variable, ...]:
        """Variables that are neither area, time nor contents."""
        taken = {one.code for one in (self.area, self.time, self.contents) if one is not None}
        return tuple(one for one in self.variables if one.code not in taken)

    def find(self, name: str) -> Variable:
        """One of the others by code, name, or dimension id such as ``sex``."""
        for one in self.others:
            if name in (one.code, one.text) or (name in _DIMENSIONS and one.is_like(_DIMENSIONS[name])):
                return one
        names = [one.text for one in self.others]
        one_of(name, names, f"a variable of {self.title!r}", SourceError)
        raise AssertionError


def read_table(answer: Body) -> TableVariables:
    """Metadata of a table. SourceError names the variables there are where time is not among them."""
    given = answer.json()
    if not isinstance(given, dict) or not isinstance(given.get("variables"), list):
        raise SourceError(f"got {answer.told()}: no table with variables. Name subject and table, such as vaerak/11re.")
    variables = []
    for one in given["variables"]:
        if not {"code", "values"} <= set(one):
            raise SourceError("a variable has no code and values any more; the service may have changed.")
        texts = one.get("valueTexts") or one["values"]
        values = dict(zip(map(str, one["values"]), map(str, texts), strict=True))
        variables.append(Variable(str(one["code"]), str(one.get("text") or one["code"]), values, bool(one.get("time"))))
    listed = ", ".join(f"{one.text} ({one.code})" for one in variables)
    time = next((one for one in variables if one.time), None) or next((v for v in variables if v.is_like(_TIME)), None)
    area = next((v for v in variables if v is not time and (v.is_like(_AREA) or _coded(v))), None)
    if time is None:
        raise SourceError(f"no variable of the table is its time. It has: {listed}.")
    contents = next((v for v in variables if v not in (time, area) and v.is_like(_CONTENTS)), None)
    return TableVariables(str(given.get("title", "")), tuple(variables), area, time, contents)


def _coded(variable: Variable) -> bool:
    """Whether most values are official area codes, whatever the variable is called."""
    official = sum(bool(_OFFICIAL.match(code)) for code in variable.values)
    return official > 1 and official > len(variable.values) / 2


def area_code(code: str, variable: Variable) -> str:
    """Our code of an area: official ones as they are, bare numbers by their length and the variable's name.

    Election tables name a municipality within its constituency, ``010091``, and the constituency itself ``010000``.
    """
    if _OFFICIAL.match(code):
        return code
    if is_total(code) or is_total(variable.values.get(code, "")):
        return "SSS"
    name = f"{variable.text} {variable.code}".lower()
    if code.isdigit():
        if len(code) in (4, 6):
            town = f"KU{code[-3:]}"
            return (
                town
                if town in _municipalities()
                else f"constituency-{code[:-3][:2]}"
                if town == "KU000"
                else f"area-{code}"
            )
        if len(code) == 5:
            return f"PNO{code}"
        if len(code) == 3:
            return f"SK{code}" if "seutu" in name else f"KU{code}"
        if len(code) == 2 and ("maakunta" in name or "hyvinvointi" in name):
            return f"{'HVA' if 'hyvinvointi' in name else 'MK'}{code}"
    return f"area-{code}"


@cache
def _municipalities() -> frozenset[str]:
    known = places_of.reference()
    return frozenset(known.loc[known["level"] == "municipality", "area"])


def chosen_areas(table: TableVariables, wanted: str | Sequence[str] | None) -> list[str]:
    """Codes of the area variable for categories and area codes; SourceError with near ones for an unknown one."""
    ours = {"": "SSS"} if table.area is None else {code: area_code(code, table.area) for code in table.area.values}
    if wanted is None:
        return list(ours)
    found: list[str] = []
    for one in [wanted] if isinstance(wanted, str) else wanted:
        level = _LEVELS.get(one.lower(), one)
        here = [code for code, area in ours.items() if one in (code, area) or places_of.level(area) == level]
        if not here:
            try:
                near = [f"{code} {places_of.name(code, 'fi')}" for code in places_of.near(one)]
            except HyteError:
                near = []
            hint = f" Near: {', '.join(near)}." if near else ""
            if table.area is None:
                names = ", ".join(variable.text for variable in table.variables)
                raise SourceError(f"the table is of the whole country alone, it has no area {one!r}: it has {names}.")
            raise SourceError(
                f"the table has no area {one!r} and none of that level.{hint} Levels: {', '.join(_LEVELS)}."
            )
        found += here
    return list(dict.fromkeys(found))


def dimension_of(variable: Variable) -> str:
    """Id of the dimension a variable is: a common one, else its own name."""
    for dimension, pattern in _DIMENSIONS.items():
        if variable.is_like(pattern):
            return dimension
    return re.sub(r"\W+", "_", variable.text.lower()).strip("_")


def group_of(dimension: str, code: str, text: str) -> str:
    """Id of a group: a common one, an age span, else the value's own code.

    >>> group_of("sex", "2", "Naiset"), group_of("age", "0-4", "0 - 4"), group_of("age", "85-", "85 -")
    ('women', '0-4', '85+')
    """
    for group, pattern in _GROUPS.get(dimension, {}).items():
        if pattern.search(text):
            return group
    ages = band(text) if dimension == "age" else None
    return ages.id if ages else code


def split(selection: Mapping[str, Sequence[Any]], most: int) -> list[dict[str, list[Any]]]:
    """One query as several of at most ``most`` cells each, cut along the longest variable.

    >>> [len(part["year"]) for part in split({"year": list(range(10)), "sex": ["1", "2"]}, 8)]
    [4, 4, 2]
    """
    whole = {code: list(values) for code, values in selection.items()}
    cells = 1
    for values in whole.values():
        cells *= len(values)
    longest = max(whole, key=lambda code: len(whole[code]))
    if cells <= most or len(whole[longest]) == 1:
        return [whole]
    step = max(1, most * len(whole[longest]) // cells)
    parts = [whole[longest][start : start + step] for start in range(0, len(whole[longest]), step)]
    return [piece for part in parts for piece in split({**whole, longest: part}, most)]


def statfin(
    table: str,
    *,
    areas: str | Sequence[str] | None = None,
    years: Iterable[int] | int | None = None,
    by: str | Sequence[str] = (),
    contents: str | Sequence[str] | None = None,
    where: Mapping[str, str] | None = None,
    lang: str = "fi",
    database: str = "StatFin",
    base_url: str | None = None,
    refresh: bool = False,
    stale: bool = False,
    timeout: float | None = None,
) -> Fetched:
    """A table of Statistics Finland as tidy cells.

    Answers: *what does official statistics say of these areas and years, by these population groups?*

    Parameters
    ----------
    table : str
        Subject and table, such as ``"vaerak/11re"``. Names from before June 2026 (``statfin_vaerak_pxt_11re``) and
        after are both tried.
    areas : str or list of str, optional
        Levels (``kunta, hva, maakunta, seutukunta, maa``) or area codes. None: all the table has.
    years : int or iterable of int, optional
        Years; months and quarters of them come too. None: all.
    by : str or list of str
        Variables whose values become groups, by their name, code, or as ``sex, age, language, education``. Totals come
        along. Every other variable is taken at its total.
    contents : str or list of str, optional
        Codes or names of the contents to fetch, each an indicator. None: all.
    where : mapping, optional
        A value, by code or name, for variables that are to be taken at it rather than at their total.
    lang : {"fi", "sv", "en"}
        Language of names.
    database : str
        ``StatFin``, its archive ``StatFin_Passiivi``, ``Hyvinvointialueet``, ``Kuntien_avainluvut`` …
    base_url, refresh, stale, timeout
        As for :func:`~hyteanalysis.sources.sotkanet`.

    Returns
    -------
    Fetched
        ``cells``: counts have ``events`` equal to ``estimate``; markers become ``status`` (``.`` and ``..`` missing,
        ``...`` suppressed, ``-`` zero; −1 in Paavo suppressed). ``indicators``: ids such as ``statfin-11re-vaesto``;
        whether a high value is good is not known of a table, so ``favourable`` is false and ``notes`` says so. A table
        without areas is of the whole country (``SSS``); election tables' constituencies are own areas
        (``constituency-01``) beside their municipalities.

    Raises
    ------
    SourceError
        An unknown table, area, variable or value, with near ones; a variable without a total that neither ``by`` nor
        ``where`` names; a service that does not answer, or otherwise than expected.

    Notes
    -----
    The area and time variables are found from the metadata, never by a fixed name. A query of more cells than the
    service gives at once is split along its longest variable. Source: Statistics Finland, CC BY 4.0.

    Examples
    --------
    >>> import hyteanalysis as hyte
    >>> fetched = hyte.sources.statfin("vaerak/11re", areas="kunta", years=2024, by=["sex", "age"])  # doctest: +SKIP
    """
    one_of(lang, ["fi", "sv", "en"], "language", SourceError)
    service = SERVICE.at(base_url, timeout)
    with Client(service, refresh=refresh, stale=stale) as client:
        most = _limits(client, lang)
        path, described = _described(client, table, lang, database)
        known: TableVariables = described.value
        dimensions = {known.find(one).code: known.find(one) for one in ([by] if isinstance(by, str) else by)}
        selection = _selection(known, areas, years, dimensions, contents, where or {})
        asks = [Ask(path, body=_query(part)) for part in split(selection, most)]
        protected = -1.0 if any(word in f"{database} {known.title}" for word in _PAAVO) else None
        replies = list(client.ask_all(asks, lambda answer: _read(answer, known, protected), "JSON-stat", table))
    values = pd.concat([reply.value for reply in replies], ignore_index=True)
    for code, asked in selection.items():  # an answer may hold more than was asked
        values = values[values[code].isin(asked)]
    values = values.reset_index(drop=True)
    if values.empty or values["value"].isna().all():
        raise SourceError(f"{table}: nothing is published of what was asked.")
    name = path.rsplit("/", 1)[1].removesuffix(".px")
    name = name.rpartition("_pxt_")[2] if "_pxt_" in name else name.rsplit("_", 1)[-1]
    remarks = list(dict.fromkeys(filter(None, (reply.remark() for reply in [described, *replies]))))
    remarks += ["No variable of the table is an area: taken as the whole country."] if known.area is None else []
    remarks += filter(None, (variable.overlap() for variable in dimensions.values()))
    indicators = _indicators(known, selection, name, lang, remarks)
    cells = _cells(values, known, dimensions, indicators)
    return Fetched(cells, indicators.drop(columns="_code"), _groups(dimensions, lang))


def _limits(client: Client, lang: str) -> int:
    """Cells in one query; the service's own number of calls becomes the client's."""
    try:
        given = client.ask(Ask(f"{lang}/", [("config", "")]), lambda answer: answer.json(), "limits").value
    except NotFoundError:
        return MOST_CELLS
    if not isinstance(given, dict):
        return MOST_CELLS
    calls, window = int(given.get("maxCalls", 40)), float(given.get("timeWindow", 60))
    client.service = replace(client.service, calls=max(1, calls), per=window)
    return int(given.get("maxCells") or MOST_CELLS)


def _described(client: Client, table: str, lang: str, database: str) -> tuple[str, Reply[TableVariables]]:
    """Path and metadata of a table, by its name of today or of before."""
    subject, _, name = table.removesuffix(".px").strip("/").rpartition("/")
    short = re.sub(r"^.*_pxt_", "", name)
    tried = dict.fromkeys([name, short, f"{database.lower()}_{subject}_pxt_{short}"])

    def described(one: str) -> tuple[str, Reply[TableVariables]]:
        path = "/".join(part for part in (lang, database, subject, f"{one}.px") if part)
        return path, client.ask(Ask(path), read_table, "metadata of a table")

    for one in tried:
        try:
            return described(one)
        except NotFoundError as error:
            refused = error
    folder = "/".join(part for part in (lang, database, subject) if part)
    try:
        listed = client.ask(Ask(folder), lambda answer: answer.items("id", "text"), "a list of tables").value
    except SourceError:
        raise refused from None
    titles = {str(item["id"]).removesuffix(".px"): str(item["text"]) for item in listed}
    named_so = re.compile(rf"(^|_pxt_){re.escape(short)}(_\d{{4}})?$", re.I)
    if dated := sorted(one for one in titles if named_so.search(one) and one not in tried):
        return described(dated[-1])  # the archive: statfinpas_asas_pxt_115y_2024, the newest of its years
    near = get_close_matches(short, titles, n=3, cutoff=0.4) or list(titles)[:3]
    named = "; ".join(f"{one} {titles[one]}" for one in near)
    raise SourceError(f"{database}/{subject} has no table {name!r}. Near: {named}.") from refused


def _selection(
    table: TableVariables, areas: str | Sequence[str] | None, years: Iterable[int] | int | None,
    dimensions: Mapping[str, Variable], contents: str | Sequence[str] | None, where: Mapping[str, str],
) -> dict[str, list[str]]:  # fmt: skip
    places = chosen_areas(table, areas)
    chosen = {table.area.code: places} if table.area is not None else {}
    chosen[table.time.code] = _periods(table.time, years)
    if table.contents is not None:
        wanted = [contents] if isinstance(contents, str) else contents
        chosen[table.contents.code] = (
            list(table.contents.values) if wanted is None else [_value(table.contents, one) for one in wanted]
        )
    fixed = {table.find(name).code: value for name, value in where.items()}
    for variable in table.others:
        if variable.code in fixed:
            chosen[variable.code] = [_value(variable, fixed[variable.code])]
        elif variable.code in dimensions:
            found = variable.partition
            chosen[variable.code] = [code for code in variable.values if code not in found.left_out]
        elif variable.total is not None:
            chosen[variable.code] = [variable.total]
        else:
            shown = ", ".join(f"{code} {text}" for code, text in list(variable.values.items())[:6])
            raise SourceError(
                f"{variable.text!r} has no total: take it with by=, or one of its values with where=. Values: {shown} …"
            )
    return chosen


def _periods(variable: Variable, years: Iterable[int] | int | None) -> list[str]:
    if years is None:
        return list(variable.values)
    wanted = {str(one) for one in ([years] if isinstance(years, int) else years)}
    found = [code for code in variable.values if code[:4] in wanted]
    lacking = sorted(wanted - {code[:4] for code in found})
    if lacking or not found:
        span = list(variable.values)
        raise SourceError(f"the table has no {', '.join(lacking) or 'years'}: it reaches from {span[0]} to {span[-1]}.")
    return found


def _value(variable: Variable, wanted: str) -> str:
    for code, text in variable.values.items():
        if wanted in (code, text):
            return code
    one_of(wanted, [*variable.values.values(), *variable.values], f"a value of {variable.text!r}", SourceError)
    raise AssertionError


def _query(selection: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    items = [
        {"code": code, "selection": {"filter": "item", "values": list(values)}} for code, values in selection.items()
    ]
    return {"query": items, "response": {"format": "json-stat2"}}


def _read(answer: Body, table: TableVariables, protected: float | None) -> pd.DataFrame:
    frame = read_jsonstat(answer.json(), protected=protected)
    lacking = {one.code for one in table.variables} - set(frame)
    if lacking:
        raise SourceError(f"got a table without {', '.join(sorted(lacking))}; it has {', '.join(frame)}.")
    return frame


def _indicators(
    table: TableVariables, selection: Mapping[str, Sequence[str]], name: str, lang: str, remarks: list[str]
) -> pd.DataFrame:
    """One row a kind of contents."""
    contents = {"": table.title} if table.contents is None else {
        code: table.contents.values[code] for code in selection[table.contents.code]
    }  # fmt: skip
    rows = []
    for code, title in contents.items():
        lower = title.lower()
        if "%" in lower or re.search(r"osuus|andel|\bshare|per cent", lower):
            kind, scale, unit = "proportion", 100, "%"
        elif re.search(r"keski|mediaani|medel|median|mean|average|euro", lower):
            kind, scale, unit = "mean", 1, "€" if "eur" in lower else "mean"
        else:
            kind, scale, unit = "count", 1, "number"
        notes = ["Whether a high value is good is not known here: taken as adverse (favourable = false).", *remarks]
        about: dict[str, Any] = {"_code": code, "indicator": f"statfin-{name}" + (f"-{code.lower()}" if code else "")}
        about |= {f"title_{lang}": title, "unit": unit, "kind": kind, "scale": float(scale), "favourable": False}
        rows.append(about | {"source": "Statistics Finland", "licence": "CC BY 4.0", "notes": " ".join(notes)})
    return pd.DataFrame(rows)


def _cells(
    values: pd.DataFrame, table: TableVariables, dimensions: Mapping[str, Variable], indicators: pd.DataFrame
) -> pd.DataFrame:
    """Values as tidy cells; a value that is its variable's total is a margin."""
    code = values[table.contents.code] if table.contents else pd.Series("", index=values.index)
    about = indicators.set_index("_code")
    cells = pd.DataFrame({"indicator": code.map(about["indicator"]), "period": values[table.time.code]})
    area = table.area
    codes = {} if area is None else {one: area_code(one, area) for one in area.values}
    cells["area"] = "SSS" if area is None else values[area.code].map(codes)
    kind = code.map(about["kind"])
    used = values[list(dimensions)].drop_duplicates()
    cut = {
        tuple(row): _cut(dict(zip(dimensions, row, strict=True)), dimensions) for row in used.itertuples(index=False)
    }
    keys = pd.Series(list(values[list(dimensions)].itertuples(index=False, name=None)), index=values.index)
    if not dimensions:
        cut, keys = {(): (TOTAL, TOTAL)}, pd.Series([()] * len(values), index=values.index)
    cells["dimension"] = keys.map(lambda key: cut[key][0]).astype("str")
    cells["group"] = keys.map(lambda key: cut[key][1]).astype("str")
    cells["estimate"], cells["status"] = values["value"], values["status"]
    outside = (kind == "proportion") & ((cells["estimate"] < 0) | (cells["estimate"] > 100))
    negative = (kind == "count") & (cells["estimate"] < 0)
    odd = cells.loc[outside | negative, "indicator"].unique()
    indicators.loc[indicators["indicator"].isin(odd), ["kind", "scale"]] = ["index", 1.0]
    cells["events"] = cells["estimate"].where((kind == "count") & ~cells["indicator"].isin(odd))
    columns = ["indicator", "area", "period", "dimension", "group", "estimate", "events", "status"]
    return cells[columns].sort_values(columns[:5], kind="stable", ignore_index=True)


def _cut(codes: Mapping[str, str], dimensions: Mapping[str, Variable]) -> tuple[str, str]:
    named = {}
    for code, value in codes.items():
        variable = dimensions[code]
        if value != variable.total:
            dimension = dimension_of(variable)
            named[dimension] = group_of(dimension, value, variable.values[value])
    return crossed(named)


def _groups(dimensions: Mapping[str, Variable], lang: str) -> pd.DataFrame:
    """Labels: the common ones, else the table's own in its language."""
    rows: list[dict[str, Any]] = []
    for variable in dimensions.values():
        dimension = dimension_of(variable)
        rows.append({"dimension": "dimension", "group": dimension, f"label_{lang}": variable.text})
        rows += [
            {"dimension": dimension, "group": group_of(dimension, code, text), f"label_{lang}": text}
            for code, text in variable.values.items()
            if code in variable.partition.groups
        ]
    own = pd.DataFrame(rows, columns=GROUP_COLUMNS).drop_duplicates(["dimension", "group"])
    known = reference_groups().set_index(["dimension", "group"])
    common = pd.MultiIndex.from_frame(own[["dimension", "group"]]).isin(known.index)
    kept = own.loc[common, ["dimension", "group"]].merge(known.reset_index(), on=["dimension", "group"], how="left")
    frame = pd.concat([kept, own[~common]], ignore_index=True) if (~common).any() else kept
    return frame.assign(order=pd.array([None] * len(frame), dtype="Int64")).reindex(columns=GROUP_COLUMNS)
