"""THL's cubes: what cubes there are, their dimensions, and facts with confidence limits and numbers of respondents."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from hyteanalysis import areas as places_of
from hyteanalysis.cells import GROUP_COLUMNS, crossed, reference_groups
from hyteanalysis.classification import partition
from hyteanalysis.errors import HyteError, SourceError, one_of
from hyteanalysis.i18n import LANGS
from hyteanalysis.sources.fetched import Fetched
from hyteanalysis.sources.http import Ask, Body, Client, Reply, Service
from hyteanalysis.sources.jsonstat import labels as jsonstat_labels
from hyteanalysis.sources.jsonstat import read_jsonstat
from hyteanalysis.sources.sotkanet_metadata import CATEGORIES, area_code, plain

_JSONP = re.compile(r"^\s*thl\.pivot\.loadDimensions\((.*)\)\s*;?\s*$", re.S)
_STAGES = {"hyvinvointialueet": "HYVINVOINTIALUE", "healthcaredistrict": "SAIRAANHOITOPIIRI", "root": "MAA"}
_OFFICIAL = {"KUNTA": "municipality", "HYVINVOINTIALUE": "county", "MAAKUNTA": "region", "SEUTUKUNTA": "subregion"}
SERVICE = Service("thl", "https://sampo.thl.fi/pivot/prod/")
_EXTRA = "tiku_vtype"  # the dimension that holds value, limits and n, where asked for
_COLUMN = {"v": "estimate", "ci_lower": "lower", "ci_upper": "upper", "n": "respondents"}
_AT_ONCE = 200  # values of one dimension in one request: a longer address may be cut


def thl_cubes(
    subject: str,
    *,
    base_url: str | None = None,
    refresh: bool = False,
    stale: bool = False,
    timeout: float | None = None,
) -> pd.DataFrame:
    """Cubes of a subject, or of ``subject/hydra``, as the service lists them: ``cube`` (or hydra), ``label, href``."""
    with Client(SERVICE.at(base_url, timeout), refresh=refresh, stale=stale) as client:
        return client.ask(Ask(f"api/{subject.strip('/')}.json"), _read_list, "a list of cubes").value


def _read_list(answer: Body) -> pd.DataFrame:
    """A collection's items, each named as :func:`thl` wants it."""
    given = answer.json()
    items = (given.get("link") or {}).get("item") if isinstance(given, Mapping) else None
    if not isinstance(items, list) or not all(isinstance(one, Mapping) and "href" in one for one in items):
        raise SourceError(f"got {answer.told()}: no collection of links. Name a subject, or subject/hydra.")
    rows = [{"cube": _named(one["href"]), "label": plain(one.get("label")), "href": one["href"]} for one in items]
    return pd.DataFrame(rows, columns=["cube", "label", "href"])


def _named(href: str) -> str:
    """What an address leads to, as ``subject/hydra/cube`` or a part of it.

    >>> _named("https://sampo.thl.fi/pivot/prod/fi/ktk/ktk4/fact_summary.json"), _named("/pivot/prod/api/ktk/ktk4.json")
    ('ktk/ktk4/summary', 'ktk/ktk4')
    """
    path = re.sub(r"[?#].*$", "", str(href))
    path = re.sub(r"^.*?/?prod/(?:api|fi|sv|en)/", "", path).removesuffix(".json").strip("/")
    return re.sub(r"(^|/)fact_", r"\1", path)


def thl_dimensions(
    cube: str,
    *,
    lang: str = "fi",
    base_url: str | None = None,
    refresh: bool = False,
    stale: bool = False,
    timeout: float | None = None,
) -> pd.DataFrame:
    """Dimensions of a cube with every value: ``dimension, sid, parent, depth, label, stage, code``.

    ``cube`` is ``subject/hydra/cube``. ``sid``, a number, is what queries name a value by; depth 0 is a dimension's
    whole, the child of stage ``root`` of the dimension's own root, which is no value. Not every dimension has one.
    Errors as for :func:`thl`.
    """
    with Client(SERVICE.at(base_url, timeout), refresh=refresh, stale=stale) as client:
        return _dimensions(client, cube, lang).value


