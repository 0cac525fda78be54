"""What no rate can be made of is refused by name, whichever part of the call is at fault."""

import numpy as np
import pandas as pd
import pytest

import hyteanalysis as hyte
from hyteanalysis import rates
from hyteanalysis.rates import adjusted

FIFTHS = pd.DataFrame({"quantile": [1, 2, 3, 4, 5], "estimate": [76.1, 78.0, 79.2, 80.4, 82.0], "se": 0.2})
FIFTHS = FIFTHS.assign(area="SSS", population=100_000)


def bands(*labels: str) -> pd.DataFrame:
    return pd.DataFrame({"area": "KU091", "age": labels, "events": 20, "population": 1_000})


def own(*weight: float) -> pd.DataFrame:
    return pd.DataFrame({"age": ["0-64", "65+"], "weight": weight})


@pytest.mark.parametrize(
    ("data", "options", "words"),
    [
        (bands("0-64", "70-65"), {"standard": "esp2013"}, "'70-65': ends before it begins"),
        (bands("0-64", "65+"), {"standard": own(1, 1), "ages": (0, 64)}, "ages= belongs to a named standard"),
        (bands("0-4", "5-6", "7-9", "10+"), {"standard": "esp2013"}, "does not hold whole bands of the standard"),
        (bands("0-64", "65+"), {"standard": own(1, 1).drop(columns="weight")}, "'weight'.*lacks this column"),
        (bands("0-64", "65+"), {"standard": own(1, -1)}, "'65\\+'.*A weight is missing or negative"),
        (bands("0-64", "65+"), {"standard": own(0, 0)}, "A weight is missing or negative"),
        (bands("0-64", "65+").head(0), {"standard": own(1, 1)}, "The table has no rows"),
        (bands("0-64", "65+").assign(area=[None, "KU091"]), {"standard": own(1, 1)}, "'area'.*empty on some rows"),
    ],
)
def test_bands_and_standards_that_do_not_fit(data: pd.DataFrame, options: dict[str, object], words: str) -> None:
    with pytest.raises(hyte.TidyError, match=words):
        rates.standardise(data, "area", **options)


def test_wide_bands_written_as_text_are_no_missing_band() -> None:
    labels = ["0-9", "10-19", "20-39", "40-49", "50-59", "60+"]
    standard = pd.DataFrame({"age": labels, "weight": [1, 1, 2, 1, 1, 4]})
    found = rates.standardise(bands(*labels), "area", standard=standard, per=1_000).iloc[0]
    assert found["estimate"] == pytest.approx(20)
    numbers = bands("0", "10", "20", "40", "50", "60").assign(age=[0, 10, 20, 40, 50, 60])
    with pytest.raises(hyte.TidyError, match=r"'30'.*seems missing"):
        rates.standardise(numbers, "area", standard="esp2013")
    with pytest.raises(hyte.TidyError, match="the last age is 69"):  # what is at fault is the end, not 20-39
        rates.standardise(bands(*labels[:-1], "60-69"), "area", standard="esp2013")


def test_persons_by_frequency_that_contradict_one_another() -> None:
    data = pd.concat([bands("0-64", "65+").assign(times=times) for times in (1, 2)], ignore_index=True)
    options = {"standard": own(1, 1), "frequency": "times"}
    assert rates.standardise(data, "area", **options)["events"].iloc[0] == 2 * (20 + 2 * 20)
    with pytest.raises(hyte.TidyError, match="stands twice in a band"):
        rates.standardise(data.assign(times=1), "area", **options)
    with pytest.raises(hyte.TidyError, match=r"'population'.*differs between rows of one band"):
        rates.standardise(data.assign(population=[1_000, 1_000, 900, 1_000]), "area", **options)


def test_years_of_life_lost_need_one_limit_at_the_edge_of_a_band() -> None:
    data = bands("0-64", "65-74", "75+")
    with pytest.raises(hyte.TidyError, match="Give either limit= or remaining="):
        rates.years_of_life_lost(data, "area", deaths="events")
    with pytest.raises(hyte.TidyError, match="'65-74': goes over the limit 70"):
        rates.years_of_life_lost(data, "area", deaths="events", limit=70)
    left = pd.DataFrame({"age": ["0-64", "65-74"], "estimate": [40.0, 15.0]})
    with pytest.raises(hyte.TidyError, match=r"'75\+': is not once in remaining="):
        rates.years_of_life_lost(data, "area", deaths="events", remaining=left)


def test_contrasts_need_a_reference_and_something_to_compare() -> None:
    data = pd.DataFrame({"group": ["low", "high"], "estimate": [30.0, 20.0], "se": [3.0, 4.0]})
    found = rates.difference(data, reference="high").iloc[0]
    assert found["method"] == "normal"
    assert found["upper"] - found["estimate"] == pytest.approx(1.959964 * 5)
    with pytest.raises(hyte.TidyError, match="'low': stands twice in a setting"):
        rates.difference(data.assign(group="low"), reference="low")
    with pytest.raises(hyte.TidyError, match="There is no group to compare with it"):
        rates.difference(data.tail(1), reference="high")


