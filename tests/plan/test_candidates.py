"""The actions that a rule ends in: whom each would help, or why that cannot be said."""

import numpy as np
import pytest
from released import CITY, COUNTY, education, made, smoking, total

import hyteanalysis as hyte
from hyteanalysis import Action
from hyteanalysis.plan import Plan, candidates, fired


def action(**changes):
    said = {"id": "quit", "name": "Quit", "outcome": "smoking", "dimension": "education", "reach": 0.2}
    return Action.from_dict({**said, "effect": {"scale": "rr", "value": 0.8}, **changes})


@pytest.fixture
def ranked(plan):
    """Candidates of rules that fire, each a difference from the same one."""

    def table(release, *rules, **library):
        said = {"title": "Rule", "indicator": "smoking", "comparator": "above", "threshold": 5, "certainty": "estimate"}
        said |= {"dimension": "education", "group": "low", "actions": list(library)}
        held = [{"id": f"r{number}", **said, **rule} for number, rule in enumerate(rules or [{}])]
        rows = fired(Plan.from_dict({**plan(), "rules": held}), release)
        assert rows["verdict"].eq("fires").all()
        return candidates(rows, release, library=library, draws=100, seed=1)

    return table


def test_a_rule_of_the_whole_population_counts_those_helped_in_all_groups(ranked, release):
    found = ranked(release, {"dimension": "total", "group": "total"}, quit=action()).iloc[0]
    groups = hyte.impact(release, action(), areas=COUNTY, draws=100, seed=1).by_group
    assert len(groups) == 3
    assert found["averted"] == pytest.approx(groups["averted"].sum())
    assert np.isnan(found["averted_lower"])  # limits do not add up
    assert (found["rank"], found["reason"]) == (1, "")


def test_what_one_action_does_is_reckoned_once_for_all_rules(ranked, release, monkeypatch):
    asked = []
    real = hyte.actions.impact
    monkeypatch.setattr(hyte.actions, "impact", lambda *args, **options: asked.append(1) or real(*args, **options))
    found = ranked(release, {}, {"group": "mid"}, quit=action())
    assert asked == [1]
    by_group = real(release, action(), areas=COUNTY, draws=100, seed=1).by_group.set_index("group")["averted"]
    assert found["averted"].tolist() == pytest.approx(by_group[["low", "mid"]].tolist())


def test_areas_of_two_kinds_are_weighed_apart_though_their_codes_are_equally_long(ranked):
    release = made([*smoking(), *education("smoking", CITY, "2022", (30.0, 20.0, 10.0))])
    found = ranked(release, {"area": COUNTY}, {"area": CITY}, quit=action())
    assert len(COUNTY) == len(CITY)
    assert found["rank"].tolist() == [1, 1]
    assert (found["averted"] > 0).all()


def test_why_an_action_cannot_be_ranked_is_said(ranked, release):
    found = ranked(release, {}, by_sex=action(dimension="sex"), partial=action(reach={"by_group": {"mid": 0.2}}))
    assert found["rank"].isna().all()
    reasons = found.set_index("action")["reason"]
    assert reasons["by_sex"] == "another_grouping"
    assert reasons["partial"].startswith("reach has no number for group")
    assert "give one, or a value for all" in reasons["partial"]


def test_a_group_without_a_number_in_the_newest_period_has_no_figures(ranked):
    rows = [*education("smoking", COUNTY, "2021", (30, 20, 10)), *education("smoking", COUNTY, "2022", (30, 20, 10))]
    found = ranked(made([row for row in rows if (row["period"], row["group"]) != ("2022", "low")]), quit=action())
    assert found["reason"].tolist() == [f"no figures for {COUNTY}"]
    assert found["rank"].isna().all()


def test_a_place_is_not_compared_with_itself(plan):
    release = made([total("smoking", "SSS", "2022", 20), *smoking()[:3]])
    rule = {"id": "r", "title": "R", "indicator": "smoking", "comparator": "worse_than_country", "area": "SSS"}
    row = fired(Plan.from_dict({**plan(), "rules": [{**rule, "dimension": "total", "group": "total"}]}), release).iloc[
        0
    ]
    assert (row["verdict"], row["reason"]) == ("cannot_say", "no_comparison")
    assert row["now"] == 20
