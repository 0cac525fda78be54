"""Equiplot and trend: every number from the release, every state drawn and said, in any width and language."""

import numpy as np
import pandas as pd
import pytest
from released import CITY, COUNTRY, COUNTY, INDICATORS, cell, education, made, smoking, total

import hyteanalysis as hyte
from hyteanalysis.errors import HyteError
from hyteanalysis.figures import equiplot, trend
from hyteanalysis.i18n import LANGS

SEVEN = pd.DataFrame(
    [
        {
            "dimension": "situation",
            "group": f"s{i}",
            "label_fi": label,
        }
        for i, label in enumerate(
            [
                "yksin asuvat työttömät, joilla on pitkäaikaissairaus",
                "yksinhuoltajat",
                "pariskunnat ilman lapsia",
                "lapsiperheet",
                "opiskelijat",
                "omaishoitajina toimivat eläkeläiset",
                "muut",
            ]
        )
    ]
)


@pytest.fixture(scope="module")
def release():
    rows = smoking()
    rows += [*education("smoking", "HVA10", "2022", (18.0, 20.0, 23.0)), total("smoking", "HVA10", "2022", 20.0)]
    rows += education("smoking", "HVA05", "2022", (21.0, 12.0, 9.0), statuses=("ok", "ok", "suppressed"), n=300)
    rows += education("smoking", "HVA21", "2022", (15.0, 15.4, 15.2), statuses=("ok", "uncertain", "ok"), n=90)
    rows += [
        cell("smoking", COUNTY, "2022", "situation", f"s{i}", 10.0 + 2 * i, n=400 if i % 2 else 4000) for i in range(7)
    ]
    for row in rows:
        if row["area"] == COUNTY and (row["group"], row["period"]) in {("low", "2016"), ("mid", "2019")}:
            status = "suppressed" if row["group"] == "low" else "missing"
            row.update(dict.fromkeys(("estimate", "se", "lower", "upper", "events"), np.nan), status=status)
    return made(rows, groups=SEVEN)


ALL = [COUNTY, COUNTRY, "HVA10", "HVA05", "HVA21"]


def texts(bundle):
    shown = [*bundle.fig.texts]
    for axes in filter(lambda one: one.axison, bundle.fig.axes):
        shown += [*axes.texts, *axes.get_xticklabels(), *axes.get_yticklabels(), axes.xaxis.label, axes.yaxis.label]
    return [text for text in shown if text.get_text() and text.get_visible()]


@pytest.mark.parametrize("width", [7.5, 16.0])
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("draw", [equiplot, trend])
def test_words_are_large_enough_and_within_the_sheet(release, draw, lang, width):
    bundle = draw(release, dimension="education", areas=ALL if draw is equiplot else COUNTY, lang=lang, width=width)
    bundle.fig.canvas.draw()
    sheet = bundle.fig.bbox
    for text in texts(bundle):
        assert text.get_fontsize() >= 9
        box = text.get_window_extent()
        assert box.x0 >= sheet.x0 - 1, text.get_text()
        assert box.x1 <= sheet.x1 + 1, text.get_text()
    assert bundle.fig.get_size_inches()[0] == pytest.approx(width / 2.54)
    assert bundle.lang == lang
    assert 0 < len(bundle.alt) <= 250


def test_equiplot_holds_the_releases_own_rows(release):
    bundle = equiplot(release, dimension="education", areas=ALL)
    keys = ["indicator", "area", "period", "dimension", "group"]
    levels = bundle.table[bundle.table["measure"] == "level"]
    joined = levels.merge(release.cells, on=keys, validate="one_to_one", suffixes=("", "_own"))
    assert len(joined) == len(levels)
    pd.testing.assert_series_equal(joined["estimate"], joined["estimate_own"], check_names=False)
    gaps = bundle.table[bundle.table["measure"] == "D"].set_index("area")["estimate"]
    assert gaps["HVA10"] == pytest.approx(-5)
    assert bundle.release == release.id
    assert {"reversed", "suppressed", "uncertain"} <= set(bundle.states)


def test_every_dot_drawn_is_in_the_table(release):
    bundle = equiplot(release, dimension="education", areas=COUNTY)
    axes = max(bundle.fig.axes, key=lambda one: one.get_position().height)
    dots = {round(float(x), 6) for line in axes.lines for x in line.get_xdata() if line.get_markersize() > 8}
    numbers = {round(value, 6) for value in bundle.table["estimate"].dropna()}
    assert {round(value, 6) for value in (23.3, 15.8, 6.2)} <= dots
    assert dots <= numbers


def test_states_are_words_in_table_and_notes(release):
    bundle = equiplot(release, dimension="education", areas=["HVA05", "HVA21"])
    assert ">peitetty<" in bundle.html_table()
    assert ">epävarma<" in bundle.html_table()
    assert any("Peitetty tietosuojan vuoksi: korkea koulutus" in note for note in bundle.notes)
    drawn = " ".join(text.get_text() for text in bundle.fig.texts)
    assert "× peitetty: korkea koulutus" in drawn
    assert "9,0 " not in drawn.split("peitetty: korkea")[1]


def test_reversed_gap_line_is_dashed(release):
    def dashed(area):
        axes = max(equiplot(release, dimension="education", areas=area).fig.axes, key=lambda a: a.get_position().height)
        return any(line.is_dashed() for line in axes.lines)

    assert dashed("HVA10")
    assert not dashed(COUNTY)


