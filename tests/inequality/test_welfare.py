"""Measures beyond the WHO set on numbers worked out by hand, and levels in the unit of the indicator."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from inequality_worlds import check_gradient, indicators, setting

import hyteanalysis as hyte
from hyteanalysis.inequality.blocks import blocks
from hyteanalysis.inequality.levels import LEVELS
from hyteanalysis.inequality.options import check_options
from hyteanalysis.inequality.settings import BY, gather

Y, N = np.array([30.0, 20.0, 10.0]), np.array([100.0, 300.0, 600.0])
P = N / N.sum()
MEAN = float(P @ Y)
R = np.cumsum(P) - P / 2
ACI = 2 * float((P * Y) @ (R - 0.5))
CELLS = setting(Y, population=N)
PERCENT = indicators()  # a proportion told in per cent: bounds 0 and 100


def ask(code, cells=CELLS, metadata=PERCENT, **options):
    return hyte.disparity(cells, code, indicators=metadata, draws=1000, **options)["estimate"].item()


def test_erreygers_and_wagstaff_use_the_bounds():
    assert ask("ERR") == pytest.approx(4 * ACI / 100)
    assert ask("WAG") == pytest.approx(100 * ACI / ((100 - MEAN) * MEAN))
    # a score from 1 to 5
    score = indicators("mean", 1.0, lower_bound=1.0, upper_bound=5.0)
    low = setting([2.0, 3.0, 4.0], population=N)
    aci = ask("ACI", low, score)
    mean = float(P @ [2.0, 3.0, 4.0])
    assert ask("ERR", low, score) == pytest.approx(4 * aci / 4)
    assert ask("WAG", low, score) == pytest.approx(4 * aci / ((5 - mean) * (mean - 1)))


def test_gini_ranks_by_the_groups_own_level():
    order = np.argsort(Y)
    ridit = np.cumsum(P[order]) - P[order] / 2
    assert ask("GINI") == pytest.approx(2 * float((P * Y)[order] @ (ridit - 0.5)) / MEAN)
    # mean absolute difference over twice the mean, the same index another way
    pairs = (np.outer(P, P) * np.abs(Y[:, None] - Y)).sum()
    assert ask("GINI") == pytest.approx(pairs / (2 * MEAN))


def test_the_extended_index_weighs_by_brackets_and_is_rci_at_two():
    upto = np.concatenate([[0.0], np.cumsum(P)])
    for aversion in (1.5, 2.0, 4.0):
        weight = (1 - upto[:-1]) ** aversion - (1 - upto[1:]) ** aversion
        assert ask("ACIX", aversion={"ACIX": aversion}) == pytest.approx(1 - float(Y @ weight) / MEAN)
    assert ask("ACIX", aversion={"ACIX": 2}) == pytest.approx(ask("RCI"))


def test_kunst_mackenbach_is_the_inverse_of_the_linear_rii():
    assert ask("KMI") == pytest.approx(1 / ask("RII", model="linear"))


def test_levelup_counts_people_and_needs_them():
    cells = setting([30.0, 20.0, 10.0], population=[1000.0, 2000.0, 3000.0])
    found = hyte.disparity(cells, "LEVELUP", indicators=PERCENT).iloc[0]
    assert found["estimate"] == pytest.approx(1000 * 0.2 + 2000 * 0.1)
    assert found["unit"] == "people"
    average = ask("LEVELUP", cells, level_to="average")
    mean = (30 * 1 + 20 * 2 + 10 * 3) / 6
    assert average == pytest.approx((1000 * (30 - mean) + 2000 * (20 - mean)) / 100)
    with pytest.raises(hyte.MeasureError, match="population of every group"):
        ask("LEVELUP", cells.rename(columns={"population": "respondents"}))


@pytest.mark.parametrize("aversion", [0.5, 1.0, 2.0, 3.5])
def test_atkinson_of_the_favourable_side(aversion):
    health = 100 - Y
    if aversion == 1:
        level = np.exp(P @ np.log(health))
    else:
        level = (P @ health ** (1 - aversion)) ** (1 / (1 - aversion))
    assert ask("ATK", aversion={"ATK": aversion}) == pytest.approx(1 - level / float(P @ health))
    found = hyte.achievement(CELLS, index="atkinson", aversion=aversion, indicators=PERCENT).iloc[0]
    # in the indicator's unit: so many per cent, had by all, would be as bad as the unequal shares
    assert found["estimate"] == pytest.approx(100 - level)
    assert found["estimate"] > MEAN
    assert found["unit"] == "%"
    shares = hyte.ede(Y / 100, N, index="atkinson", aversion=aversion, favourable=False)
    assert found["estimate"] == pytest.approx(100 * shares)


@pytest.mark.parametrize("favourable", [False, True])
def test_kolm_and_its_level(favourable):
    sign, alpha = (1 if favourable else -1), 0.05
    level = -np.log(P @ np.exp(-alpha * sign * Y)) / alpha
    metadata = indicators(favourable=favourable)
    assert ask("KOL", CELLS, metadata, aversion={"KOL": alpha}) == pytest.approx(sign * MEAN - level)
    found = hyte.achievement(CELLS, index="kolm", aversion=alpha, indicators=metadata).iloc[0]
    assert found["estimate"] == pytest.approx(sign * level)
    assert found["measure"] == "EDE of KOL"
    # per cent and shares tell the same, with the aversion per unit
    shares = hyte.ede(Y / 100, N, index="kolm", aversion=100 * alpha, favourable=favourable)
    assert found["estimate"] == pytest.approx(100 * shares)


def test_the_achievement_index_is_the_mean_less_the_gap():
    found = hyte.achievement(CELLS, aversion=3.0, indicators=PERCENT).iloc[0]
    assert found["estimate"] == pytest.approx(MEAN * (1 - ask("ACIX", aversion={"ACIX": 3.0})))
    equal = setting([20.0, 20.0, 20.0], population=N)
    for index, aversion in (("concentration", 2.0), ("atkinson", 1.0), ("kolm", 0.1)):
        level = hyte.achievement(equal, index=index, aversion=aversion, indicators=PERCENT).iloc[0]
        assert level["estimate"] == pytest.approx(20)
        if index != "concentration":
            assert level["se"] == pytest.approx(np.sqrt((P**2).sum()))  # of a plain mean
        assert level["gap_sign"] == 0


@pytest.mark.parametrize("favourable", [False, True])
@pytest.mark.parametrize("index", list(LEVELS))
def test_the_gradient_of_a_level_is_the_numerical_derivative(index, favourable):
    settings = gather(
        CELLS,
        indicators=indicators(favourable=favourable),
        by=BY,
        across="group",
        model=None,
        reference=None,
        average=None,
        covariance=None,
        options=check_options({"ACIX": 3.0, "ATK": 1.5, "KOL": 0.05}),
    )
    check_gradient(LEVELS[index], next(blocks(settings)).groups)


def test_what_a_level_needs_is_said():
    unordered = setting(Y, order=False)
    with pytest.raises(hyte.MeasureError, match=r"needs ordered groups.*Use index='atkinson' or 'kolm'"):
        hyte.achievement(unordered)
    assert hyte.achievement(unordered, index="atkinson", indicators=PERCENT)["estimate"].notna().all()
    with pytest.raises(hyte.MeasureError, match="needs aversion=, per unit"):
        hyte.achievement(CELLS, index="kolm")
    with pytest.raises(hyte.MeasureError, match=r"upper bound, which is not declared. Use index='kolm'"):
        hyte.achievement(CELLS, index="atkinson")
    with pytest.raises(hyte.MeasureError, match="index must be one of concentration, atkinson, kolm"):
        hyte.achievement(CELLS, index="gini")
    with pytest.raises(hyte.MeasureError, match="aversion of ACIX must be a number above 1"):
        hyte.achievement(CELLS, aversion=1.0)


def test_zero_health_is_worth_nothing_to_a_strong_aversion():
    assert hyte.ede([0.0, 1.0], [1, 1], aversion=1) == 0
    assert hyte.ede([0.0, 1.0], [1, 1], aversion=2) == 0
    assert hyte.ede([0.0, 1.0], [1, 1], aversion=0.5) == pytest.approx(0.25)
    assert hyte.ede([0.0, 1.0], [0, 1], aversion=2) == pytest.approx(1)


def test_an_aversion_beside_one_or_zero_is_as_good_as_one_or_zero():
    """Powers near 0 leave all exponents alike, where a plain logarithm of their mean has no digits left."""
    for off in (1e-16, 1e-12, 1e-8):
        assert hyte.ede([1.0, 0.5], [1, 1], aversion=1 - off) == pytest.approx(np.sqrt(0.5), rel=1e-7)
        assert hyte.ede([1.0, 0.5], [1, 1], aversion=1 + off) == pytest.approx(np.sqrt(0.5), rel=1e-7)
        assert hyte.ede([1.0, 0.5], [1, 1], aversion=off) == pytest.approx(0.75, rel=1e-7)
        assert hyte.ede([1.0, 0.5], [1, 1], index="kolm", aversion=off) == pytest.approx(0.75, rel=1e-7)


def test_gini_level_is_the_mean_less_the_gini():
    assert hyte.ede(Y, N, index="gini") == pytest.approx(MEAN * (1 - ask("GINI")))


@given(
    st.lists(st.tuples(st.floats(0.05, 1), st.integers(1, 10**6)), min_size=1, max_size=6),
    st.floats(0.1, 6),
    st.floats(0.1, 6),
    st.sampled_from(["atkinson", "kolm"]),
)
def test_a_level_lies_below_the_mean_and_falls_with_the_aversion(groups, one, other, index):
    values, people = zip(*groups, strict=True)
    mean = hyte.ede(values, people, index=index, aversion=0)
    assert mean == pytest.approx(np.average(values, weights=people))
    low, high = (hyte.ede(values, people, index=index, aversion=aversion) for aversion in sorted((one, other)))
    assert min(values) - 1e-9 <= high <= low + 1e-9 <= mean + 2e-9
    shuffled = hyte.ede(values[::-1], people[::-1], index=index, aversion=one)
    assert shuffled == pytest.approx(hyte.ede(values, people, index=index, aversion=one))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([0.5], [1, 2], {"aversion": 1}), "lists of the same length"),
        (([], [], {"aversion": 1}), "lists of the same length"),
        (([0.5, np.nan], [1, 2], {"aversion": 1}), "must all be numbers"),
        (([0.5, 0.6], [-1, 2], {"aversion": 1}), "population must be positive"),
        (([0.5, 0.6], [0, 0], {"aversion": 1}), "population must be positive"),
        (([0.5, 1.6], [1, 2], {"aversion": 1, "favourable": False}), "shares from 0 to 1"),
        (([0.5, -0.6], [1, 2], {"aversion": 1}), "Use index='kolm'"),
        (([0.5, 0.6], [1, 2], {}), "needs an aversion"),
        (([0.5, 0.6], [1, 2], {"aversion": -1}), "needs an aversion"),
        (([0.5, 0.6], [1, 2], {"index": "theil"}), "index must be one of atkinson, kolm, gini"),
    ],
)
def test_faulty_distributions_are_refused(arguments, words):
    values, people, options = arguments
    with pytest.raises(hyte.MeasureError, match=words):
        hyte.ede(values, people, **options)
