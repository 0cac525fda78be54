"""Person rows to cells: what pandas counts and what the survey estimates give."""

from itertools import product
from math import sqrt

import numpy as np
import pandas as pd
import pytest
from person_rows import KEYS, NUMBERS, row

import hyteanalysis as hyte
from hyteanalysis.sources.microdata import Outcome
from hyteanalysis.uncertainty import poisson, wilson

BY = ["education", "sex"]


def test_a_crossing_with_its_margins_is_what_pandas_counts(population, people):
    cells = hyte.aggregate(population / "people", by=BY, outcomes={"smoking": "smoking"})
    hyte.tidy(cells)
    assert set(cells["dimension"]) == {"total", "education", "sex", "education × sex"}
    for dimension, columns in {"total": [], "sex": ["sex"], "education × sex": ["education", "sex"]}.items():
        own = cells[cells["dimension"] == dimension]
        counted = people.groupby(["area", "period", *columns])["smoking"].agg(["sum", "size"]).reset_index()
        names = counted[columns[0]].str.cat(counted[columns[1:]], sep=" × ") if columns else "total"
        counted = counted.assign(group=names)
        joined = own.merge(counted, on=["area", "period", "group"], validate="one_to_one")
        assert len(joined) == len(own) == len(counted)
        assert (joined["events"] == joined["sum"]).all()
        assert (joined["respondents"] == joined["size"]).all()
        np.testing.assert_allclose(joined["estimate"], joined["sum"] / joined["size"], rtol=1e-14)
    assert row(cells, area="KU091", period="2024", group="low")["order"] == 1
    assert cells.loc[cells["dimension"] == "sex", "order"].isna().all()


def test_each_kind_has_its_error_and_limits(few):
    outcomes = {
        "ill": "ill",
        "percent": Outcome("ill", kind="proportion", scale=100),
        "score": "score",
        "rate": Outcome("ill", kind="rate", exposure="years", scale=1000),
        "cases": Outcome("ill", kind="count"),
        "points": Outcome("points", kind="count"),
    }
    few = few.assign(points=few["score"] * 2)  # whole, as a count is
    cells = hyte.aggregate(few, by=[], outcomes=outcomes, area=None, period=None)
    assert (set(cells["area"]), set(cells["period"])) == ({"SSS"}, {"all"})
    known = few.dropna(subset="ill")
    n, events, time = len(known), known["ill"].sum(), known["years"].sum()
    ill = row(cells, indicator="ill")
    p = events / n
    expected = [p, sqrt(p * (1 - p) / n), *wilson(events, n), n, events, n]
    assert ill[NUMBERS].tolist() == pytest.approx(expected)
    assert ill["note"] == "2 rows without an answer left out."
    percent = row(cells, indicator="percent")
    assert percent["estimate"] == pytest.approx(100 * p)
    assert percent["scale"] == 100
    score = row(cells, indicator="score")
    assert score["estimate"] == pytest.approx(few["score"].mean())
    assert score["se"] == pytest.approx(few["score"].std() / sqrt(12))
    assert np.isnan(score["events"])
    rate = row(cells, indicator="rate")
    lower, upper = poisson(events)
    expected = [1000 * v / time for v in (events, sqrt(events), lower, upper)]
    assert rate[NUMBERS].tolist() == pytest.approx([*expected, time, events, n])
    cases, points = row(cells, indicator="cases"), row(cells, indicator="points")
    assert cases[["estimate", "se", "events"]].tolist() == pytest.approx([events, sqrt(events), events])
    assert points[["estimate", "se"]].tolist() == pytest.approx([114, sqrt((few["points"] ** 2).sum())])


@pytest.mark.parametrize(
    "layout",
    [
        {"weight": "weight"},
        {"weight": "weight", "strata": "stratum"},
        {"weight": "weight", "strata": "stratum", "cluster": "cluster"},
        {"weight": "weight", "cluster": "cluster"},
    ],
    ids=lambda layout: "+".join(layout),
)
def test_a_design_gives_what_the_survey_estimates_give(population, people, layout):
    """Crossing, margins and larger areas alike: linearised over the units of the whole data, limits too."""
    kinds = {"loneliness": "proportion", "satisfaction": "mean"}
    asked = {outcome: outcome for outcome in kinds}
    cells = hyte.aggregate(population / "people", by=BY, outcomes=asked, hierarchy="official", **layout)
    cells = cells[cells["area"] == "SSS"]
    for outcome, by in product(kinds, ([], ["education"], BY)):
        fit = hyte.survey.estimate(people, outcome, ["period", *by], kind=kinds[outcome], **layout).frame
        own = cells[(cells["indicator"] == outcome) & (cells["dimension"] == (" × ".join(by) or "total"))]
        joined = own.merge(fit, on=["period", "dimension", "group"], suffixes=("", "_"), validate="one_to_one")
        assert len(joined) == len(fit)
        answered = joined["respondents"] > 0
        for column in ["estimate", "se", "lower", "upper", "population", "respondents"]:
            np.testing.assert_allclose(joined.loc[answered, column], joined.loc[answered, column + "_"], rtol=1e-9)
        assert (joined.loc[~answered, "status"] == "missing").all()