def thl(
    cube: str,
    *,
    area: str,
    period: str,
    indicator: str,
    by: Mapping[str, str] | None = None,
    groups: Mapping[str, Mapping[str, str]] | None = None,
    where: Mapping[str, str] | None = None,
    areas: str | Sequence[str] | None = None,
    periods: Sequence[str] | None = None,
    indicators: Sequence[str] | None = None,
    kind: str = "proportion",
    favourable: bool = False,
    lang: str = "fi",
    base_url: str | None = None,
    refresh: bool = False,
    stale: bool = False,
    timeout: float | None = None,
) -> Fetched:
    """Facts of one of THL's cubes as tidy cells, with 95 % limits and numbers of respondents.

    Answers: *what do THL's surveys and registers say of these areas by population group?* The School Health Promotion
    study, for one, is published by disability, foreign background and placement in care.

    Parameters
    ----------
    cube : str
        ``subject/hydra/cube``; :func:`thl_dimensions` shows what it holds.
    area, period, indicator : str
        Ids of the cube's dimensions that are the area, the period and the indicator.
    by : mapping, optional
        Dimensions whose values become groups: the cube's id → ours, such as ``{"background": "disability"}``. A
        dimension's whole is its margin. Crossed where several are given.
    groups : mapping, optional
        Ids for groups by their label: our dimension → {label: id}, such as ``{"disability": {"Kyllä": "with"}}``.
        Others get the value's code or label.
    where : mapping, optional
        Values, by label, code or sid, of dimensions that are neither of these. Others are taken as a whole.
    areas : str or list of str, optional
        Levels (``kunta, hva, maakunta, maa``) or our area codes. None: all.
    periods, indicators : list of str, optional
        Labels, codes or sids. None: all of the lowest level.
    kind : {"proportion", "mean", "count"}
        What kind of number the indicators are; proportions in per cent.
    favourable : bool
        Whether a high value of them is good.
    lang, base_url, refresh, stale, timeout
        As for :func:`~hyteanalysis.sources.statfin`.

    Returns
    -------
    Fetched
        ``cells`` with ``lower``, ``upper`` and ``respondents`` where the cube gives them. A cell that the answer leaves
        out is not published and has no row; ``notes`` counts them.

    Raises
    ------
    SourceError
        A dimension, value or area the cube does not have, with near ones; a service that does not answer (it says 403
        to a bad query) or otherwise than expected.

    Examples
    --------
    >>> import hyteanalysis as hyte
    >>> hyte.sources.thl(
    ...     "ktk/ktk4/summary", area="region", period="time", indicator="measure", by={"background": "disability"}
    ... )  # doctest: +SKIP
    """
    one_of(kind, ["proportion", "mean", "count"], "kind", SourceError)
    with Client(SERVICE.at(base_url, timeout), refresh=refresh, stale=stale) as client:
        described = _dimensions(client, cube, lang)
        tree = described.value
        chosen = {
            one_of(area, tree["dimension"].unique(), "area", SourceError): _chosen_areas(tree, area, areas),
            one_of(period, tree["dimension"].unique(), "period", SourceError): _chosen_values(tree, period, periods),
            one_of(indicator, tree["dimension"].unique(), "indicator", SourceError): _chosen_values(
                tree, indicator, indicators
            ),
        }
        held: list[str] = []
        for name in by or {}:
            one_of(name, tree["dimension"].unique(), "by", SourceError)
            chosen[name], said = _disjoint(tree, name)
            held += said
        for name, value in (where or {}).items():
            one_of(name, tree["dimension"].unique(), "where", SourceError)
            chosen[name] = _chosen_values(tree, name, [value])
        asks = [Ask(f"{_path(cube, lang)}.json", _query(chosen, part)) for part in _parts(chosen, area)]
        replies = list(client.ask_all(asks, lambda answer: _facts(answer, chosen), "facts of a cube", "thl"))
    facts = pd.concat([reply.value for reply in replies], ignore_index=True)
    count = len(chosen[area]) * len(chosen[period]) * len(chosen[indicator])
    for name in by or {}:
        count *= len(chosen[name])
    facts = facts.dropna(subset="estimate").reset_index(drop=True) if "estimate" in facts else facts.iloc[:0]
    if facts.empty:
        raise SourceError(f"thl {cube}: nothing is published of what was asked.")
    cells = _cells(facts, tree, area, period, indicator, by or {}, groups or {}, cube)
    if kind == "count":
        cells["events"] = cells["estimate"]
    notes = [f"{count - len(cells)} of {count} cells are not published."] if count > len(cells) else []
    notes += held
    notes += dict.fromkeys(filter(None, (reply.remark() for reply in [described, *replies])))
    about = _about(cells, tree, indicator, cube, kind, favourable, lang, " ".join(notes))
    return Fetched(cells, about, _groups(facts, tree, by or {}, groups or {}, lang))


