"""Bad input: what is wrong with the whole call raises, one bad area is named in its note and the others go on."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

import hyteanalysis as hyte
from hyteanalysis import rates

AGES = ["0-4", *[f"{low}-{low + 4}" for low in range(5, 85, 5)], "85+"]


def table(areas: tuple[str, ...] = ("KU091", "KU285", "KU286")) -> pd.DataFrame:
    frame = pd.MultiIndex.from_product([areas, AGES], names=["area", "age"]).to_frame(index=False)
    events = np.tile(np.linspace(1, 60, len(AGES)).round(), len(areas))
    return frame.assign(events=events, population=np.tile(np.linspace(6000, 900, len(AGES)).round(), len(areas)))


def standardise(data: pd.DataFrame) -> pd.DataFrame:
    return rates.standardise(data, "area", standard="esp2013")


def indirect(data: pd.DataFrame) -> pd.DataFrame:
    reference = table(("SSS",)).drop(columns="area")
    return rates.indirect(data, "area", reference=reference)


def life(data: pd.DataFrame) -> pd.DataFrame:
    result = rates.life_expectancy(data, "area", deaths="events")
    return result.groupby("area", as_index=False, sort=False).first()


def lost(data: pd.DataFrame) -> pd.DataFrame:
    return rates.years_of_life_lost(data, "area", deaths="events", limit=75)


def spoilt(data: pd.DataFrame, kind: str) -> pd.DataFrame:
    """The band 40-44 of KU285 made faulty."""
    at = (data["area"] == "KU285") & (data["age"] == "40-44")
    if kind == "missing":
        return data[~at]
    if kind == "twice":
        return pd.concat([data, data[at]], ignore_index=True)
    column, value = {
        "no people": ("population", 0), "unknown people": ("population", np.nan), "unknown count": ("events", np.nan),
        "not whole": ("events", 12.5), "negative": ("events", -3), "above": ("events", 99_999),
    }[kind]  # fmt: skip
    return data.assign(**{column: data[column].mask(at, value)})


KINDS = {
    "missing": "this band is missing", "twice": "stands more than once", "no people": "population is 0",
    "unknown people": "population is missing", "unknown count": "events is missing",
    "not whole": "not a whole number", "negative": "events is negative",
}  # fmt: skip


FUNCTIONS = [standardise, indirect, life, lost]
BAD = [(function, kind) for function in FUNCTIONS for kind in KINDS] + [(life, "above"), (lost, "above")]


@pytest.mark.parametrize(("function", "kind"), BAD)
def test_one_bad_area_is_named_and_the_others_go_on(
    function: Callable[[pd.DataFrame], pd.DataFrame], kind: str
) -> None:
    whole = function(table()).set_index("area")
    found = function(spoilt(table(), kind)).set_index("area")
    bad, note = found.loc["KU285"], found.loc["KU285", "note"]
    assert "40-44" in note
    if function is indirect and kind == "no people":
        assert bad["status"] == "uncertain"
        assert bad["expected"] < whole.loc["KU285", "expected"]
    else:
        assert bad["status"] == "missing"
        assert bad[["estimate", "lower", "upper"]].isna().all()
        assert "area KU285" in note
        assert KINDS.get(kind, "are above population") in note
    for area in ("KU091", "KU286"):
        assert found.loc[area, "status"] == "ok"
        assert found.loc[area, "estimate"] == whole.loc[area, "estimate"]


# one area alone cannot miss a band (that is missing everywhere), and an empty band does no harm to an expected count
ALONE = [case for case in BAD if case[1] not in ("missing", "above") and case != (indirect, "no people")]


@pytest.mark.parametrize(("function", "kind"), ALONE)
def test_with_no_good_area_left_one_error_lists_every_fault(
    function: Callable[[pd.DataFrame], pd.DataFrame], kind: str
) -> None:
    one = spoilt(table(("KU285",)), kind)
    with pytest.raises(hyte.TidyError, match=rf"area KU285, age 40-44: .*{KINDS[kind]}") as caught:
        function(one)
    assert len(caught.value.faults) == 1
    assert caught.value.faults["remedy"].str.len().gt(10).all()


@pytest.mark.parametrize("function", [standardise, life, lost])
def test_a_band_missing_everywhere_is_an_error(function: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    with pytest.raises(hyte.TidyError, match=r"40-44.*Every area: this age band is missing"):
        function(table()[lambda f: f["age"] != "40-44"])
    with pytest.raises(hyte.TidyError, match=r"40-44.*area KU285: this age band is missing"):
        function(spoilt(table(("KU285",)), "missing"))
    first_years = table().assign(age=lambda f: f["age"].str.extract(r"^(\d+)", expand=False).astype(int))
    assert len(function(first_years)) == 3
    with pytest.raises(hyte.TidyError, match=r"40.*Every area: this age band seems missing"):
        function(first_years[first_years["age"] != 40])


def test_a_standard_with_other_bands_is_an_error() -> None:
    data = table()
    own = pd.DataFrame({"age": AGES, "weight": 1.0})
    with pytest.raises(hyte.TidyError, match="value '85\\+': The standard population has no such band"):
        rates.standardise(data, "area", standard=own.replace({"age": {"85+": "85-89"}}))
    more = pd.concat([own.replace({"age": {"85+": "85-89"}}), pd.DataFrame({"age": ["85+", "90+"], "weight": 1.0})])
    with pytest.raises(hyte.TidyError, match="area KU091, age 85-89: this band is missing"):
        rates.standardise(data, "area", standard=more)
    with pytest.raises(hyte.TidyError, match="stands twice in the standard"):
        rates.standardise(data, "area", standard=pd.concat([own, own.tail(1)]))
    with pytest.raises(hyte.TidyError, match="standard must be one of esp2013, who"):
        rates.standardise(data, "area", standard="esp1976")
    with pytest.raises(hyte.TidyError, match="does not hold whole bands"):
        rates.standardise(data.replace({"age": {"80-84": "80-86", "85+": "87+"}}), "area", standard="esp2013")
    with pytest.raises(hyte.TidyError, match=r"Every area: the last age is 84, where the standard .esp2013. has open"):
        rates.standardise(data[data["age"] != "85+"], "area", standard="esp2013")
    with pytest.raises(hyte.TidyError, match="is not an age band"):
        rates.standardise(data.replace({"age": {"85+": "old"}}), "area", standard="esp2013")
    with pytest.raises(hyte.TidyError, match="overlaps"):
        rates.standardise(data.replace({"age": {"80-84": "80-85"}}), "area", standard="esp2013")
    reference = table(("SSS",)).drop(columns="area")
    with pytest.raises(hyte.TidyError, match="The reference has no such band"):
        rates.indirect(data, "area", reference=reference[reference["age"] != "85+"])
    with pytest.raises(hyte.TidyError, match="In the reference: age 85\\+: population is 0"):
        rates.indirect(
            data,
            "area",
            reference=reference.assign(population=reference["population"].mask(reference["age"] == "85+", 0)),
        )


def test_bands_are_joined_by_name_and_never_by_position() -> None:
    data = table()
    standard = pd.DataFrame({"age": AGES, "weight": np.arange(1.0, 19)})
    expected = rates.standardise(data, "area", standard=standard)
    pd.testing.assert_frame_equal(rates.standardise(data, "area", standard=standard.iloc[::-1]), expected)


def test_few_events_have_no_standardised_rate() -> None:
    data = table(("KU091",)).assign(events=lambda f: (f["age"] == "85+") * 9)
    found = standardise(data).iloc[0]
    assert found["status"] == "missing"
    assert found["events"] == 9
    assert "Fewer than 10 events" in found["note"]
    keys = {"indicator": "m", "period": "2024", "dimension": "total", "group": "total"}
    assert hyte.tidy(standardise(data), keys=keys)["status"].iloc[0] == "missing"


def test_deaths_in_the_last_band_close_the_life_table() -> None:
    data = table()
    at = (data["area"] == "KU285") & (data["age"] == "85+")
    found = life(data.assign(events=data["events"].mask(at, 0))).set_index("area")
    assert found.loc["KU285", "status"] == "missing"
    assert "no deaths in the last band" in found.loc["KU285", "note"]
    with pytest.raises(hyte.TidyError, match="The last band is not open"):
        life(data[data["age"] != "85+"])
    small = life(data.assign(population=data["population"] / 20, events=(data["events"] / 20).round()))
    assert set(small["status"]) == {"uncertain"}
    assert small["note"].str.contains("Fewer than 5,000").all()


# ---- area quantiles


def tenths() -> pd.DataFrame:
    value = [76.1, 77.0, 77.9, 78.2, 79.5, 80.1, 80.4, 81.2, 82.0, 83.1]
    frame = pd.DataFrame({"quantile": range(1, 11), "estimate": value, "se": 0.3, "population": 50_000})
    return pd.concat([frame.assign(area=area) for area in ("a", "b", "c")], ignore_index=True)


@pytest.mark.parametrize("text", [str, "q{}".format, "Decile {}".format, float])
def test_groups_stand_in_natural_order_however_written(text: Callable[[int], object]) -> None:
    expected = rates.slope_index(tenths(), "area")
    given = tenths().assign(quantile=lambda f: f["quantile"].map(text)).sample(frac=1, random_state=1)
    found = rates.slope_index(given, "area").set_index(["area", "measure"])
    pd.testing.assert_frame_equal(
        found.loc[expected.set_index(["area", "measure"]).index], expected.set_index(["area", "measure"])
    )


def test_groups_without_an_order_are_refused() -> None:
    words = tenths().assign(quantile=lambda f: f["quantile"].map(lambda k: "abcdefghij"[k - 1]))
    with pytest.raises(hyte.TidyError, match="cannot be put in order: a, b"):
        rates.slope_index(words, "area")
    mixed = tenths().assign(quantile=lambda f: f["quantile"].map(lambda k: f"{'q' if k < 5 else 'd'}{k}"))
    with pytest.raises(hyte.TidyError, match="cannot be put in order"):
        rates.slope_index(mixed, "area")


def test_one_bad_setting_of_a_slope_does_not_stop_the_others() -> None:
    data = tenths()
    expected = rates.slope_index(data, "area").set_index(["area", "measure"])
    at = (data["area"] == "b") & (data["quantile"] == 4)
    for faulty, text in (
        (data[~at], "quantile 4: this band is missing"), (data.assign(se=data["se"].mask(at)), "no usable error"),
        (data.assign(population=data["population"].mask(at, 0)), "population is 0"),
        (data.assign(estimate=data["estimate"].mask(at)), "estimate is not a number"),
    ):  # fmt: skip
        found = rates.slope_index(faulty, "area").set_index(["area", "measure"])
        assert (found.loc["b", "status"] == "missing").all()
        assert found.loc["b", "note"].str.contains(text).all()
        assert (found.loc["a", "estimate"] == expected.loc["a", "estimate"]).all()
    zero = data.assign(estimate=data["estimate"].mask(at, 0))
    assert (
        "estimate is not above 0"
        in rates.slope_index(zero, "area", kind="rate", seed=1).set_index("area").loc["b", "note"].iloc[0]
    )


def test_transformed_slopes_turn_with_the_multiplier() -> None:
    data = tenths().assign(estimate=lambda f: f["estimate"] / 100, se=0.003)
    up = rates.slope_index(data, "area", kind="proportion", transform=True, multiplier=0.5).set_index(
        ["area", "measure"]
    )
    down = rates.slope_index(data, "area", kind="proportion", transform=True, multiplier=-0.5).set_index(
        ["area", "measure"]
    )
    assert (up["lower"] < up["estimate"]).all()
    assert (up["estimate"] < up["upper"]).all()
    np.testing.assert_allclose(up.xs("SII", level=1)["lower"], -down.xs("SII", level=1)["upper"])
    np.testing.assert_allclose(up.xs("RII", level=1)["lower"], 1 / down.xs("RII", level=1)["upper"])


def test_simple_rates_name_what_is_wrong() -> None:
    data = pd.DataFrame({"area": ["a", "b", "c", "d"], "events": [5, 12, np.nan, 3], "population": [50, 10, 20, 0]})
    found = rates.proportion(data, "area").set_index("area")
    assert list(found["status"]) == ["ok", "missing", "missing", "missing"]
    assert "events are above population" in found.loc["b", "note"]
    assert "events is missing" in found.loc["c", "note"]
    assert "population is 0" in found.loc["d", "note"]
    assert list(rates.crude(data, "area")["status"]) == ["ok", "ok", "missing", "missing"]
    half = rates.proportion(data.assign(events=2.5, population=40), "area")
    assert set(half["status"]) == {"uncertain"}
    assert half["note"].str.contains("not whole").all()
    with pytest.raises(hyte.TidyError, match="column 'cases': This column is lacking"):
        rates.crude(data, "area", events="cases")
    with pytest.raises(hyte.TidyError, match="value 'many': is not a number"):
        rates.crude(data.assign(events="many"), "area")
    values = pd.DataFrame({"area": list("aabb"), "value": [1.0, 2.0, np.nan, 2.0]})
    means = rates.mean(values, "area").set_index("area")
    assert means.loc["b", "status"] == "missing"
    assert rates.mean(values.iloc[:1], "area")["status"].iloc[0] == "uncertain"
    with pytest.raises(hyte.MeasureError, match="level must be a share"):
        rates.crude(data, "area", level=95)
