"""Rules fire only where interval and least change allow; where neither can be said, they say so."""

import numpy as np
import pandas as pd
import pytest
from released import COUNTRY, COUNTY, cell, education, made, smoking, total

from hyteanalysis import Action, PlanError
from hyteanalysis.actions import library
from hyteanalysis.plan import Plan, Rule, candidates, fired


def answer(plan, release, **rule):
    said = {"id": "r", "title": "Rule", "indicator": "smoking", "dimension": "education", "group": "low", **rule}
    return fired(Plan.from_dict({**plan(), "rules": [said]}), release).iloc[0]


# 23.3 (21.4-25.2) in 2022; the country's 22.6
CASES = {
    "whole interval above": ({"comparator": "above", "threshold": 20}, "fires", ""),
    "interval spans the threshold": ({"comparator": "above", "threshold": 23}, "cannot_say", "not_clear"),
    "whole interval below": ({"comparator": "above", "threshold": 26}, "does_not_fire", ""),
    "below": ({"comparator": "below", "threshold": 26}, "fires", ""),
    "clear, but under the least change": (
        {"comparator": "above", "threshold": 20, "minimum_change": 6},
        "does_not_fire",
        "",
    ),
    "the least change is within the interval": (
        {"comparator": "above", "threshold": 20, "minimum_change": 4},
        "cannot_say",
        "not_clear",
    ),
    "estimate alone": ({"comparator": "above", "threshold": 23, "certainty": "estimate"}, "fires", ""),
    "against the country": ({"comparator": "worse_than_country"}, "cannot_say", "not_clear"),
    "fell since the year before": ({"comparator": "worsened", "minimum_change": 5}, "does_not_fire", ""),
    "fell since 2013": ({"comparator": "worsened", "since": "2013"}, "does_not_fire", ""),
    "no such year": ({"comparator": "worsened", "since": "1990"}, "cannot_say", "no_comparison"),
    "county has no county": ({"comparator": "worse_than_county"}, "cannot_say", "no_comparison"),
    "few respondents": (
        {"comparator": "above", "threshold": 20, "minimum_respondents": 5000},
        "cannot_say",
        "few_respondents",
    ),
    "no rows": ({"comparator": "above", "threshold": 20, "area": "KU837"}, "cannot_say", "no_data"),
}


@pytest.mark.parametrize(("rule", "verdict", "reason"), CASES.values(), ids=CASES)
def test_verdicts(plan, release, rule, verdict, reason):
    row = answer(plan, release, **rule)
    assert (row["verdict"], row["reason"]) == (verdict, reason)


def test_an_area_is_part_of_its_country(plan, release):
    row = answer(plan, release, comparator="worse_than_country", dimension="total", group="total")
    now, whole, f = 15.5, 14.4, 300_000 / 3_000_000
    s, w = (np.sqrt(p * (100 - p) / n) for p, n in ((now, 6000), (whole, 60000)))
    half = 1.959964 * np.sqrt(s**2 + w**2 - 2 * f * s**2)
    assert row["difference"] == pytest.approx(now - whole)
    assert [row["difference_lower"], row["difference_upper"]] == pytest.approx([now - whole - half, now - whole + half])
    assert row["verdict"] == "fires"


@pytest.mark.parametrize(
    ("respondents", "rise", "verdict"),
    [(90, 6, "fires"), (90, 4, "does_not_fire"), (400, 3, "fires"), (400, 1.9, "does_not_fire"), (100, 2, "fires")],
)
def test_the_school_health_rule_goes_by_respondents(plan, respondents, rise, verdict):
    release = made(
        [
            total("smoking", COUNTY, "2019", 20, n=respondents),
            total("smoking", COUNTY, "2021", 20 + rise, n=respondents),
        ]
    )
    rule = Rule.ready("school-health", id="r", title="R", indicator="smoking").to_dict()
    assert answer(plan, release, **{"dimension": "total", "group": "total", **rule})["verdict"] == verdict


def test_hidden_numbers_say_nothing(plan):
    release = made(education("smoking", COUNTY, "2022", (30, 20, 10), statuses=("suppressed", "ok", "ok")))
    row = answer(plan, release, comparator="above", threshold=10)
    assert (row["verdict"], row["reason"]) == ("cannot_say", "suppressed")
    assert np.isnan(row["now"])


def test_without_an_interval_nothing_is_sure(plan):
    rows = [{**row, "se": np.nan, "lower": np.nan, "upper": np.nan} for row in smoking()]
    row = answer(plan, made(rows), comparator="above", threshold=10)
    assert (row["verdict"], row["reason"]) == ("cannot_say", "no_interval")


