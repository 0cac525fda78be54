"""A gap is between two named groups: who they are, how their gap has changed, and that no word says more."""

import re

import numpy as np
import pandas as pd
import pytest
from released import COUNTY, INDICATORS, cell, education, found_of

import hyteanalysis as hyte
from hyteanalysis.cells import check_indicators, reference_groups
from hyteanalysis.i18n import LANGS, Unit
from hyteanalysis.inequality.released import released_changes

KINDS = [f"k{i}" for i in range(10)]


def sexes(period, women, men, n=4000):
    return [
        cell("smoking", COUNTY, period, "sex", group, level, n=n) for group, level in (("women", women), ("men", men))
    ]


def kinds(levels, period="2022", n=1000, reference=None, **options):
    rows = [
        cell("smoking", COUNTY, period, "kind", group, y, n=n, **options)
        for group, y in zip(KINDS, levels, strict=False)
    ]
    return [{**row, "reference": row["group"] == reference} for row in rows] if reference else rows


def test_men_and_women_that_change_places_have_a_gap_that_turned_and_the_sentence_says_who_was_weaker():
    found = found_of([*sexes("2017", 26.0, 20.0), *sexes("2022", 20.0, 26.0)], dimension="sex")
    assert found.difference.between == ("men", "women")
    assert found.change.values == pytest.approx((-6.0, 6.0))
    assert (found.change.estimate, found.change.verdict) == (pytest.approx(12.0), "reversed")
    assert "aiemmin heikompi ryhmä oli ”naiset”, nyt se on ”miehet”" in found.parts("fi")["change"]
    for lang in LANGS:
        assert found.names.group("sex", "women", lang) in found.parts(lang)["change"]


def test_an_order_that_turns_names_the_groups_as_they_were_and_are():
    rows = education("smoking", COUNTY, "2017", (12.0, 16.0, 24.0), n=2000)
    rows += education("smoking", COUNTY, "2022", (24.0, 16.0, 12.0), n=2000)
    assert "oli ”korkea koulutus”, nyt se on ”matala koulutus”" in found_of(rows).parts("fi")["change"]
    turned = [{**row, "period": {"2017": "2022", "2022": "2017"}[row["period"]]} for row in rows]
    assert "oli ”matala koulutus”, nyt se on ”korkea koulutus”" in found_of(turned).parts("fi")["change"]


def test_no_gap_of_groups_without_order_is_called_reversed():
    found = found_of(kinds((30.0, 20.0, 10.0), n=3000), dimension="kind")
    assert found.difference.verdict == "worse"
    assert "reversed" not in found.states
    assert not re.search("käänte", " ".join([*found.sentences("fi"), found.headline("fi")]))


def test_a_change_is_of_the_two_groups_named_now_whoever_was_at_the_ends_then():
    rows = kinds((30.0, 10.0, 20.0), n=4000) + kinds((20.0, 12.0, 35.0), "2017", n=4000)
    found = found_of(rows, dimension="kind")
    assert found.difference.between == ("k0", "k1")
    assert found.change.values == pytest.approx((8.0, 20.0))
    assert "samojen kahden ryhmän välillä: ”k0” ja ”k1”" in found.parts("fi")["change"]


@pytest.mark.parametrize("seed", range(4))
def test_the_change_told_is_that_of_released_changes(seed):
    rng = np.random.default_rng(seed)
    rows = kinds(rng.uniform(15, 25, 5), n=2000) + kinds(rng.uniform(15, 25, 5), "2017", n=2000)
    found = found_of(rows, dimension="kind")
    cells = pd.DataFrame(rows).astype({"order": "Int64"})
    one = released_changes(cells, check_indicators(INDICATORS), "2017", "2022").iloc[0]
    assert found.difference.between == (one["first"], one["second"])
    for contrast, stem in ((found.change, ""), (found.relative_change, "ratio_")):
        told = [one[f"{stem}{name}"] for name in ("start", "end", "change", "lower", "upper")]
        assert [*contrast.values, contrast.estimate, contrast.lower, contrast.upper] == pytest.approx(told)
        assert contrast.verdict == one[f"{stem}verdict"]
        assert (contrast.p < 0.05) == (not contrast.lower <= (0 if not stem else 1) <= contrast.upper)