def _path(cube: str, lang: str) -> str:
    parts = cube.strip("/").split("/")
    if len(parts) != 3:
        raise SourceError(f"A cube is named subject/hydra/cube; not {cube!r}.")
    return "/".join([lang, parts[0], parts[1], f"fact_{parts[2].removeprefix('fact_')}"])


def _dimensions(client: Client, cube: str, lang: str) -> Reply[pd.DataFrame]:
    one_of(lang, ["fi", "sv", "en"], "language", SourceError)
    return client.ask(
        Ask(f"{_path(cube, lang)}.dimensions.json"), lambda answer: _read_tree(answer, lang), "dimensions of a cube"
    )


def _parts(chosen: Mapping[str, pd.DataFrame], area: str) -> list[list[str]]:
    sids = chosen[area]["sid"].tolist()
    return [sids[start : start + _AT_ONCE] for start in range(0, len(sids), _AT_ONCE)]


def _query(chosen: Mapping[str, pd.DataFrame], part: list[str]) -> list[tuple[str, str]]:
    """Every dimension as a row with the values wanted; limits and n too. The first is the area, cut into parts.

    A lone value without the semicolon would be taken as its children and itself.
    """
    rows = []
    for i, (name, values) in enumerate(chosen.items()):
        sids = part if i == 0 else values["sid"].tolist()
        rows.append(("row", f"{name}-{'.'.join(sids)}." if len(sids) > 1 else f"{name}-{sids[0]};"))
    return [*rows, ("ci", ""), ("n", "")]


