"""The report's sentences: counts, largest differences, strengths, areas for development, each indicator's section."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from reading.reader import number, read
from reading.test_lists import kept, measured
from reading.test_people import check_people, check_whole
from reading.test_sentences import STEMS, World, check_change, check_gap, check_worst

import hyteanalysis as hyte
from hyteanalysis.apps.where.choice import Selection
from hyteanalysis.cells import CROSS, TOTAL
from hyteanalysis.plan import Plan
from hyteanalysis.progress import Steps
from hyteanalysis.reports import kinds
from hyteanalysis.reports.document import Bullets, Paragraph, Table, said
from hyteanalysis.reports.material import Material

CASES = [("example", "HVA10"), ("example", "KU091"), ("finsote", "SSS"), ("own areas", "north"), ("real", "SSS")]
RATIOS = ("proportion", "rate")


@cache
def _document(library, area, lang):
    plan = {
        "schema_version": 2, "title": "Plan", "organisation": "Town", "area": area, "first_year": 2026,
        "last_year": 2029, "language": lang, "goals": [],
    }  # fmt: skip
    release = library.release(library.ids[0])
    steps = Steps()
    material = Material.gather(Plan.from_dict(plan), release, lang, steps=steps, effects={}, day="2026-03-09")
    return material, kinds.document(material, "brief", "docx"), [one.chapter(material) for one in TEXTS]


TEXTS = (kinds.summary, kinds.description, kinds.conclusions)


@pytest.fixture(params=[(*case, lang) for case in CASES for lang in ("fi", "en")], ids=lambda case: "-".join(case))
def report(request, opened, monkeypatch):
    """Material and chapters of a plan without goals; figures are read elsewhere and not drawn."""
    name, area, lang = request.param
    monkeypatch.setattr(Material, "figure", lambda *_, **__: None)
    monkeypatch.setattr(Material, "county", lambda *_: None)
    library = opened(name)
    return library, area, lang, *_document(library, area, lang)


def expected(library, area):
    """Of all indicators and plain groupings of the area the gaps, with what is kept among all of them."""
    release = library.release(library.ids[0])
    names = [one for one in release.cells["dimension"].unique() if one != TOTAL and CROSS not in one]
    names = [one for one in names if one != "age"] or names
    parts = [measured(release, area, one).assign(by=one).reset_index() for one in sorted(names)]
    columns = pd.DataFrame(columns=["indicator", "estimate", "p", "outside", "ratio", "by"]).astype(
        {"outside": bool, "p": float, "ratio": float, "estimate": float}
    )
    parts = [one for one in parts if len(one)]
    found = pd.concat(parts, ignore_index=True) if parts else columns
    return found.assign(kept=kept(found["p"]) & found["outside"] & (found["p"] < 0.05))


def sections(chapter):
    """All sections of a chapter."""
    yield chapter
    for one in chapter.sections:
        yield from sections(one)


def lines(section):
    """Sentences of a section."""
    for block in section.blocks:
        if isinstance(block, Paragraph):
            yield block.words
        elif isinstance(block, Bullets):
            yield from block.items


def test_the_summary_counts_and_tells_first_what_is_largest_and_clear(report):
    library, area, lang, material, brief, (summary, _, _) = report
    gaps = expected(library, area)
    words = list(lines(summary))
    (count,) = read(words[0], lang, "report.summary.clear")
    clear = gaps[gaps["kept"]]
    assert number(count.values["clear"], lang).value == clear["indicator"].nunique()
    assert number(count.values["number"], lang).value == len(material.topics)
    kind = material.release.indicators.set_index("indicator")["kind"]
    size = clear[clear["indicator"].map(kind).isin(RATIOS) & np.isfinite(clear["ratio"])]
    size = size.loc[size.groupby("indicator")["estimate"].apply(lambda values: values.abs().idxmax())]
    size = size.sort_values("ratio", ascending=False, kind="stable")
    titles = [material.names.indicator(one, lang) for one in size["indicator"]]
    told = [one for one in words if any(one.startswith(f"{title}: ") for title in titles)]
    assert [next(title for title in titles if one.startswith(f"{title}: ")) for one in told] == titles[:5]
    for line, row in zip(told, size.itertuples(), strict=False):
        check_all(library, area, row.indicator, row.by, line, lang)
    assert next(lines(brief.chapters[0])) == words[0]


def check_all(library, area, indicator, dimension, words, lang):
    """Everything that a line says of one indicator and grouping, by the reader of page A's answer."""
    asked = Selection(area=area, indicator=indicator, dimension=dimension, compare=())
    world = World(library, asked.settled(library)[0], lang)
    pair, keys = None, set()
    for one in read(words, lang, *STEMS):
        keys.add(one.key)
        if one.key.startswith("finding.worst."):
            check_worst(world, one)
        elif one.key.startswith("finding.people."):
            check_people(world, one)
        elif one.key.startswith("finding.whole."):
            check_whole(world, one, library)
        elif one.key.startswith("finding.gap."):
            check_gap(world, one)
            pair = pair or [world.group(one.values[name]) for name in ("first", "second") if name in one.values] or None
        elif pair:
            check_change(world, one, pair)
    return keys


