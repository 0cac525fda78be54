"""The hierarchy by year and the ancestry of any hierarchy."""

import pandas as pd
import pytest

from hyteanalysis import areas
from hyteanalysis.errors import TidyError


@pytest.mark.parametrize("year", areas.YEARS)
def test_every_area_is_under_the_country_and_in_force(year: int) -> None:
    tree = areas.hierarchy(year)
    here = set(areas.reference(year)["area"])
    assert set(tree["area"]) == here - {"SSS"}
    assert set(tree["parent"]) <= here
    assert not tree.duplicated().any()
    pairs = areas.ancestry(tree)
    assert set(pairs.loc[pairs["ancestor"] == "SSS", "area"]) == here - {"SSS"}


@pytest.mark.parametrize("year", areas.YEARS)
def test_every_municipality_has_one_sub_region_region_county_and_country(year: int) -> None:
    pairs = areas.ancestry(areas.hierarchy(year))
    pairs = pairs[pairs["area"].str.startswith("KU")]
    counted = pairs.groupby(["area", pairs["ancestor"].map(areas.level)]).size().unstack(fill_value=0)
    assert (counted[["subregion", "region", "county", "country"]] == 1).all(axis=None)
    outside = counted.index[counted["collaborative"] == 0]
    assert len(outside) == 16  # Åland
    assert set(pairs.loc[pairs["area"].isin(outside) & pairs["ancestor"].str.startswith("HVA"), "ancestor"]) == {
        "HVA91"
    }


def test_a_merged_municipality_has_its_heirs_county_in_the_years_before_counties() -> None:
    for area, into, _ in areas.mergers().itertuples(index=False):
        county = [code for code in areas.ancestors(area, 2013) if code.startswith("HVA")]
        assert county == [code for code in areas.ancestors(into, 2026) if code.startswith("HVA")]


def test_moves_between_regions() -> None:
    assert areas.ancestors("KU142", 2020)[:2] == ["SK081", "MK08"]
    assert areas.ancestors("KU142", 2021)[:2] == ["SK071", "MK07"]
    assert "MK18" in areas.ancestors("KU785", 2015)
    assert "MK17" in areas.ancestors("KU785", 2016)


def test_collaborative_areas_agree_with_the_published_tables() -> None:
    assert areas.ancestors("HVA10")[0] == "YTA1"  # Southern Finland
    assert areas.ancestors("HVA05")[0] == "YTA4"  # Western Finland
    assert areas.ancestors("HVA91") == ["SSS"]
    assert areas.ancestors("SSS") == []
    assert areas.ancestors("harbour") == []


def test_an_abolished_municipality_has_no_ancestors_afterwards() -> None:
    assert "HVA12" in areas.ancestors("KU588", 2024)
    with pytest.raises(TidyError, match="joined KU507"):
        areas.ancestors("KU588", 2025)


def test_ancestry_lists_each_pair_once_along_two_ways_up() -> None:
    tree = pd.DataFrame({"area": ["a", "a", "b", "c"], "parent": ["b", "c", "d", "d"]})
    pairs = areas.ancestry(tree)
    assert sorted(map(tuple, pairs.to_numpy())) == [("a", "b"), ("a", "c"), ("a", "d"), ("b", "d"), ("c", "d")]


def test_circular_or_columnless_hierarchies_are_refused() -> None:
    with pytest.raises(TidyError, match="lies above itself"):
        areas.ancestry(pd.DataFrame({"area": ["a", "b", "c"], "parent": ["b", "c", "a"]}))
    with pytest.raises(TidyError, match="lies above itself"):
        areas.ancestry(pd.DataFrame({"area": ["a"], "parent": ["a"]}))
    with pytest.raises(TidyError, match="parent is lacking"):
        areas.ancestry(pd.DataFrame({"area": ["a"]}))
