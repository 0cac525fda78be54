"""Life tables agree with the reference package, and keep its rule at any bands."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from phe_tables import LEVELS, OWN, agree, reader

import hyteanalysis as hyte
from hyteanalysis import rates


@pytest.fixture(params=["own", "peer"])
def table(request: pytest.FixtureRequest, shared: Callable[[str], Path]) -> Callable[[str], pd.DataFrame]:
    return reader(request.param, shared)


def test_life_expectancy(table: Callable[[str], pd.DataFrame]) -> None:
    given, expected = table("inputs_life_expectancy"), table("expected_life_expectancy")
    compared = 0
    for case, rows in given.groupby("case_id"):
        theirs = expected[expected["case_id"] == case].dropna(subset=["value"])
        if case == "le_up_4_suppressed":
            rows = rows[~rows["area"].isin(["Low pops"])]  # the reference erases it; ours says uncertain
        for key, level in LEVELS.items():
            if theirs[f"lower_{key}"].isna().all():
                continue
            ours = rates.life_expectancy(rows, "area", age="startage", population="pops", level=level)
            both = ours.merge(
                theirs, left_on=["area", "age"], right_on=["area", "startage"], validate="1:m", suffixes=("", "_t")
            )
            columns = {"estimate": "value", "lower": f"lower_{key}", "upper": f"upper_{key}", "population": "pops_used"}
            compared += agree(both, both, columns)
            assert not set(theirs["area"]) - set(both["area"])
    assert compared >= 60


def test_life_tables_of_any_bands_keep_the_reference_rule() -> None:
    abridged = pd.read_csv(OWN / "inputs_life_expectancy_synthetic.csv").query("area == 'L01_large'")
    edges = [0, 1, 5, 15, 25, 35, 45, 55, 65, 75, 85]
    abridged = abridged.assign(age=[max(e for e in edges if e <= start) for start in abridged["startage"]])
    coarse = abridged.groupby(["area", "age"], as_index=False)[["deaths", "pops"]].sum()
    found = rates.life_expectancy(coarse, "area", population="pops")
    assert list(found["age"]) == edges
    fine = rates.life_expectancy(abridged, "area", age="startage", population="pops")
    assert abs(found["estimate"].iloc[0] - fine["estimate"].iloc[0]) < 0.3
    # by hand: two bands
    two = pd.DataFrame({"area": "a", "age": [0, 50], "deaths": [100, 400], "population": [50_000, 10_000]})
    q = 50 * 0.002 / (1 + 50 * 0.9 * 0.002)
    by_hand = 50 * ((1 - q) + 0.1 * q) + (1 - q) * 25
    assert rates.life_expectancy(two, "area")["estimate"].iloc[0] == pytest.approx(by_hand, rel=1e-12)


def test_years_of_life_lost_by_hand() -> None:
    data = pd.DataFrame({"area": "a", "age": ["0-24", "25-49", "50-74", "75+"], "deaths": [8, 40, 400, 1300],
                         "population": [40_000, 45_000, 55_000, 20_000]})  # fmt: skip
    lost = rates.years_of_life_lost(data, "area", limit=75, per=None).iloc[0]
    assert lost["estimate"] == 8 * 62.5 + 40 * 37.5 + 400 * 12.5
    assert lost["se"] == pytest.approx(np.sqrt(8 * 62.5**2 + 40 * 37.5**2 + 400 * 12.5**2))
    table = pd.DataFrame({"age": ["75+", "50-74", "25-49", "0-24"], "estimate": [9.0, 25.0, 46.0, 71.0]})
    lost = rates.years_of_life_lost(data, "area", remaining=table, per=None).iloc[0]
    assert lost["estimate"] == 8 * 71 + 40 * 46 + 400 * 25 + 1300 * 9
    with pytest.raises(hyte.TidyError, match="goes over the limit 70"):
        rates.years_of_life_lost(data, "area", limit=70)


def test_where_all_die_in_a_band_before_the_last_there_are_limits_and_a_note() -> None:
    table = pd.DataFrame(
        {
            "age": [0, 1, 15, 45, 65, 85],
            "deaths": [4, 3, 25, 160, 100, 1],
            "population": [1_200, 21_000, 52_000, 45_000, 450, 5],
        }
    )
    found = rates.life_expectancy(table.assign(area="HVA08"), "area")
    by_age = found.set_index("age")
    assert by_age.loc[[0, 1, 15, 45], ["estimate", "se", "lower", "upper"]].notna().all().all()
    assert (by_age.loc[[0, 45], "se"] > 0).all()
    assert "All die in band 65" in by_age.loc[0, "note"]
    assert by_age.loc[0, "status"] == "uncertain"
    assert by_age.loc[85, "status"] == "missing"
    assert by_age.loc[85, "note"] == "Nobody reaches this age."
    # without variance of what comes after, that of the ages before remains: Chiang's by hand
    assert by_age.loc[45, "se"] == pytest.approx(_by_hand(160, 45_000, 20), rel=1e-9)


def _by_hand(deaths: float, people: float, width: float) -> float:
    """Error of the expectation at the start of a band, after which everybody dies within the next."""
    m = deaths / people
    q = m * width / (1 + m * width / 2)
    rest = width * 0.5  # all die in the next band, half-way through
    return float(np.sqrt((width / 2 + rest) ** 2 * q**2 * (1 - q) / deaths))
