"""What lists, matrix, areas and the quality panel say is what ``disparity`` and plain pandas say of the same cells."""

import re
from html import unescape

import numpy as np
import pandas as pd
import pytest
from reading.reader import number, read
from reading.recipes import REAL
from reading.test_sentences import World
from reading.worlds import COMMITTED, WORLDS
from scipy.stats import norm

import hyteanalysis as hyte
from hyteanalysis.apps.where import views
from hyteanalysis.apps.where.choice import Selection
from hyteanalysis.cells import TOTAL
from hyteanalysis.i18n import text

LANGS = ["fi", "en"]
CASES = [
    ("example", "HVA10", "education"),
    ("example", "HVA05", "sex"),
    ("example", "KU091", "disability"),
    ("example", "HVA02", "income"),
    ("real", "", ""),
    ("finsote", "SSS", ""),
    ("sotkanet", "KU009", "sex"),
    ("healthequal", "", ""),
    ("recipe sotkanet-54", "SSS", "deprivation"),
]


def measured(release, area, dimension, period=None):
    """Of each indicator of an area the gap with its limits, and what its verdict rests on: plain ``disparity``."""
    cells = release.select(area=area, dimension=dimension)
    cells = cells[cells["status"].isin(["ok", "uncertain"]) & cells["estimate"].notna()]
    newest = cells.groupby("indicator")["period"].transform("max") if period is None else period
    cells = cells[cells["period"] == newest]
    cells = cells[cells.groupby("indicator")["group"].transform("count") > 1]
    cells = cells.drop(columns="reference", errors="ignore").dropna(axis=1, how="all")
    if cells.empty:
        return pd.DataFrame()
    found = hyte.disparity(cells, ["D"], indicators=release.indicators).set_index("indicator")
    ordered = "order" in cells and bool(cells["order"].notna().all())
    z = found["estimate"] / found["se"]
    found["p"] = 2 * norm.sf(z.abs()) if ordered else found["p_equal"]
    found["p"] = found["p"].where(found["lower"].notna())
    found["outside"] = (found["lower"] > 0) | (found["upper"] < 0)
    found["kept"] = kept(found["p"]) & found["outside"] & (found["p"] < 0.05)
    levels = cells.pivot_table(index="indicator", columns="group", values="estimate")
    first, last = levels.min(axis=1), levels.max(axis=1)
    if ordered:
        ends = cells.sort_values("order").groupby("indicator")["estimate"].agg(["first", "last"])
        first, last = ends.min(axis=1), ends.max(axis=1)
    return found.assign(ratio=last / first, levels=list(levels.reindex(found.index).to_dict("index").values()))


def kept(p):
    """Benjamini and Hochberg at 5 %, by hand."""
    known = p.dropna().sort_values()
    under = known.to_numpy() <= 0.05 * np.arange(1, len(known) + 1) / max(len(known), 1)
    last = under.nonzero()[0].max() + 1 if under.any() else 0
    return p.index.isin(known.index[:last])


@pytest.fixture(params=CASES, ids=lambda case: "-".join(case))
def case(request, opened):
    """A library and the selection to look at."""
    name, area, dimension = request.param
    library = opened(name)
    selection, _ = Selection(area=area, dimension=dimension, compare=()).settled(library)
    return library, selection


def view(part, library, selection, lang):
    """One part beside its answer."""
    answer = views.compute("answer", selection, library, lang)
    return answer.finding, views.compute(part, selection, library, lang, answer.finding)


@pytest.mark.parametrize("lang", LANGS)
def test_the_list_of_the_largest_gaps_is_the_kept_ones_largest_first(case, lang):
    library, selection = case
    found, shown = view("topics", library, selection, lang)
    release = library.release(selection.release)
    gaps = measured(release, found.shown_area, found.dimension, found.period)
    expected = gaps[gaps["kept"] & np.isfinite(gaps["ratio"])] if len(gaps) else gaps
    expected = expected.sort_values("ratio", ascending=False, kind="stable") if len(gaps) else gaps
    assert [line.indicator for line in shown.lines] == list(expected.index[:5])
    (lead,) = read(shown.lead, lang, "app.topics.lead", "app.topics.none")
    assert (lead.key == "app.topics.lead") == bool(shown.lines)
    there = release.select(area=found.shown_area, dimension=found.dimension, period=found.period)
    assert number(lead.values["number"], lang).value == there["indicator"].nunique()
    assert lead.values["area"] == found.names.area(found.shown_area, lang)
    for line in shown.lines:
        (said,) = read(re.sub(r";[^;]*\d[^;]*$", "", line.words), lang, "app.topics.line", "app.topics.reversed")
        world = World(
            library,
            Selection(**{**vars(selection), "area": found.shown_area, "indicator": line.indicator}).settled(library)[0],
            lang,
        )
        levels, row = world.levels(found.period), gaps.loc[line.indicator]
        bad, pair = world.bad(levels), [world.group(said.values[one]) for one in ("first", "second")]
        apart = bad[pair[0]] - bad[pair[1]]
        assert said.values["title"] == world.names.indicator(line.indicator, lang)
        assert np.isclose(abs(apart), abs(row["estimate"]))
        assert number(said.values["difference"], lang).is_about(apart * world.factor)
        assert number(said.values["ratio"], lang).is_about(row["ratio"])
        assert (said.key == "app.topics.reversed") == (apart < 0)
        assert world.ordered or (bad[pair[0]], bad[pair[1]]) == (bad.max(), bad.min())