def test_a_group_that_was_not_there_before_hinders_only_its_own_change():
    rows = kinds((30.0, 10.0, 20.0), n=4000)
    assert found_of(rows + kinds((20.0, 12.0), "2017"), dimension="kind").change is not None
    assert found_of(rows + kinds((20.0,), "2017"), dimension="kind").change is None


def test_a_declared_reference_is_what_groups_without_order_are_compared_with():
    found = found_of(kinds((30.0, 20.0, 10.0), n=3000, reference="k1"), dimension="kind")
    assert found.difference.between == ("k0", "k1")
    assert found.difference.estimate == pytest.approx(10.0)
    assert found.ratio.estimate == pytest.approx(1.5)
    hidden = kinds((30.0, 20.0, 10.0), reference="k1")
    hidden[1] |= {"status": "suppressed", "estimate": np.nan, "se": np.nan, "lower": np.nan, "upper": np.nan}
    assert found_of(hidden, dimension="kind").difference is None


def test_limits_against_a_reference_hold_for_all_its_contrasts():
    levels = (22.0, 20.0, *[20.5] * 8)
    found = found_of(kinds(levels, reference="k1"), dimension="kind")
    error = 100 * np.sqrt(0.22 * 0.78 / 1000 + 0.2 * 0.8 / 1000)
    assert found.difference.estimate - found.difference.lower > 2.7 * error


def test_where_all_are_nought_no_group_is_named():
    for rows in (kinds((0.0,) * 4, se=0.0), kinds((0.0,) * 4, se=1.0)):
        found = found_of([{**row, "lower": 0.0, "upper": row["upper"] or 0.5} for row in rows], dimension="kind")
        assert (found.worst, found.best) == (None, None)
        assert not found.distinct
        for lang in LANGS:
            said = " ".join([*found.sentences(lang), found.headline(lang)])
            assert not re.search(r"\bk\d\b", said), said


def test_the_highest_of_two_exactly_tied_groups_is_not_named_alone():
    found = found_of(kinds((21.0, 21.0, 20.0), n=300), dimension="kind")
    assert found.distinct is False
    assert "k0; k1" in found.parts("fi")["worst"]
    clear = found_of(kinds((30.0, 30.0, 10.0), n=3000), dimension="kind")
    assert "k0; k1" in clear.headline("fi")


def test_a_headline_names_all_that_may_be_the_worst_or_says_how_many():
    several = found_of(kinds((30.0, 29.5, 10.0), n=1000), dimension="kind")
    assert several.tied == ("k1",)
    assert several.headline("fi").endswith("heikoin tilanne on jossakin näistä ryhmistä: k0; k1")
    many = found_of(kinds((30.0, 29.8, 29.6, 29.4, 29.2, 10.0), n=1000), dimension="kind")
    assert len(many.tied) == 4
    for lang in LANGS:
        assert "5" in many.headline(lang)
        assert "k0" not in many.headline(lang)


def test_an_order_whose_ends_are_alike_names_no_worst_group_and_does_not_blame_chance():
    found = found_of(education("smoking", COUNTY, "2022", (16.0, 30.0, 16.5), n=3000))
    assert found.distinct is False
    assert found.p_equal < 0.05
    assert "järjestyksen ensimmäisen ja viimeisen ryhmän" in found.parts("fi")["worst"]
    assert "sattumasta" not in found.parts("fi")["worst"]
    assert "Heikoin tilanne" not in found.parts("fi")["worst"]


def test_difference_and_ratio_are_both_told_and_where_they_disagree_that_they_do():
    rows = education("smoking", COUNTY, "2017", (19.4, 14.0, 10.0), n=60_000)
    rows += education("smoking", COUNTY, "2022", (15.6, 11.0, 7.8), n=60_000)
    found = found_of(rows)
    assert (found.change.verdict, found.relative_change.verdict) == ("narrowed", "no_clear_change")
    assert found.relative_change.values == pytest.approx((1.94, 2.0))
    assert "1,9-kertainen ja on nyt 2,0-kertainen" in found.parts("fi")["change"]
    assert found.parts("fi")["change"].endswith("Erotuksen ja suhteen muutos eivät kerro samaa.")
    same = education("smoking", COUNTY, "2017", (24.0, 14.0, 8.0), n=60_000)
    same += education("smoking", COUNTY, "2022", (12.0, 11.0, 8.0), n=60_000)
    said = found_of(same).parts("fi")["change"]
    assert "Suhteessa ero on kaventunut 3,0-kertaisesta 1,5-kertaiseen." in said
    assert "eivät kerro samaa" not in said


