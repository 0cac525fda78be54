"""Sotkanet's values become tidy cells; nothing is lost silently, and bad input is named."""

import json

import pandas as pd
import pytest
from sotkanet_answers import EDUCATION, fetch, value

import hyteanalysis as hyte
from hyteanalysis.sources.http import Body
from hyteanalysis.sources.sotkanet import _read_values as read_values
from hyteanalysis.sources.sotkanet import _to_cells as to_cells
from hyteanalysis.sources.sotkanet_metadata import read_regions, titled


def test_values_become_tidy_cells_with_numerators_as_events(bank):
    cells, indicators, groups = fetch(bank)
    pd.testing.assert_frame_equal(hyte.tidy(cells, indicators), cells)
    assert set(cells["area"]) == {"SSS", "HVA10", "HVA01"}
    men = value(cells, area="HVA10", period="2023", dimension="sex", group="men")
    keys = (4404, 967, 2023, "male")
    raw = next(r for r in bank.values if (r["indicator"], r["region"], r["year"], r["gender"]) == keys)
    assert (men["estimate"], men["events"]) == (raw["value"], raw["absValue"])
    row = indicators.iloc[0]
    assert (row["indicator"], row["kind"], row["scale"], row["unit"]) == ("sotkanet-4404", "proportion", 100, "%")
    assert (row["updated"], row["licence"]) == ("2025-05-14", "CC BY 4.0")
    assert (row["favourable"], row["purpose"]) == (False, "outcome")
    assert row["description_fi"] == "Indikaattori kertoo päivittäin tupakoivien osuuden. Tiedot ovat kyselystä."
    assert row["notes"] == "Nothing published for 1 of 4 areas: HVA90."
    assert groups.set_index(["dimension", "group"]).at[("sex", "men"), "label_fi"] == "miehet"


def test_a_family_is_one_indicator_with_dimension_and_order(bank):
    cells, indicators, groups = fetch(bank, EDUCATION)
    assert indicators["indicator"].tolist() == ["sotkanet-4404"]
    assert hyte.tidy(cells, indicators)["indicator"].unique().tolist() == ["sotkanet-4404"]
    by = cells[cells["dimension"] == "education"].drop_duplicates("group").set_index("group")["order"]
    assert by.to_dict() == {"low": 1, "mid": 2, "high": 3}
    crossed = cells[cells["dimension"] == "education × sex"]
    assert set(crossed["group"]) >= {"low × women", "high × men"}
    assert crossed["order"].isna().all()
    assert {"low", "mid", "high"} <= set(groups.loc[groups["dimension"] == "education", "group"])
    gaps = hyte.disparity(cells[cells["dimension"] == "education"], ["D"], indicators=indicators)
    here = cells[(cells["area"] == "SSS") & (cells["period"] == "2022") & (cells["dimension"] == "education")]
    ends = here.set_index("group")["estimate"]
    found = gaps[(gaps["area"] == "SSS") & (gaps["period"] == "2022")]["estimate"].iloc[0]
    assert found == pytest.approx(ends["low"] - ends["high"])


def test_a_whole_family_on_request_and_a_member_alone(bank):
    cells, indicators, groups = fetch(bank, "sotkanet-4404", families=True)
    assert set(cells["dimension"]) == {"total", "sex", "age", "education", "age × sex", "education × sex"}
    assert "Age groups overlap: 65+ and 75+" in indicators["notes"].iloc[0]
    assert cells.loc[cells["dimension"] == "age", "order"].isna().all()
    assert groups.loc[groups["dimension"] == "age", "label_fi"].notna().all()
    alone = fetch(bank, 4408, genders=["total"]).cells
    assert alone[["indicator", "dimension", "group"]].drop_duplicates().to_numpy().tolist() == [
        ["sotkanet-4404", "education", "low"]
    ]


