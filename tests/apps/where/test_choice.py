"""No value is used that the release's own lists do not hold; what was changed is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyteanalysis.apps.kit.contents import area_codes, contents_of
from hyteanalysis.apps.where.choice import Choices, Selection, cross_of
from hyteanalysis.apps.where.views import limited, standardised
from hyteanalysis.findings import findings
from hyteanalysis.rates import standardise

foreign = st.sampled_from(["", "KU285", "HVA10", "SSS", "education", "sex", "2024", "2025", "sex:women", "age:20-54"])
foreign |= st.text(max_size=12)


@given(
    st.builds(
        Selection,
        *[foreign] * 5,
        st.lists(foreign, max_size=3).map(tuple),
        st.lists(foreign, max_size=7).map(tuple),
        st.booleans(),
        foreign,
    )
)
def test_whatever_is_asked_what_is_taken_stands_in_the_lists(example, asked):
    taken, changed = asked.settled(example)
    offered = Choices.of(taken, example, "fi")
    assert taken.release in example.ids
    for value, options in (
        (taken.area, offered.areas),
        (taken.indicator, offered.indicators),
        (taken.dimension, offered.dimensions),
        (taken.period, offered.periods),
    ):
        assert value in {identity for _, identity in options}
    limits = {f"{other}:{group}" for (_, other), groups in offered.filters for _, group in groups}
    assert set(taken.filters) <= limits
    assert taken.settled(example) == (taken, ())
    assert {"area"} <= set(changed) or asked.area in ("", taken.area)


def test_the_default_is_the_largest_clear_gap_of_the_whole_country_by_education_in_the_newest_year(example):
    taken, changed = Selection().settled(example)
    assert (taken.area, taken.dimension, taken.period, changed) == ("SSS", "education", "2025", ())
    found = findings(example.area(taken.release, "SSS", "education"), area="SSS", dimension="education")
    ratios = {one.indicator: one.ratio.estimate for one in found if one.ratio is not None and one.difference.clear}
    assert taken.indicator == max(ratios, key=lambda name: max(ratios[name], 1 / ratios[name]))


def test_an_area_not_chosen_stays_so(example):
    assert Selection(area=None).settled(example)[0].area is None


def test_every_municipality_is_offered_where_there_are_counties(example, own):
    codes = area_codes(example.release(example.ids[0]))
    assert codes[0] == "SSS"
    assert {"KU091", "KU285", "HVA91"} <= set(codes)
    assert area_codes(own.release(own.ids[0])) == ["a", "b", "c"]


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_options_are_named_in_every_language(example, lang):
    taken, _ = Selection(area="HVA10").settled(example)
    offered = Choices.of(taken, example, lang)
    assert all(label and label != identity for label, identity in (*offered.areas, *offered.indicators))
    assert ("Whole country", "SSS") in offered.areas or lang != "en"


def test_limits_that_the_release_cannot_give_together_give_way(example):
    taken, changed = Selection(dimension="education", filters=("age:20-54", "sex:women")).settled(example)
    assert len(taken.filters) == 1
    assert "filters" in changed
    assert Selection(dimension="language", filters=("sex:women",)).settled(example)[0].filters == ()


def test_a_limited_release_holds_the_crossed_rows_under_plain_names(example):
    whole = example.indicator(example.ids[0], "example-loneliness")
    seen = limited(whole, "education", ("sex:women",))
    crossed = whole.select(dimension="education × sex", area="HVA10", period="2025").set_index("group")["estimate"]
    plain = seen.select(dimension="education", area="HVA10", period="2025").set_index("group")
    for group in ("low", "mid", "high"):
        assert plain.loc[group, "estimate"] == crossed[f"{group} × women"]
    assert plain["order"].to_dict() == {"low": 1, "mid": 2, "high": 3}
    women = whole.select(dimension="sex", area="HVA10", period="2025").set_index("group")["estimate"]["women"]
    assert seen.select(dimension="total", area="HVA10", period="2025")["estimate"].item() == women
    assert "(naiset)" in seen.indicators.set_index("indicator").loc["example-loneliness", "title_fi"]
    assert "(naiset)" not in whole.indicators["title_fi"].str.cat()


def test_an_age_standardised_view_is_the_standardised_rate_of_the_released_counts(example):
    whole = example.indicator(example.ids[0], "example-loneliness")
    seen = standardised(whole, "education")
    rows = whole.select(dimension="age × education", area="HVA10", period="2025")
    low = rows[rows["group"].str.endswith("× low")]
    low = low.assign(band=low["group"].str.partition(" × ")[0])
    first = int(low["band"].str.extract(r"^(\d+)", expand=False).astype(int).min())
    expected = standardise(low, "area", band="band", standard="esp2013", per=100, ages=(first, None))
    made = seen.select(dimension="education", area="HVA10", period="2025").set_index("group")
    assert made.loc["low", "estimate"] == pytest.approx(expected["estimate"].item(), rel=1e-12)
    assert made.loc["low", "lower"] < made.loc["low", "estimate"] < made.loc["low", "upper"]
    taken, changed = Selection(indicator="example-loneliness", standardised=True).settled(example)
    assert taken.standardised
    assert not changed


def test_what_can_limit_a_grouping_is_what_the_release_crosses_it_with(example):
    there = contents_of(example, example.ids[0], "example-loneliness")
    assert set(there.filterable("education")) == {"age", "sex"}
    assert there.filterable("income") == {}
    assert cross_of("education", ()) == "education"