def test_end_labels_touch_no_dot_of_their_row(release):
    bundle = equiplot(release, dimension="situation", areas=COUNTY)
    bundle.fig.canvas.draw()
    axes = max(bundle.fig.axes, key=lambda one: one.get_position().height)
    dots = [
        axes.transData.transform((line.get_xdata()[0], line.get_ydata()[0]))
        for line in axes.lines
        if line.get_markersize() > 8 and line.get_linestyle() == "None" and line.get_marker() not in ("x", "None")
    ]
    assert len(dots) == 7
    for label in axes.texts:
        box = label.get_window_extent()
        assert not any(box.contains(*dot) for dot in dots), label.get_text()


def test_a_municipality_is_replaced_and_said(release):
    bundle = equiplot(release, dimension="education", areas=CITY)
    assert set(bundle.table["area"]) == {COUNTY}
    assert "fallback" in bundle.states
    assert bundle.notes[0].startswith("Tätä tietoa ei ole väestöryhmittäin alueelta Tampere")


def test_default_areas_are_of_the_highest_level(release):
    assert set(equiplot(release, dimension="education").table["area"]) == {COUNTRY}


def test_more_than_seven_areas_stand_in_the_table(release):
    rows = [row for code in range(2, 11) for row in education("smoking", f"HVA{code:02}", "2022", (20.0, 15.0, 9.0))]
    bundle = equiplot(made(rows))
    assert bundle.table["area"].nunique() == 9
    assert any("Alueita on 9. Kuviossa niistä on 7" in note for note in bundle.notes)


def test_trend_breaks_at_hidden_and_missing_years(release):
    bundle = trend(release, dimension="education", areas=COUNTY)
    axes = (
        bundle.fig.axes[0] if len(bundle.fig.axes) == 2 else max(bundle.fig.axes, key=lambda a: a.get_position().height)
    )
    stretches = [line.get_xdata() for line in axes.lines if line.get_linewidth() == 1.8]
    assert sorted(len(x) for x in stretches) == [3, 3, 6, 6, 10]
    assert not any(2016 in x and line_low for x, line_low in zip(stretches[:2], (True, True), strict=True))
    assert {"suppressed", "missing"} <= set(bundle.states)
    assert "Peitetty tietosuojan vuoksi: matala koulutus (2016). Peitetty ei tarkoita nollaa." in bundle.notes
    assert "Tieto puuttuu: keskitason koulutus (2019)." in bundle.notes
    gaps = bundle.table[bundle.table["measure"] == "D"]
    assert "2016" not in set(gaps["period"])
    assert "2019" in set(gaps["period"])
    assert bundle.title.endswith("ero on kaventunut 2017–2022")


def test_trend_labels_do_not_overlap():
    rows = [
        row
        for i, year in enumerate(range(2015, 2023))
        for row in education("smoking", COUNTY, str(year), (15.2 + 0.1 * i, 15.1 + 0.1 * i, 15.0 + 0.1 * i))
    ]
    bundle = trend(made(rows), width=7.5)
    bundle.fig.canvas.draw()
    boxes = [label.get_window_extent() for axes in bundle.fig.axes[:1] for label in axes.texts if label.get_text()]
    assert len(boxes) >= 3
    for i, box in enumerate(boxes):
        assert not any(box.y0 < other.y1 - 1 and other.y0 < box.y1 - 1 for other in boxes[i + 1 :])


def test_trend_marks_a_change_of_method():
    rows = smoking()
    bundle = trend(made(rows, indicators=INDICATORS.assign(break_year=2019)), areas=COUNTY)
    axes = bundle.fig.axes[0]
    assert any("Tiedonkeruu muuttui 2019" in label.get_text() for label in axes.texts)
    assert "not_comparable" in bundle.states
    assert bundle.title.endswith("eron muutosta ei voi arvioida")
    assert max(len(line.get_xdata()) for line in axes.lines if line.get_linewidth() == 1.8) == 6


def test_trend_needs_two_periods(release):
    with pytest.raises(HyteError, match="two periods"):
        trend(release, dimension="situation", areas=COUNTY)


def test_practice_data_are_marked_in_the_body():
    rows = education("smoking", COUNTY, "2022", (24.0, 16.0, 8.0))
    cells = pd.DataFrame(rows).astype({"order": "Int64"})
    practice = hyte.release(
        cells, INDICATORS[:1], policy=hyte.Policy.from_profile("open"), synthetic=True, source="esimerkki"
    )
    for lang, mark in (("fi", "HARJOITUSAINEISTO"), ("sv", "ÖVNINGSMATERIAL"), ("en", "PRACTICE DATA")):
        bundle = equiplot(practice, lang=lang)
        marks = [text for text in bundle.fig.texts if text.get_text() == mark]
        assert len(marks) == 1
        assert marks[0].get_gid() != "furniture"


def test_unknown_choices_are_named(release):
    with pytest.raises(HyteError, match="name the dimension"):
        equiplot(release)
    with pytest.raises(HyteError, match="education"):
        equiplot(release, dimension="educatio")
    with pytest.raises(HyteError, match="'de'"):
        equiplot(release, dimension="education", lang="de")


def test_the_mark_of_practice_data_is_whole_where_titles_are_left_out():
    cells = pd.DataFrame(education("smoking", COUNTY, "2022", (24.0, 16.0, 8.0))).astype({"order": "Int64"})
    practice = hyte.release(cells, INDICATORS[:1], policy=hyte.Policy.from_profile("open"), synthetic=True)
    bundle = equiplot(practice)
    bundle.fig.canvas.draw()
    mark = next(text for text in bundle.fig.texts if text.get_text() == "HARJOITUSAINEISTO")
    box = mark.get_window_extent().transformed(bundle.fig.dpi_scale_trans.inverted())
    assert box.y1 <= bundle.body.y1
    assert box.y0 >= bundle.body.y0