def test_a_funnel_around_a_given_average() -> None:
    data = pd.DataFrame({"area": ["a", "b"], "events": [30, 10], "population": [100, 100]})
    given = rates.funnel_limits(data, kind="proportion", average=20, per=100)
    assert given["average"].tolist() == [20.0, 20.0]
    assert given["lower_95"].iloc[0] == pytest.approx(20 - 100 * 1.959964 * 0.04)
    assert given["significance"].tolist() == ["high 95", "low 95"]
    with pytest.raises(hyte.TidyError, match="A size is 0 or less"):
        rates.funnel_curve([100, 0], average=0.2)
    with pytest.raises(hyte.TidyError, match="Nothing is expected"):
        rates.funnel_curve([100], kind="rate", average=0)


@pytest.mark.parametrize(
    ("change", "options", "error", "words"),
    [
        ({}, {"kind": "mean", "transform": True}, hyte.MeasureError, "a mean is fitted as it is"),
        ({}, {"draws": 10}, hyte.MeasureError, "draws must be at least"),
        ({"quantile": [1, 1, 1, 2, 2]}, {}, hyte.TidyError, "fewer than three groups"),
        ({"se": -1.0}, {}, hyte.TidyError, "no usable error"),
    ],
)
def test_slopes_that_cannot_be_fitted(
    change: dict[str, object], options: dict[str, object], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        rates.slope_index(FIFTHS.assign(**change), "area", **options)


@pytest.mark.parametrize("k", [1, 2.5])
def test_quantile_groups_are_two_or_more(k: float) -> None:
    with pytest.raises(hyte.MeasureError, match="k must be a whole number of at least 2"):
        rates.quantile_groups(pd.DataFrame({"value": [1.0, 2.0, 3.0]}), k=k, first="lowest")


# ---- adjusted rates


def people(n: int = 400) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    sex, group = np.tile(["men", "women"], n // 2), np.repeat(["a", "b"], n // 2)
    return pd.DataFrame({"sex": sex, "group": group, "age": rng.integers(20, 80, n), "ill": rng.integers(0, 2, n),
                         "language": np.tile(["fi", "fi", "sv", "sv"], n // 4), "time": 1.0, "w": 1.0})  # fmt: skip


@pytest.mark.parametrize(
    ("change", "by", "options", "error", "words"),
    [
        ({}, "sex", {"draws": 5}, hyte.MeasureError, "draws must be at least"),
        ({"age": np.nan}, "sex", {}, hyte.TidyError, "No row has outcome and adjusters"),
        ({"w": -1.0}, "sex", {"weight": "w"}, hyte.TidyError, "'w'.*A weight is negative, or all are 0"),
        ({"time": 0.0}, "sex", {"kind": "rate", "exposure": "time"}, hyte.TidyError, "An exposure is 0 or less"),
        ({}, "sex", {"keys": {"place": "SSS"}}, hyte.TidyError, "'place': names no key column"),
        ({}, "group", {"keys": {"group": "all"}}, hyte.TidyError, "'group': stands in by= as well"),
        ({}, ["sex", "group"], {}, hyte.TidyError, "names a dimension twice"),
        ({"sex": None}, "sex", {}, hyte.TidyError, "'sex'.*is empty on 400 rows"),
    ],
)
def test_adjusted_rates_that_cannot_be_asked(
    change: dict[str, object], by: str, options: dict[str, object], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        adjusted(people().assign(**change), "ill", by, adjust_for="age", **options)


def test_domains_are_crossed_named_or_the_whole() -> None:
    crossed = adjusted(people(), "ill", ["sex", "language"], adjust_for="age").frame
    assert set(crossed["dimension"]) == {"language × sex"}
    assert set(crossed["group"]) == {f"{language} × {sex}" for language in ("fi", "sv") for sex in ("men", "women")}
    named = adjusted(people(), "ill", "group", adjust_for="age").frame
    assert named[["dimension", "group"]].to_numpy().tolist() == [["group", "a"], ["group", "b"]]
    whole = adjusted(people(), "ill", [], adjust_for="age").frame
    assert whole[["dimension", "group", "respondents"]].to_numpy().tolist() == [["total", "total", 400.0]]
    assert whole["estimate"].iloc[0] == pytest.approx(people()["ill"].mean())


def test_a_model_without_an_answer_says_why() -> None:
    nobody = adjusted(people().assign(ill=0), "ill", "sex", adjust_for="age").frame
    assert set(nobody["status"]) == {"missing"}
    assert nobody["note"].str.contains("No events, or nothing else").all()
    apart = people().assign(ill=lambda one: (one["language"] == "sv").astype(int))
    endless = adjusted(apart, "ill", "sex", adjust_for="language").frame
    assert set(endless["status"]) == {"missing"}
    assert endless["note"].str.contains("did not converge|could not be fitted").all()