def test_the_recorded_csv_of_the_real_service(shared, bank):
    regions = read_regions(Body(shared("data/sotkanet/regions_2016.json"), "application/json", 0.0))
    values = read_values(Body(shared("data/sotkanet/data_127_2009_total.csv"), "text/csv", 0.0))
    assert len(values) == 466
    members = titled([{"id": 127, "title": {"fi": "Väestö 31.12."}}])
    towns = regions[regions["category"] == "KUNTA"]
    made = to_cells(values, members, towns, regions, {2009}, ["total"], {127: "count"})
    listed = {region for region in values["region"] if region in regions.index}
    left = 466 - len(values[values["region"].isin(listed)])
    assert not left or f"{left} rows of" in made.notes[127][0]
    cells = hyte.tidy(made.cells)
    assert value(cells, area="KU285")["estimate"] == values.set_index("region").at[151, "value"]
    assert (cells["events"] == cells["estimate"]).all()


def test_former_county_ids_are_the_counties_of_today(bank):
    for row in bank.values:
        if row["region"] == 967 and row["year"] == 2022:
            row["region"] = 887
    cells = fetch(bank).cells
    assert set(cells.loc[cells["area"] == "HVA10", "period"]) == {"2022", "2023"}
    bank.values += [row | {"region": 887, "value": 1.0} for row in bank.values if row["region"] == 967]
    again = fetch(bank, refresh=True).cells
    pd.testing.assert_frame_equal(again, cells)


def test_county_ids_that_the_list_lacks_are_known(bank, recorded):
    old = [
        region for region in json.loads(recorded("sotkanet/regions.json")) if region["category"] != "HYVINVOINTIALUE"
    ]
    expected = fetch(bank).cells
    bank.routes["/rest/1.1/regions"] = lambda query, body: json.dumps(old)
    pd.testing.assert_frame_equal(fetch(bank, refresh=True).cells, expected)


def test_a_null_is_missing_and_kept(bank):
    cells, indicators, _ = fetch(bank, areas="kunta")
    assert cells[["area", "status"]].to_numpy().tolist() == [["KU285", "missing"]]
    assert "Nothing published for 2 of 3 areas: KU091, KU286." in indicators["notes"].iloc[0]


def test_duplicates_are_kept_once_and_said_conflicts_are_refused(bank):
    clean = fetch(bank).cells
    bank.values += [row for row in bank.values if row["indicator"] == 4404][:4]
    cells, indicators, _ = fetch(bank, refresh=True)
    pd.testing.assert_frame_equal(cells, clean)
    assert "4 rows that came twice are kept once." in indicators["notes"].iloc[0]
    bank.values.append(bank.values[0] | {"value": 99.0})
    with pytest.raises(hyte.SourceError, match=r"indicator 4404: two values for SSS 2022 male: 13.5 and 99"):
        fetch(bank, refresh=True)


def test_unknown_regions_are_left_out_and_said(bank):
    bank.values += [row | {"region": 99_999} for row in bank.values if row["indicator"] == 4404][:5]
    cells, indicators, _ = fetch(bank)
    assert "of 1 region id that the service does not list (99999)" in indicators["notes"].iloc[0]
    assert "99999" not in "".join(cells["area"])


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"indicators": 4403}, r"no indicator '4403'\. Near: 4404 Päivittäin tupakoivien osuus"),
        ({"indicators": "tupakoi"}, r"no indicator 'tupakoi'\. Near: 4404 Päivittäin"),
        ({"areas": "Kotkka"}, "Near: KU285 Kotka"),
        ({"areas": "KU28"}, "Probably KU028"),
        ({"areas": "hvaa"}, "Did you mean hva"),
        ({"areas": "yta"}, "no region of category YTA"),
        ({"genders": ["women"]}, "gender must be one of total, female, male; not 'women'"),
        ({"years": 1890}, "nothing is published of what was asked.*Nothing published for 1890"),
        ({"years": []}, "at least one year"),
        ({"indicators": []}, "at least one indicator"),
    ],
)
def test_bad_input(bank, options, told):
    with pytest.raises(hyte.SourceError, match=told):
        fetch(bank, **options)


def test_what_is_no_share_is_no_proportion(bank):
    bank.values[0]["value"] = 130.0
    cells, indicators, _ = fetch(bank)
    assert indicators[["kind", "scale"]].to_numpy().tolist() == [["index", 1.0]]
    assert "Values lie outside 0–100" in indicators["notes"].iloc[0]
    hyte.tidy(cells, indicators)