def test_a_release_that_never_had_errors_or_people_is_read_as_well(plan):
    lacking = ("se", "lower", "upper", "population", "respondents")
    rows = [{key: value for key, value in row.items() if key not in lacking} for row in smoking()]
    row = answer(plan, made(rows), comparator="above", threshold=10)
    assert (row["verdict"], row["reason"], row["now"]) == ("cannot_say", "no_interval", pytest.approx(23.3))
    sure = answer(plan, made(rows), comparator="above", threshold=10, certainty="estimate")
    assert sure["verdict"] == "fires"
    assert np.isnan(sure["respondents"])


def test_a_group_that_its_dimension_cannot_have_is_named(plan, release):
    with pytest.raises(PlanError, match="rule 'r': group: 'low' is no group of 'education × sex'"):
        answer(plan, release, comparator="above", threshold=10, dimension="education × sex")


def test_worse_follows_the_indicators_direction(plan):
    rows = [total("voting", COUNTY, "2022", 50, n=5000), total("voting", COUNTRY, "2022", 60, n=50000)]
    row = answer(
        plan, made(rows), indicator="voting", comparator="worse_than_country", dimension="total", group="total"
    )
    assert (row["verdict"], round(row["difference"])) == ("fires", 10)


def test_each_area_below_is_watched(plan, example_release):
    rule = Rule(
        id="r", title="R", indicator="example-smoking", comparator="worse_than_county", area="HVA10", each_below=True,
        dimension="sex", group="men",
    )  # fmt: skip
    held = Plan.from_dict({**plan(), "rules": [rule.to_dict()]})
    found = fired(held, example_release)
    assert found["area"].tolist() == ["KU075", "KU285", "KU286", "KU489", "KU624", "KU935"]
    assert set(found["compared_with"]) == {"HVA10"}


def test_a_rule_over_many_areas_seldom_fires_where_nothing_differs(plan):
    rng, worlds = np.random.default_rng(2), 15
    rule = {
        "id": "r", "title": "R", "indicator": "smoking", "comparator": "above", "threshold": 20, "area": COUNTY,
        "each_below": True,
    }  # fmt: skip
    places = [f"a{i}" for i in range(30)]
    held = Plan.from_dict({**plan(), "rules": [rule]})
    hierarchy = pd.DataFrame({"area": places, "parent": COUNTY})
    alone, together = 0, 0
    for _ in range(worlds):
        levels = rng.normal(20, 1.0, len(places))
        rows = [
            cell("smoking", area, "2022", "total", "total", level, se=1.0)
            for area, level in zip(places, levels, strict=True)
        ]
        found = fired(held, made([*rows, *smoking()], hierarchy=hierarchy))
        alone += (found["difference_lower"] > 0).any()
        together += (found["verdict"] == "fires").any()
    assert alone > worlds / 3
    assert together <= worlds * (0.05 + 3 * np.sqrt(0.05 * 0.95 / worlds))
    clear = [cell("smoking", area, "2022", "total", "total", 30.0, se=1.0) for area in places]
    assert set(fired(held, made([*clear, *smoking()], hierarchy=hierarchy))["verdict"]) == {"fires"}


def test_an_unknown_indicator_is_named_with_the_rule(plan, release):
    with pytest.raises(
        PlanError, match="rule 'r': indicator: 'smokin' is not an indicator of the release; did you mean smoking"
    ):
        answer(plan, release, indicator="smokin", comparator="worsened")


@pytest.fixture
def smoking_above(plan, example, example_release):
    """The example's rule with these actions, fired."""

    def table(*actions):
        rule = {**Plan.read(example).rules[0].to_dict(), "area": "HVA10", "actions": actions}
        return fired(Plan.from_dict({**plan(), "rules": [rule]}), example_release)

    return table


def test_a_rule_ends_in_ranked_actions(smoking_above, example_release):
    found = candidates(smoking_above("smoking-cessation", "debt-advice", "nothing"), example_release)
    assert found["action"].tolist() == ["smoking-cessation", "debt-advice", "nothing"]
    assert found["reason"].tolist() == ["", "another_outcome", "no_effect_file"]
    assert found["rank"].iloc[0] == 1
    assert found["averted_lower"].iloc[0] < found["averted"].iloc[0] < found["averted_upper"].iloc[0]


def test_more_helped_ranks_first(smoking_above, example_release):
    weak = Action.read(library()["smoking-cessation"])
    strong = Action.from_dict({**weak.to_dict(), "id": "strong", "effect": {"scale": "rr", "value": 0.5}})
    found = candidates(
        smoking_above("weak", "strong"), example_release, library={"weak": weak, "strong": strong}, draws=200
    )
    assert found["action"].tolist() == ["strong", "weak"]
    assert found["rank"].tolist() == [1, 2]


def test_a_rule_with_no_rows_gives_none(plan, release):
    assert fired(Plan.from_dict(plan()), release).empty