def _facts(answer: Body, chosen: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Facts with a column each for estimate, limits and n; of the values asked for, whatever else came."""
    dataset, dimensions = answer.json(), list(chosen)
    long = read_jsonstat(dataset)
    lacking = [name for name in dimensions if name not in long]
    if lacking:
        raise SourceError(f"got a table without {', '.join(lacking)}; it has {', '.join(long)}.")
    for name, values in chosen.items():
        long = long[long[name].isin(values["sid"])]
    if _EXTRA not in long:
        return long[[*dimensions, "value"]].rename(columns={"value": "estimate"})
    kinds = set(jsonstat_labels(dataset)[_EXTRA])
    if "v" not in kinds:
        raise SourceError(f"{_EXTRA} has {', '.join(sorted(kinds))}, no v for the value.")
    wide = long[long[_EXTRA].isin(list(_COLUMN))].pivot(index=dimensions, columns=_EXTRA, values="value")
    return wide.rename(columns=_COLUMN).rename_axis(columns=None).reset_index()


def _cells(
    facts: pd.DataFrame, tree: pd.DataFrame, area: str, period: str, indicator: str,
    by: Mapping[str, str], groups: Mapping[str, Mapping[str, str]], cube: str,
) -> pd.DataFrame:  # fmt: skip
    about = {name: tree[tree["dimension"] == name].set_index("sid") for name in tree["dimension"].unique()}
    places = _places(tree, area).to_dict()
    cells = pd.DataFrame({"indicator": f"thl-{cube.rsplit('/', 1)[-1].removeprefix('fact_')}-" + facts[indicator]})
    cells["area"] = facts[area].map(places)
    cells["period"] = facts[period].map(about[period]["label"])
    named = pd.Series([_cut(row, about, by, groups) for row in facts.to_dict("records")], index=facts.index)
    cells["dimension"], cells["group"] = named.str[0].astype("str"), named.str[1].astype("str")
    known = reference_groups().set_index(["dimension", "group"])["order"]
    used = list(zip(cells["dimension"], cells["group"], strict=True))
    order = pd.Series([known.get(one, pd.NA) for one in used], dtype="Int64")
    whole = order.notna().groupby([cells["indicator"], cells["dimension"]]).transform("all")
    cells["order"] = order.where(whole)
    for column in _COLUMN.values():
        if column in facts:
            cells[column] = facts[column]
    cells["status"] = "ok"
    return cells.sort_values(["indicator", "area", "period", "dimension", "group"], kind="stable", ignore_index=True)


def _cut(
    row: Mapping[str, Any], about: Mapping[str, pd.DataFrame], by: Mapping[str, str],
    groups: Mapping[str, Mapping[str, str]],
) -> tuple[str, str]:  # fmt: skip
    named = {}
    for name, dimension in by.items():
        value = about[name].loc[row[name]]
        if value["depth"] > 0:
            named[dimension] = _group(value, groups.get(dimension, {}))
    return crossed(named)


def _group(value: "pd.Series[Any]", ids: Mapping[str, str]) -> str:
    return ids.get(value["label"]) or value["code"] or value["label"]


def _about(
    cells: pd.DataFrame,
    tree: pd.DataFrame,
    indicator: str,
    cube: str,
    kind: str,
    favourable: bool,
    lang: str,
    notes: str,
) -> pd.DataFrame:
    titles = tree[tree["dimension"] == indicator].set_index("sid")["label"]
    scale, unit = {"proportion": (100.0, "%"), "mean": (1.0, "mean"), "count": (1.0, "number")}[kind]
    stem = f"thl-{cube.rsplit('/', 1)[-1].removeprefix('fact_')}-"
    frame = pd.DataFrame({"indicator": cells["indicator"].unique()})
    frame[f"title_{lang}"] = frame["indicator"].str.removeprefix(stem).map(titles)
    frame = frame.assign(unit=unit, kind=kind, scale=scale, favourable=favourable, licence="CC BY 4.0")
    return frame.assign(source=f"THL, {cube.split('/')[0]}", notes=notes or None)


def _groups(
    facts: pd.DataFrame, tree: pd.DataFrame, by: Mapping[str, str], groups: Mapping[str, Mapping[str, str]], lang: str,
) -> pd.DataFrame:  # fmt: skip
    """Labels of the groups that came, as the cube says them."""
    rows: list[dict[str, Any]] = []
    for name, dimension in by.items():
        values = tree[(tree["dimension"] == name) & tree["sid"].isin(facts[name].unique()) & (tree["depth"] > 0)]
        for _, value in values.iterrows():
            group = _group(value, groups.get(dimension, {}))
            rows.append({"dimension": dimension, "group": group, f"label_{lang}": value["label"]})
    frame = pd.DataFrame(rows, columns=GROUP_COLUMNS).drop_duplicates(["dimension", "group"], ignore_index=True)
    known = reference_groups().set_index(["dimension", "group"])["order"]
    pairs = list(zip(frame["dimension"], frame["group"], strict=True))
    return frame.assign(order=pd.array([known.get(one, pd.NA) for one in pairs], dtype="Int64"))


def _read_tree(answer: Body, lang: str) -> pd.DataFrame:
    """The tree of dimensions, which comes wrapped in a function call, as a row a value."""
    text = answer.text()
    wrapped = _JSONP.match(text)
    given = json.loads(wrapped[1] if wrapped else text)
    rows: list[dict[str, Any]] = []

    def walk(node: Mapping[str, Any], dimension: str, parent: str | None, depth: int) -> None:
        label = node.get("label")
        label = label.get(lang) or next(iter(label.values()), None) if isinstance(label, Mapping) else label
        sid = str(node.get("sid", ""))
        if not sid.isdigit():
            raise SourceError(f"a value of {dimension!r} has no number to be asked by (sid): {sid or label!r}.")
        rows.append(
            {"dimension": dimension, "sid": sid, "parent": parent, "depth": depth, "label": plain(label) or sid,
             "stage": str(node.get("stage") or ""), "code": str(node.get("code") or "")}
        )  # fmt: skip
        for child in node.get("children") or ():
            walk(child, dimension, sid, depth + 1)

    if not isinstance(given, list) or not all(isinstance(one, Mapping) and "id" in one for one in given):
        raise SourceError(f"got {answer.told()}: no list of dimensions with id and children.")
    for root in given:
        for child in root.get("children") or ():
            walk(child, str(root["id"]), None, 0 if child.get("stage") == "root" else 1)
    if not rows:
        raise SourceError("the cube has dimensions, but none of them has a value.")
    return pd.DataFrame(rows)


def _chosen_values(tree: pd.DataFrame, dimension: str, wanted: Sequence[str] | None) -> pd.DataFrame:
    """Values by label, code or sid; all of the lowest level where none is named."""
    within = tree[tree["dimension"] == dimension]
    if wanted is None:
        return within[within["depth"] == within["depth"].max()]
    for one in wanted:
        named = [*within["label"], *within["code"], *within["sid"]]
        one_of(str(one), [word for word in named if word], f"a value of {dimension!r}", SourceError)
    asked = [str(one) for one in wanted]
    return within[within["label"].isin(asked) | within["code"].isin(asked) | within["sid"].isin(asked)]


def _disjoint(tree: pd.DataFrame, dimension: str) -> tuple[pd.DataFrame, list[str]]:
    """The whole of a dimension and its finest values, and what must be said of those between, which hold others."""
    within = tree[tree["dimension"] == dimension]
    holds = within["sid"].isin(within["parent"].dropna()) & (within["depth"] > 0)
    leaves = within[~holds & (within["depth"] > 0)]
    found = partition(dict(zip(leaves["sid"], leaves["label"], strict=True)))
    held = set(within.loc[holds, "sid"]) | ({*found.left_out} if len(found.groups) else set())
    if found.total is not None:
        held.add(found.total)
    left = [str(label) for label in within.loc[within["sid"].isin(held), "label"]]
    said = [f"Of {dimension} left out, since they hold other groups: {', '.join(left)}."] if left else []
    return within[~within["sid"].isin(held)], said


def _places(tree: pd.DataFrame, dimension: str) -> "pd.Series[str]":
    """Our code of each area of a cube, by sid.

    By code and name where an official area has both; else by the name of its stage, which differs between cubes; else
    by its code and what lies above it. The whole of the dimension is the country.
    """
    found: dict[str, str] = {}
    known = set(places_of.reference()["area"])
    for row in tree[tree["dimension"] == dimension].itertuples():
        category, code = _category(str(row.stage)), str(row.code)
        if row.depth == 0 or category == "MAA":
            found[str(row.sid)] = "SSS"
            continue
        official = {one: area_code(one, code) for one in _OFFICIAL} if code.isdigit() else {}
        names = {one: {places_of.name(area, lang) for lang in LANGS} for one, area in official.items() if area in known}
        match = next((one for one, said in names.items() if row.label in said), None)
        if match is None and category not in (*_OFFICIAL, *CATEGORIES.values()):
            above = found.get(str(row.parent), "")
            under = names.keys() & ({"KUNTA"} if len(code) == 3 and above != "SSS" else set())
            match = next(iter(under), None)
        found[str(row.sid)] = official[match] if match else area_code(category or "area", code or str(row.sid))
    return pd.Series(found, dtype="str")


def _chosen_areas(tree: pd.DataFrame, dimension: str, wanted: str | Sequence[str] | None) -> pd.DataFrame:
    """The areas asked for by code or level, with our codes; None: all."""
    within = tree[tree["dimension"] == dimension]
    ours = within["sid"].map(_places(tree, dimension))
    within = within.assign(area=ours)
    if wanted is None:
        return within
    keep, levels = pd.Series(False, index=within.index), ours.map(places_of.level)
    for one in [wanted] if isinstance(wanted, str) else wanted:
        category = CATEGORIES.get(one.lower())
        official = "country" if category == "MAA" else _OFFICIAL.get(category or "")
        of_level = levels.eq(official) if official else within["stage"].map(_category).eq(category)
        found = ours.eq(one) | (of_level if category else False)
        if not found.any():
            try:
                near = [f"{code} {places_of.name(code, 'fi')}" for code in places_of.near(one)]
            except HyteError:
                near = []
            hint = f" Near: {', '.join(near)}." if near else ""
            raise SourceError(f"the cube has no area {one!r} and none of that level.{hint}")
        keep |= found
    return within[keep]


def _category(stage: str) -> str:
    """Sotkanet's name of an area's level, which the cubes' stages follow."""
    return CATEGORIES.get(stage.lower()) or _STAGES.get(stage.lower()) or stage.upper()