def test_weighted_totals_and_person_time_rates_are_ratio_estimates(few):
    design = {"weight": "w", "strata": "h", "cluster": "c", "area": None, "period": None}
    known = few.dropna(subset="ill").assign(area="SSS")
    cells = hyte.aggregate(
        few, by=["sex"], outcomes={"rate": Outcome("ill", "rate", "years"), "cases": Outcome("ill", "count")}, **design
    )
    survey = {"weight": "w", "strata": "h", "cluster": "c"}
    ratio = hyte.survey.estimate(few, "ill", "sex", kind="ratio", denominator="years", **survey).frame
    total = hyte.survey.estimate(few, "ill", "sex", kind="total", **survey).frame
    for indicator, fit in (("rate", ratio), ("cases", total)):
        own = cells[(cells["indicator"] == indicator) & (cells["dimension"] == "sex")]
        np.testing.assert_allclose(own["estimate"], fit["estimate"], rtol=1e-12)
        np.testing.assert_allclose(own["se"], fit["se"], rtol=1e-12)
    whole = row(cells, indicator="rate", dimension="total")
    assert whole["population"] == pytest.approx((known["w"] * known["years"]).sum())


def test_larger_areas_are_the_sums_of_their_parts(population, people):
    cells = hyte.aggregate(population / "people", by=["sex"], outcomes={"smoking": "smoking"}, hierarchy="official")
    tree = hyte.areas.hierarchy(2025)
    county = people["area"].map(tree[tree["parent"].str.startswith("HVA")].set_index("area")["parent"])
    counted = people.groupby([county, "period"])["smoking"].agg(["sum", "size"])
    own = cells[cells["area"].str.startswith("HVA") & (cells["dimension"] == "total")].set_index(["area", "period"])
    assert (own["events"].reindex(counted.index) == counted["sum"]).all()
    assert row(cells, area="SSS", period="2020", group="total")["respondents"] == (people["period"] == "2020").sum()
    town = pd.DataFrame({"area": ["KU285", "KU091"], "parent": "coast"})
    some = people[people["area"].isin(town["area"])]
    coast = hyte.aggregate(some, by=[], outcomes={"smoking": "smoking"}, hierarchy=town)
    assert set(coast["area"]) == {"coast", "KU285", "KU091"}


def test_several_tables_take_a_scan_each_and_share_their_margins(population):
    cells = hyte.aggregate(
        population / "people", by=[["education", "sex"], ["language"]], outcomes={"smoking": "smoking"}
    )
    assert not cells.duplicated(KEYS).any()
    assert set(cells["dimension"]) == {"total", "education", "sex", "education × sex", "language"}
    bare = hyte.aggregate(population / "people", by=BY, outcomes={"smoking": "smoking"}, margins=False)
    assert set(bare["dimension"]) == {"education × sex"}


def test_whole_numbers_beyond_zero_and_one_keep_their_spread():
    """Only where all are 0 or 1 is the sum of squares the sum; what one value decides, one value shows."""
    for values in ([0, 1, 2, 1], [-1, 0, 1, 1]):
        rows = pd.DataFrame({"area": "KU285", "period": "2024", "visits": np.array(values)})
        cell = hyte.aggregate(rows, by=[], outcomes={"visits": "visits"}).iloc[0]
        assert cell["estimate"] == pytest.approx(np.mean(values))
        assert cell["se"] == pytest.approx(np.std(values, ddof=1) / 2)


def test_order_kind_and_degrees_of_freedom_travel_into_the_gap():
    """Ordered categories keep their order, a proportion its logit line: SII needs no metadata to be the same."""
    rng = np.random.default_rng(5)
    levels = pd.CategoricalDtype(["short", "middling", "long"], ordered=True)
    rows = pd.DataFrame({"schooling": rng.choice(levels.categories, 900), "cluster": rng.integers(0, 12, 900)})
    rows["ill"] = (rng.random(900) < rows["schooling"].map({"short": 0.5, "middling": 0.25, "long": 0.1})).astype(int)
    rows["score"] = rng.exponential(2, 900)
    rows["schooling"] = rows["schooling"].astype(levels)
    outcomes = {"ill": "ill", "score": "score"}
    cells = hyte.aggregate(rows, by=["schooling"], outcomes=outcomes, area=None, period=None, margins=False)
    ranks = cells.drop_duplicates("group").set_index("group")["order"]
    assert ranks.to_dict() == {"short": 1, "middling": 2, "long": 3}
    assert cells.groupby("indicator")["kind"].first().to_dict() == {"ill": "proportion", "score": "mean"}
    score, ill = cells[cells["indicator"] == "score"], cells[cells["indicator"] == "ill"]
    assert (score["df"] == score["respondents"] - 1).all()
    assert ill["df"].isna().all()
    metadata = pd.DataFrame([{"indicator": "ill", "title_en": "Ill", "kind": "proportion", "unit": "", "scale": 1.0,
                              "favourable": False}])  # fmt: skip
    bare, told = (hyte.disparity(ill, "SII", indicators=given)["estimate"].item() for given in (None, metadata))
    assert bare == pytest.approx(told, rel=1e-12)
    assert bare != pytest.approx(hyte.disparity(ill.drop(columns="kind"), "SII")["estimate"].item(), rel=1e-3)
    designed = hyte.aggregate(
        rows, by=["schooling"], outcomes={"ill": "ill"}, area=None, period=None, cluster="cluster", margins=False
    )
    assert designed["df"].eq(11).all()
