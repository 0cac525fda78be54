"""Values carried over municipal mergers: by counts, forward only."""

import numpy as np
import pandas as pd
import pytest

import hyteanalysis as hyte
from hyteanalysis import areas
from hyteanalysis.errors import HyteError, MeasureError, TidyError


def cells(counts: dict[str, tuple[float, float]]) -> pd.DataFrame:
    frame = pd.DataFrame.from_dict(counts, orient="index", columns=["events", "population"]).rename_axis("area")
    keys = {"indicator": "smoking", "period": "2022", "dimension": "total", "group": "total"}
    return frame.reset_index().assign(**keys, estimate=lambda rows: rows["events"] / rows["population"] * 100)


def test_mergers_run_from_an_existing_area_into_a_lasting_one() -> None:
    frame = areas.mergers()
    assert len(frame) == 12
    assert (frame["date"].str[5:] == "01-01").all()
    for area, into, date in frame.itertuples(index=False):
        year = int(date[:4])
        areas.check_codes([area, into], year - 1)
        areas.check_codes([into], year)
        with pytest.raises(TidyError, match=f"joined {into}"):
            areas.check_codes([area], year)


def test_pertunmaa_goes_to_mantyharju_by_counts() -> None:
    frame = cells({"KU507": (500, 5000), "KU588": (300, 1500), "KU285": (6000, 40_000), "HVA12": (9, 90)})
    carried = areas.carry_over(hyte.tidy(frame), 2024, 2025)
    hyte.tidy(carried)
    carried = carried.set_index("area")
    assert set(carried.index) == {"KU507", "KU285", "HVA12"}
    assert carried.at["KU507", "estimate"] == pytest.approx(800 / 6500 * 100)
    assert carried.at["KU285", "estimate"] == pytest.approx(15)
    assert "KU588" in carried.at["KU507", "note"]


def test_carried_cells_belong_to_the_later_division_and_lose_nobody() -> None:
    codes = areas.reference(2013).query("level == 'municipality'")["area"]
    frame = cells({code: (i + 1, 10 * i + 20) for i, code in enumerate(codes)})
    carried = areas.carry_over(frame, 2013, 2026)
    assert set(carried["area"]) == set(areas.reference(2026).query("level == 'municipality'")["area"])
    assert carried[["events", "population"]].sum().tolist() == frame[["events", "population"]].sum().tolist()
    assert len(areas.aggregate(carried, "county", year=2026)) == 23


def test_steps_through_a_year_between_give_the_same() -> None:
    codes = areas.reference(2014).query("level == 'municipality'")["area"]
    frame = cells({code: (i + 1, 10 * i + 20) for i, code in enumerate(codes)})
    direct = areas.carry_over(frame, 2014, 2025)
    stepped = areas.carry_over(areas.carry_over(frame, 2014, 2016), 2016, 2025)
    columns = ["area", "events", "population", "estimate"]
    pd.testing.assert_frame_equal(
        direct[columns].sort_values("area", ignore_index=True), stepped[columns].sort_values("area", ignore_index=True)
    )


def test_three_municipalities_in_one() -> None:
    assert areas.successors(2014, 2017)["KU476"] == areas.successors(2014, 2017)["KU174"] == "KU297"
    frame = cells({"KU297": (1, 10), "KU476": (2, 10), "KU174": (3, 10)})
    assert areas.carry_over(frame, 2014, 2017)["events"].tolist() == [6]


def test_a_lacking_part_is_named_and_not_taken_for_nothing() -> None:
    carried = areas.carry_over(cells({"KU507": (500, 5000)}), 2024, 2025)
    assert carried["status"].tolist() == ["missing"]
    assert carried["note"].tolist() == ["Not summed: no row of KU588."]
    assert np.isnan(carried["population"].iloc[0])
    assert areas.carry_over(cells({"KU507": (500, 5000)}), 2024, 2025, absent="zero")["events"].tolist() == [500]


def test_rates_without_counts_cannot_be_carried_over_a_merger() -> None:
    frame = cells({"KU507": (500, 5000), "KU588": (300, 1500), "KU285": (1, 9)}).drop(columns="events")
    with pytest.raises(MeasureError, match="smoking cannot be summed: events are lacking"):
        areas.carry_over(frame, 2024, 2025)
    untouched = frame[frame["area"] == "KU285"]
    pd.testing.assert_frame_equal(areas.carry_over(untouched, 2024, 2025), untouched)


def test_nothing_is_carried_back_or_from_a_wrong_division() -> None:
    frame = cells({"KU507": (500, 5000), "KU588": (300, 1500)})
    with pytest.raises(MeasureError, match="cannot be carried back"):
        areas.carry_over(frame, 2025, 2024)
    with pytest.raises(TidyError, match="KU588 Pertunmaa joined KU507"):
        areas.carry_over(frame, 2025, 2026)
    with pytest.raises(HyteError, match="known are"):
        areas.carry_over(frame, 2011, 2026)
    pd.testing.assert_frame_equal(areas.carry_over(frame, 2023, 2024), frame)