def test_people_are_counted_only_where_the_data_tell_of_people():
    asked = [{**row, "population": np.nan} for row in kinds((30.0, 20.0, 10.0))]
    found = found_of(asked, dimension="kind")
    assert (found.now, found.fewer) == (None, None)
    assert "people" not in found.parts("fi")
    births = INDICATORS.assign(unit=INDICATORS["unit"].replace("per 100000", "per 100,000 live births"))
    rows = education("hospital", COUNTY, "2022", (520.0, 410.0, 300.0), n=100_000)
    said = found_of(rows, "hospital", indicators=births).parts("fi")
    assert "per 100,000 live births" in said["worst"]
    assert "asukasta" not in " ".join(said.values())
    homes = INDICATORS.assign(unit="% of households")
    said = found_of(kinds((30.0, 20.0, 10.0), n=3000), dimension="kind", indicators=homes).parts("fi")["people"]
    assert "ihmi" not in said
    assert "tapauksia" in said


@pytest.mark.parametrize(
    ("unit", "people"),
    [("%", True), ("per 100000", True), ("/ 100 000 asukasta", True), ("per 1,000 live births", False), ("", True)],
)
def test_a_unit_counts_people_unless_it_names_something_else(unit, people):
    assert Unit("rate", 1000.0, unit).of_people is people
    assert ("inhabitants" in Unit("rate", 1000.0, unit).measure("en")) is people


def test_a_wide_interval_is_not_good_however_many_answered():
    found = found_of(kinds((50.0, 50.0), n=5000, se=4.1), dimension="kind")
    assert found.reliability.grade == "moderate"
    assert found.reliability.reasons == ("width",)
    assert "luottamusväli on leveä" in found.parts("fi")["reliability"]
    assert found_of(kinds((50.0, 50.0), n=5000, se=6.0), dimension="kind").reliability.grade == "weak"
    assert found_of(kinds((50.0, 50.0), n=5000, se=1.0), dimension="kind").reliability.grade == "good"


def test_an_uncertain_number_with_many_cases_is_not_said_to_have_few():
    found = found_of(kinds((24.0, 16.0, 8.0), n=20_000, status="uncertain"), dimension="kind")
    said = " ".join(found.sentences("fi"))
    assert "suuntaa antava" in said
    assert not re.search("on vähän", said)


def test_a_covariance_that_the_release_holds_narrows_the_gap_and_its_change_as_the_engine_says():
    rows = [*sexes("2017", 20.0, 30.0, n=1000), *sexes("2022", 22.0, 26.0, n=1000)]
    keys = {"indicator": "smoking", "area": COUNTY, "dimension": "sex", "group": "men", "group_other": "women"}
    shared = pd.DataFrame([{**keys, "period": period, "covariance": 1.2} for period in ("2017", "2022")])
    meta, named = INDICATORS[:1], reference_groups()
    release = hyte.release(
        pd.DataFrame(rows).astype({"order": "Int64"}), meta, policy=hyte.Policy.from_profile("open"),
        groups=named[named["dimension"].isin(["sex", "dimension"])], covariance=shared,
    )  # fmt: skip
    found = hyte.finding(release, indicator="smoking", area=COUNTY, dimension="sex")
    apart = found_of(rows, dimension="sex")
    assert (found.difference.clear, apart.difference.clear) == (True, True)
    assert found.difference.lower > apart.difference.lower + 1
    one = released_changes(release.select(), check_indicators(meta), "2017", "2022", release.covariance).iloc[0]
    assert (found.change.lower, found.change.upper) == pytest.approx((one["lower"], one["upper"]))
    assert found.relative_change.lower == pytest.approx(one["ratio_lower"])
