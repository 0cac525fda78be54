"""Evaluation designs in worlds whose truth is known: effects that grow, chosen areas, one treated area."""

import numpy as np
import pandas as pd
import pytest

import hyteanalysis as hyte
from hyteanalysis.actions import evaluate

GROWING = np.array([0.0, 0.0, -0.02, -0.05, -0.08])
PANEL = {"treatment": "treated", "cluster": "area", "period": "year", "scale": "rd"}


def rows(areas, periods):
    return pd.MultiIndex.from_product([range(areas), range(periods)], names=["area", "year"]).to_frame(index=False)


def stepped(number, effects=GROWING, areas=40):
    """Areas that start in years 1 to 4 of five and two before, in an order that was drawn."""
    rng = np.random.default_rng(number)
    data = rows(areas, 6)
    start = rng.permutation(np.arange(areas) % 5 + 1)[data["area"]]
    since = data["year"] - start
    data["treated"] = (since >= 0).astype(int)
    gained = np.where(since >= 0, np.asarray(effects)[since.clip(0, len(effects) - 1)], 0)
    level = 0.4 + 0.05 * rng.normal(size=areas)[data["area"]] + 0.02 * data["year"]
    return data.assign(ill=level + gained + 0.02 * rng.normal(size=len(data)))


def worst_of(number, periods=3, chosen=1):
    """Ten of forty areas, the worst of year ``chosen``, have an action without effect from the next year on."""
    rng = np.random.default_rng(number)
    data = rows(40, periods)
    data["ill"] = (0.3 + 0.01 * rng.normal(size=40))[data["area"]] + 0.03 * rng.normal(size=len(data))
    seen = data[data["year"] == chosen].set_index("area")["ill"]
    data["treated"] = (data["area"].isin(seen.nlargest(10).index) & (data["year"] > chosen)).astype(int)
    return data


@pytest.mark.parametrize("effects", [GROWING, -GROWING[::-1], np.full(5, -0.03)])
def test_a_stepped_wedge_finds_effects_that_grow_fade_or_stay(effects):
    found = [evaluate(stepped(number, effects), "ill", design="stepped_wedge", **PANEL) for number in range(10)]
    value = np.array([one.overall["value"] for one in found])
    assert value.mean() == pytest.approx(effects.mean(), abs=4 * value.std() / np.sqrt(len(value)))
    covered = [one.overall["lower"] <= effects.mean() <= one.overall["upper"] for one in found]
    assert np.mean(covered) >= 0.7
    by_time = np.mean([one.by_time["value"] for one in found], axis=0)
    np.testing.assert_allclose(by_time, effects, atol=0.015)


@pytest.mark.slow
@pytest.mark.parametrize("effects", [GROWING, -GROWING[::-1], np.full(5, -0.03), np.zeros(5)])
def test_the_interval_of_a_stepped_wedge_covers_its_average(effects):
    found = [evaluate(stepped(number, effects), "ill", design="stepped_wedge", **PANEL) for number in range(600)]
    covered = np.mean([one.overall["lower"] <= effects.mean() <= one.overall["upper"] for one in found])
    assert 0.93 <= covered <= 0.97


def test_the_worst_of_a_year_mend_by_themselves_unless_that_year_is_left_out():
    """Chosen by year 1 as the worst ten of forty, no effect: a comparison with that year finds one."""
    seen, left_out = [], []
    for number in range(14):
        data = worst_of(number)
        plain = evaluate(data, "ill", design="did", **PANEL)
        known = evaluate(data, "ill", design="did", selected_on=1, **PANEL)
        seen.append(plain.overall["p_value"] < 0.05)
        left_out.append(known.overall["p_value"] < 0.05)
        assert plain.worse_before
        assert not known.worse_before
    assert np.mean(seen) > 0.3
    assert np.mean(left_out) < 0.25
    said = plain.assumptions("en")
    assert any("chosen as the worst" in line for line in said)
    assert any("The period 1, by which the areas were chosen, is left out" in line for line in known.assumptions("en"))
    # what weakens it widens it
    assert plain.effect(source="here").certainty == "very low"
    assert plain.effect(source="here").wider == 2
    assert known.effect(source="here").certainty == "moderate"


def test_a_choice_by_the_only_year_before_is_refused():
    with pytest.raises(hyte.MeasureError, match="is the only period before the start: the areas chosen by it would"):
        evaluate(worst_of(1, periods=2, chosen=0), "ill", design="did", selected_on=0, **PANEL)
    with pytest.raises(hyte.MeasureError, match="selected_on belongs to design 'did'"):
        evaluate(stepped(1), "ill", design="stepped_wedge", selected_on=0, **PANEL)
    with pytest.raises(hyte.MeasureError, match="selected_on must be one of"):
        evaluate(worst_of(1), "ill", design="did", selected_on=1999, **PANEL)


def test_one_treated_area_is_refused():
    data = worst_of(1)
    one = data.assign(treated=((data["area"] == 3) & (data["year"] > 1)).astype(int))
    with pytest.raises(
        hyte.MeasureError, match=r"Only one area is treated: .* synthetic control, which is not offered"
    ):
        evaluate(one, "ill", design="did", **PANEL)


def test_what_moved_before_the_start_is_shown_and_weakens_the_effect():
    rng = np.random.default_rng(1)
    data = rows(40, 6)
    treated = data["area"] < 20
    data["treated"] = (treated & (data["year"] >= 4)).astype(int)
    noise = 0.01 * rng.normal(size=len(data))
    steady = evaluate(data.assign(ill=0.3 - 0.05 * data["treated"] + noise), "ill", design="did", **PANEL)
    assert steady.by_time["time"].tolist() == [-4, -3, -2, 0, 1]
    np.testing.assert_allclose(steady.by_time["value"], [0, 0, 0, -0.05, -0.05], atol=0.015)
    assert steady.pre_trend > 0.05
    apart = evaluate(data.assign(ill=0.3 - 0.02 * treated * data["year"] + noise), "ill", design="did", **PANEL)
    assert apart.pre_trend < 0.001
    assert apart.certainty == "very low"
    assert any("developed apart already before" in line for line in apart.assumptions("en"))