def test_each_indicators_section_says_what_its_cells_say(report):
    library, area, lang, material, _, (_, description, _) = report
    topics = {material.names.indicator(one.indicator, lang): one for one in material.topics}
    read_of = set()
    for section in sections(description):
        topic = topics.get(section.title)
        if topic is None or topic.main.shown_area != area:
            continue
        words = [*lines(section)]
        (by,) = read(words[0], lang, "report.description.grouping", "report.description.no_clear")
        dimension = topic.main.dimension
        assert by.values["dimension"] == material.names.dimension(dimension, lang)
        gaps = expected(library, area)
        own = gaps[gaps["indicator"] == topic.indicator]
        assert (by.key == "report.description.grouping") == bool(own["kept"].any())
        if own["kept"].any():
            sizes = own[own["kept"]].set_index("by")["estimate"].abs()
            assert dimension == sizes.idxmax()
        assert check_all(library, area, topic.indicator, dimension, words[1], lang)
        read_of.add(topic.indicator)
    assert read_of or all(one.main.shown_area != area for one in material.topics)


def test_strengths_and_areas_for_development_are_clear_among_all_that_could_have_been_one(report):
    library, area, lang, material, _, (_, _, conclusions) = report
    gaps, release = expected(library, area), library.release(library.ids[0])
    p = [gaps["p"].to_numpy(dtype=float)]
    meta = release.indicators.set_index("indicator")
    wholes, moved = {}, {}
    for topic in material.topics:
        one, by = topic.main, topic.main.dimension
        if one.against_whole is not None and one.against_whole.between[0] == area:
            totals = release.select(indicator=one.indicator, period=one.period, dimension=TOTAL).set_index("area")
            gap = totals.loc[area, "estimate"] - totals.loc[one.against_whole.between[1], "estimate"]
            wholes[one.indicator] = (gap if not meta.loc[one.indicator, "favourable"] else -gap, one.against_whole.p)
        if one.change is not None and one.shown_area == area:
            cells = release.select(indicator=one.indicator, area=area, dimension=by)
            pair = cells[cells["group"].isin(one.difference.between)]
            levels = pair.pivot(index="period", columns="group", values="estimate")
            start, end = (abs(levels.loc[at].max() - levels.loc[at].min()) for at in one.change.between)
            moved[one.indicator] = end - start
        p.append(np.array([one.against_whole.p if one.against_whole is not None else np.nan]))
    strong, weak = conclusions.sections[0], conclusions.sections[1]
    ratio = gaps.groupby("indicator")["ratio"].max()
    for section, good in ((strong, True), (weak, False)):
        for line in lines(section):
            because = read(line, lang, "report.because.")
            if not because:
                continue
            title, indicator = next(
                (name, topic.indicator)
                for topic in material.topics
                if line.startswith(f"{(name := material.names.indicator(topic.indicator, lang))}: ")
            )
            assert title
            for one in because:
                sign = one.key.rpartition(".")[2]
                assert (sign in ("better", "narrowed")) == good
                if sign in ("better", "weaker"):
                    assert (wholes[indicator][0] > 0) == (sign == "weaker")
                    assert wholes[indicator][1] < 0.05
                elif sign == "double":
                    assert ratio[indicator] >= 2
                else:
                    assert (moved[indicator] < 0) == (sign == "narrowed")
    checks = conclusions.sections[3].blocks
    check_glance(next(one for one in checks if isinstance(one, Table)), material, gaps, moved, lang)


def check_glance(table, material, gaps, moved, lang):
    """A row an indicator: who is worst, the difference and its direction of change, as kept among all."""
    clear = set(gaps.loc[gaps["kept"], "indicator"])
    for row in table.rows:
        topic = next(
            one for one in material.topics if str(row[0]).startswith(material.names.indicator(one.indicator, lang))
        )
        one = topic.main
        whole = {verdict: hyte.i18n.text(f"report.country.{verdict}", lang) for verdict in ("better", "weaker")}
        assert (row[5] in whole.values()) == bool({"better", "weaker"} & topic.signs), row
        if one.difference is None or one.shown_area != one.asked_area:
            continue
        same = hyte.i18n.text("figure.matrix.same", lang)
        assert (row[1] != same) == (topic.indicator in clear), row
        own = gaps[(gaps["indicator"] == topic.indicator) & (gaps["by"] == one.dimension)].iloc[0]
        factor = 100 / float(material.meta(one.indicator)["scale"]) if one.unit.kind == "proportion" else 1.0
        assert abs(number(said(row[2], lang), lang).value) == pytest.approx(
            abs(own["estimate"]) * factor, rel=1e-2, abs=0.06
        )
        words = {verdict: hyte.i18n.text(f"figure.move.{verdict}", lang) for verdict in ("narrowed", "widened")}
        if row[4] in words.values():
            assert (moved[topic.indicator] < 0) == (row[4] == words["narrowed"])
            assert topic.indicator in clear, "a change is told only of what is clear"