@pytest.mark.parametrize("lang", LANGS)
def test_the_matrix_counts_marks_and_names_what_is_clear_among_all_that_it_shows(case, lang):
    library, selection = case
    found, panel = view("matrix", library, selection, lang)
    bundle, release = panel.figure, library.release(selection.release)
    (title,) = read(bundle.title, lang, "figure.matrix.title")
    gaps = measured(release, found.shown_area, found.dimension)
    told = set(bundle.table.loc[bundle.table["area"] == found.shown_area, "indicator"])
    gaps = gaps[gaps.index.isin(told)]
    if set(bundle.table["area"]) == {found.shown_area}:  # others are kept among those of other areas too
        assert number(title.values["clear"], lang).value == gaps["kept"].sum()
    assert number(title.values["number"], lang).value == len(told)
    named = read(bundle.alt, lang, "figure.alt.matrix_largest")
    clear = gaps[gaps["kept"] & np.isfinite(gaps["ratio"])]
    if named and len(clear) == gaps["kept"].sum():
        names = found.names
        assert named[0].values["title"] == names.indicator(clear["ratio"].idxmax(), lang)
    whole = release.select(area=found.shown_area, dimension=TOTAL).set_index(["indicator", "period"])["estimate"]
    favourable = release.indicators.set_index("indicator")["favourable"]
    levels = bundle.table[bundle.table["measure"] == "level"]
    for row in levels[levels["against"].isin(["weaker", "better"])].itertuples():
        apart = row.estimate - whole[row.indicator, row.period]
        worse = apart < 0 if favourable[row.indicator] else apart > 0
        assert worse == (row.against == "weaker"), row
    drawn = " ".join(one.get_text() for axes in bundle.fig.axes for one in axes.texts)
    assert drawn.count("▲ ") <= drawn.count("▲")
    for row in bundle.table[bundle.table["measure"] == "D"].itertuples():
        if row.area == found.shown_area:
            assert np.isclose(abs(row.estimate), abs(gaps.loc[row.indicator, "estimate"]))


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("sort", ["", "gap"])
@pytest.mark.parametrize("part", ["regions", "map"])
def test_ranks_and_ranges_of_areas_are_those_of_their_numbers(opened, part, sort, lang):
    for name, area, indicator in (
        ("example", "HVA10", "example-hardship"),
        ("example", "KU091", "example-exercise"),
        ("sotkanet", "KU010", "s-4404"),
    ):
        library = opened(name)
        asked = Selection(area=area, indicator=indicator, dimension="sex", sort=sort, compare=())
        selection, _ = asked.settled(library)
        found, panel = view(part, library, selection, lang)
        assert panel.figure is not None
        check_areas(panel.figure, library.release(selection.release), found, found.shown_area, lang, gap=bool(sort))


