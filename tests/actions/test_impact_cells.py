"""Which cells an impact is of: their error, level, period, population; and what is refused by name."""

import numpy as np
import pandas as pd
import pytest
from made_actions import TWO_AREAS, make_action, make_cells

import hyteanalysis as hyte


def test_a_favourable_outcome_is_turned_round():
    lacking = make_cells(TWO_AREAS, se=0.01)
    good = lacking.assign(estimate=100 * (1 - lacking["estimate"]), se=1.0, scale=100.0, favourable=True)
    first, second = (hyte.impact(cells, make_action(), draws=300, seed=1).by_group for cells in (lacking, good))
    for name in ("baseline", "averted", "after"):
        np.testing.assert_allclose(first[name], second[name])
    about = {"indicator": "outcome", "title_en": "Outcome", "unit": "%", "kind": "proportion", "scale": 100}
    indicators = pd.DataFrame([{**about, "favourable": True}])
    told = hyte.impact(
        good.drop(columns=["scale", "favourable"]), make_action(), indicators=indicators, draws=300, seed=1
    )
    np.testing.assert_allclose(told.by_group["baseline"], first["baseline"])
    with pytest.raises(hyte.MeasureError, match="outcome is a mean"):
        hyte.impact(lacking, make_action(), indicators=indicators.assign(kind="mean", scale=1))


def test_where_the_error_comes_from():
    base = make_cells(TWO_AREAS)
    half = 1.959964 * 0.01
    by_se, by_limits, by_counts, none = (
        hyte.impact(cells, make_action(), draws=4_000, seed=1)
        for cells in (
            base.assign(se=0.01),
            base.assign(lower=base["estimate"] - half, upper=base["estimate"] + half),
            base.assign(respondents=(base["estimate"] * (1 - base["estimate"]) / 0.01**2)),
            base,
        )
    )
    for other in (by_limits, by_counts):
        np.testing.assert_allclose(by_se.by_group["arr_lower"], other.by_group["arr_lower"], rtol=0.01)
    assert (none.by_group["arr_lower"] == none.by_group["arr"]).all()
    assert any("no standard error in 6 cells" in said for said in none.notes("en"))
    # no event is not certainty
    zero = make_cells([("A", "low", 1, 50, 0.0), ("A", "high", 2, 50, 0.2)], events=[0, 10])
    found = hyte.impact(zero, make_action(), draws=1_000, seed=1).by_group
    assert found["averted"].iloc[0] == 0
    assert found["averted_upper"].iloc[0] > 0


def test_areas_of_one_level_are_taken_and_the_rest_is_told():
    rows = [(area, group, order, size, share) for area, size in (("SSS", 900), ("HVA08", 500), ("HVA10", 400))
            for group, order, share in (("low", 1, 0.2), ("high", 2, 0.1))]  # fmt: skip
    cells = make_cells(rows, se=0.01)
    found = hyte.impact(cells, make_action(), draws=100, seed=1)
    assert found.by_group["area"].unique().tolist() == ["HVA08", "HVA10"]
    assert any("counted twice; 1 area is" in said for said in found.notes("en"))
    whole = hyte.impact(cells, make_action(), areas="SSS", draws=100, seed=1)
    assert whole.by_group["population"].sum() == found.by_group["population"].sum()
    with pytest.raises(hyte.PlanError, match="one level, or people are counted twice; these are country, county"):
        hyte.impact(cells, make_action(), areas=["SSS", "HVA08"])


def test_rows_that_cannot_be_used_are_named(cells):
    cells["status"] = "ok"
    cells.loc[0, ["estimate", "se", "status"]] = [np.nan, np.nan, "suppressed"]
    found = hyte.impact(cells, make_action(effect={"scale": "rr", "value": 0.8, "by_group": {"low": 0.7}}), draws=100)
    assert found.left_out.values.tolist() == [["A", "low", "suppressed"]]
    assert len(found.by_group) == 5
    assert any("1 row is left out" in said for said in found.notes("en"))


def test_the_newest_period_that_has_numbers(cells):
    old, empty = cells.assign(period="2020"), cells.assign(period="2025", estimate=np.nan, se=np.nan)
    found = hyte.impact(pd.concat([old, cells, empty], ignore_index=True), make_action(), draws=100)
    assert found.baseline.period == "2024"
    asked = hyte.impact(pd.concat([old, cells], ignore_index=True), make_action(), period="2020", draws=100)
    assert asked.baseline.period == "2020"


def test_without_population_respondents_are_counted_and_told(cells):
    found = hyte.impact(cells.drop(columns="population").assign(respondents=500), make_action(), draws=100)
    assert (found.by_group["population"] == 500).all()
    assert any("among the respondents" in said for said in found.notes("en"))
    with pytest.raises(hyte.PlanError, match="neither population nor respondents"):
        hyte.impact(cells.drop(columns="population"), make_action())


@pytest.mark.parametrize(
    ("changes", "error", "expected"),
    [
        ({"outcome": "outcom"}, hyte.PlanError, "Did you mean outcome"),
        ({"dimension": "educaton"}, hyte.PlanError, "Did you mean education"),
        ({"reach": {"value": 0.2, "by_group": {"lo": 0.1}}}, hyte.PlanError, "which the cells lack. Did you mean low"),
        ({"reach": {"value": 0.2, "by_area": {"Ab": 0.1}}}, hyte.PlanError, "the area 'Ab'"),
        ({"reach": {"by_group": {"low": 0.1}}}, hyte.PlanError, "no number for group 'mid' in 'A'"),
    ],
)  # fmt: skip
def test_what_the_cells_lack_is_named(cells, changes, error, expected):
    with pytest.raises(error, match=expected):
        hyte.impact(cells, make_action(**changes))


def test_what_makes_no_sense_is_refused(cells):
    with pytest.raises(hyte.MeasureError, match="22 on the scale 1 is no share between 0 and 1"):
        hyte.impact(cells.assign(estimate=cells["estimate"] * 100), make_action())
    with pytest.raises(hyte.MeasureError, match="draws must be"):
        hyte.impact(cells, make_action(), draws=10)
    with pytest.raises(hyte.PlanError, match="must be an Action"):
        hyte.impact(cells, {"id": "a"})
    found = hyte.impact(cells, make_action(cost={"per_person": 0}), draws=100)
    with pytest.raises(hyte.MeasureError, match="per_euro needs a price"):
        found.ranking("per_euro")
    with pytest.raises(hyte.MeasureError, match="criterion must be one of"):
        found.ranking("best")
    assert set(found.rankings()["criterion"]) == {"per_reached", "total", "equity_weighted"}
