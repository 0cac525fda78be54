"""What no estimate can be made of is refused by name, and what has no value says why: lines, covariances, averages."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from inequality_worlds import indicators, setting
from scipy.special import logit

import hyteanalysis as hyte
from hyteanalysis.inequality import individual, lines, registry
from hyteanalysis.inequality.settings import _crossed

KEYS = {"indicator": "x", "area": "SSS", "period": "2022", "dimension": "education"}
CELLS = setting([30.0, 20.0, 10.0])


def ask(cells, measures, **options):
    return hyte.disparity(cells, measures, draws=1000, **options).set_index("measure")


@pytest.mark.parametrize(("kind", "link"), [("proportion", logit), ("rate", np.log)])
def test_a_line_through_two_groups_meets_both(kind, link):
    """All but few people are in one group: a whole Newton step overshoots, and is halved until it helps."""
    low, high = 0.061178, 0.828368
    cells = setting([100 * low, 100 * high], population=np.array([9_950.0, 50.0]))
    found = ask(cells, ["SII", "RII"], indicators=indicators(kind=kind))["estimate"]
    ranks = np.array([0.995 / 2, 0.995 + 0.005 / 2])
    slope = (link(high) - link(low)) / (ranks[1] - ranks[0])
    level = link(low) - slope * ranks[0]
    back = np.exp if kind == "rate" else lambda x: 1 / (1 + np.exp(-x))
    bottom, top = 100 * back(level), 100 * back(level + slope)
    assert found["SII"] == pytest.approx(top - bottom, rel=1e-6)
    assert found["RII"] == pytest.approx(top / bottom, rel=1e-6)


def test_a_line_that_is_not_found_gives_no_number(monkeypatch):
    far = setting([1e-4, 96.9036], population=np.array([9_880.0, 120.0]))  # separated: no step helps
    options = {"indicators": indicators()}
    assert ask(CELLS, ["SII", "RII"], **options)["estimate"].notna().all()
    separated = ask(far, ["SII", "RII", "D"], **options)
    assert separated.loc["D", "estimate"] == pytest.approx(1e-4 - 96.9036)
    monkeypatch.setattr(lines, "ROUNDS", 1)
    for found in (separated, ask(CELLS, ["SII", "RII"], **options)):
        assert found.loc[["SII", "RII"], ["estimate", "se", "lower", "upper"]].isna().all(axis=None)
        assert found.loc[["SII", "RII"], "note"].str.contains("did not converge").all()


def test_a_line_of_persons_that_is_not_found_gives_no_number(monkeypatch):
    rows = pd.DataFrame({"ill": [1, 0, 1, 0, 0, 1, 0, 0], "rank": [1, 1, 2, 2, 3, 3, 4, 4]})
    options = {"outcome": "ill", "rank": "rank", "model": "logit"}
    assert hyte.disparity_individual(rows, "SII", **options)["estimate"].notna().all()
    monkeypatch.setattr(individual, "_ROUNDS", 1)
    found = hyte.disparity_individual(rows, ["SII", "ACI"], **options).set_index("measure")
    assert found.loc["SII", ["estimate", "lower", "upper"]].isna().all()
    assert found.loc["ACI", "estimate"] == pytest.approx(  # needs no line
        2
        * sum(
            share * (rank - 0.5) / 4
            for share, rank in zip([0.5, 0.5, 0.5, 0], [1 / 8, 3 / 8, 5 / 8, 7 / 8], strict=True)
        )
    )


def test_estimates_too_large_for_a_square_have_no_variance():
    found = ask(setting([1e300, 1e300, 1.0], se=0.1), ["BGV", "D"], indicators=indicators(kind="mean", scale=1))
    assert np.isnan(found.loc["BGV", "estimate"])
    assert found.loc["BGV", "note"].startswith("BGV has no value for these estimates")
    assert found.loc["D", "estimate"] == 1e300


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        ([("g0", "g1", 0.5), ("g1", "g0", 0.4)], "covariance is not symmetric: both triangles are given and differ"),
        ([("g0", "g0", -1.0)], "covariance has a negative variance on its diagonal"),
    ],
)
def test_covariances_that_cannot_be_are_refused(pairs, words):
    frame = pd.DataFrame(pairs, columns=["group", "group_other", "covariance"]).assign(**KEYS)
    with pytest.raises(hyte.MeasureError, match=words):
        hyte.disparity(CELLS, "D", covariance=frame)


def test_averages_that_are_not_there_or_stand_twice_are_refused():
    areas = pd.concat([CELLS.assign(area=area) for area in ("KU091", "KU049")])
    with pytest.raises(hyte.MeasureError, match="average='total' serves across='group' only"):
        hyte.disparity(areas, "BGV", across="area", average="total")
    with pytest.raises(hyte.MeasureError, match="needs rows of dimension 'total', group 'total'; the cells have none"):
        hyte.disparity(CELLS, "BGV", average="total")
    twice = pd.DataFrame([{**KEYS, "estimate": 20.0}, {**KEYS, "estimate": 21.0}])
    with pytest.raises(hyte.MeasureError, match="more than one row for the same indicator, area, period, dimension"):
        hyte.disparity(CELLS, "BGV", average=twice)


def test_two_references_in_one_setting_are_refused():
    with pytest.raises(hyte.MeasureError, match=r"More than one reference group in the setting .*'area': 'SSS'.* one"):
        hyte.disparity(CELLS, "D", reference=["g0", "g2"])


def test_one_key_may_stand_alone():
    cells = pd.concat([CELLS, CELLS.assign(area="KU091", estimate=[50.0, 20.0, 10.0])])
    found = hyte.disparity(cells, "D", by="area")
    assert found["estimate"].tolist() == hyte.disparity(cells, "D", by=["area"])["estimate"].tolist() == [40, 20]


def test_the_group_furthest_from_a_reference_is_limited_as_chosen_on_the_side_of_no_gap():
    options = {"reference": "g2", "interval": "corrected"}
    below, above = (setting(values, order=False) for values in ([10.0, 20.0, 30.0], [30.0, 20.0, 10.0]))
    limits = ["lower", "upper"]
    plain = ask(below, "D", reference="g2", interval="plain").loc["D"]
    assert plain["estimate"] == 20 - 30  # the worst of the others
    for cells in (below, above):
        chosen = ask(cells, "D", **options).loc["D"]
        first = ask(cells, "D", reference="g2", interval="plain").loc["D"]
        assert chosen["upper"] == first["upper"]
        assert chosen["lower"] < first["lower"]
    nothing = ask(below.assign(se=np.nan), "D", **options).loc["D"]
    assert nothing[limits].isna().all()
    assert "standard errors are missing" in nothing["note"]


def test_what_is_compared_must_be_there():
    cells = pd.concat([CELLS, CELLS.assign(period="2023")])
    with pytest.raises(hyte.MeasureError, match="by must hold 'period', as that is what is compared; not"):
        hyte.disparity_change(
            cells.assign(indicator=cells["period"]), "D", "2022", "2023", by=["indicator", "area", "dimension"]
        )
    with pytest.raises(hyte.TidyError, match="period"):
        hyte.disparity_change(cells.drop(columns="period"), "D", "2022", "2023")


def test_a_measure_has_one_declaration():
    known = registry.REGISTRY["D"]
    with pytest.raises(ValueError, match="measure D is declared twice"):
        registry.measure("D", text="", reference="", absolute=True)(known.formula)
    assert registry.REGISTRY["D"] is known


@given(
    pairs=st.lists(st.tuples(st.integers(0, 2**62), st.integers(0, 2**40)), min_size=1, max_size=12),
    further=st.integers(0, 9),
)
def test_numbers_of_two_keys_keep_their_order_however_large(pairs, further):
    """Equal pairs have equal numbers, unequal ones unequal, and the numbers are in the order of the pairs."""
    pairs = [*pairs, *pairs[:further]]
    number, place = (np.array(column, dtype=np.int64) for column in zip(*pairs, strict=True))
    found = _crossed(number, place).tolist()
    assert min(found) >= 0
    for one, a in zip(pairs, found, strict=True):
        for other, b in zip(pairs, found, strict=True):
            assert (a < b, a == b) == (one < other, one == other)