def check_areas(bundle, release, found, area, lang, *, gap):
    """Ranks by all comparisons with the own area at once; highest and lowest of the numbers drawn."""
    kind = area[:2]
    cells = release.select(indicator=found.indicator, period=found.period, dimension="sex" if gap else TOTAL)
    cells = cells[cells["area"].str.startswith(kind) & cells["estimate"].notna()].dropna(axis=1, how="all")
    if gap:
        rows = hyte.disparity(cells, ["D"], indicators=release.indicators).set_index("area")
        bad = rows["estimate"]
    else:
        rows = cells.set_index("area")
        rows = rows if "se" in rows else rows.assign(se=np.nan)
        bad = -rows["estimate"] if found.favourable else rows["estimate"]
    rows, bad = rows[bad.notna()], bad.dropna()
    (said,) = read(bundle.title, lang, "figure.regions.rank")
    ends = [int(one) for one in said.values["ranks"].split("–")]
    assert number(said.values["number"], lang).value == len(rows)
    verdict = said.key.rpartition("_")[2]
    assert (verdict == "unknown") == bool(rows["se"].isna().any())
    half = norm.isf(0.025 / (len(rows) - 1)) * np.hypot(rows["se"], rows.loc[area, "se"])
    half = half.fillna(0.0)
    apart = (bad - bad[area]).drop(area)
    low, high = 1 + (apart > half.drop(area)).sum(), len(rows) - (apart < -half.drop(area)).sum()
    assert (ends[0], ends[-1]) == (low, high), said
    if verdict == "alike":
        assert number(said.values.get("same", "1"), lang).value == high - low  # one is said in words
    (extremes,) = read(bundle.alt, lang, "figure.alt.extremes")
    factor = 100 / release.indicators.set_index("indicator").loc[found.indicator, "scale"]
    for name, value in (("high", rows["estimate"].max()), ("low", rows["estimate"].min())):
        told = f"{extremes.values[f'{name}est']} {extremes.values[name]}"
        named = [found.names.area(one, lang) for one in rows.index[rows["estimate"] == value]]
        assert told.startswith("; ".join(named) if len(named) <= 3 else str(len(named))), extremes
        figures = [number(one, lang) for one in re.findall(r"[−-]?\d[\d\s\xa0]*(?:[.,]\d+)?", extremes.values[name])]
        assert any(one.is_about(value * factor) for one in figures), (extremes, value)


FACT = re.compile(r"<dt>(.*?)</dt><dd>(.*?)</dd>", re.DOTALL)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", [*WORLDS, *REAL, *COMMITTED])
def test_the_quality_panel_counts_what_is_there_and_grades_by_its_own_rule(name, opened, lang):
    library = opened(name)
    selection, _ = Selection(compare=()).settled(library)
    areas = library.release(selection.release).cells["area"]
    selection, _ = Selection(area=selection.area or areas.iloc[0], compare=()).settled(library)
    if not selection.dimension:
        return
    found, shown = view("quality", library, selection, lang)
    told = {name: re.sub("<[^>]+>", "", unescape(words)) for name, words in FACT.findall(shown)}
    facts, base = list(told.values()), told.get(text("app.quality.base", lang), "")
    release = library.release(selection.release)
    cells = release.select(indicator=found.indicator, dimension=found.dimension)
    (hidden,) = (one for words in facts for one in read(words, lang, "app.quality.hidden_text"))
    assert number(hidden.values["all"], lang).value == len(cells)
    for status in ("suppressed", "missing", "uncertain"):
        assert number(hidden.values[status], lang).value == (cells["status"] == status).sum()
    here = cells[(cells["area"] == found.shown_area) & (cells["period"] == found.period)]
    for said in (one for words in base.split("; ") for one in read(words, lang, "app.quality.base_")):
        column = said.key.removeprefix("app.quality.base_")
        assert number(said.values["number"], lang).is_about(here[column].min()), said
    check_grade(found, here, facts, release, lang)


def check_grade(found, here, facts, release, lang):
    """The grade by the limits that the panel itself prints."""
    (rule,) = (one for words in facts for one in read(words, lang, "app.quality.reliability_rule"))
    limit = {name: number(value, lang).value for name, value in rule.values.items()}
    meta = release.indicators.set_index("indicator").loc[found.indicator]
    shown = here[here["status"].isin(["ok", "uncertain"])]
    counted = meta["kind"] in ("proportion", "rate")

    def under(grade):
        few = [
            column in shown and shown[column].min() < limit[f"{column}_{grade}"]
            for column in ("respondents", "events")
            if counted or column == "respondents"
        ]
        wide = False
        if "se" in shown and shown["se"].notna().any() and (shown["estimate"] > 0).any():
            at = shown[shown["estimate"] != 0]
            wide = 100 * (at["se"] / at["estimate"].abs()).max() > limit[f"relative_se_{grade}"]
            if meta["kind"] == "proportion":
                wide |= 196 * shown["se"].max() / meta["scale"] > limit[f"width_{grade}"]
        return any(few) or wide

    grade = found.reliability.grade
    assert grade == "unknown" or not under("weak") or grade == "weak"
    assert grade != "good" or not under("moderate")
    if grade == "weak" and "se" in shown and shown["se"].notna().all():
        assert under("weak") or (shown["status"] == "uncertain").any()
