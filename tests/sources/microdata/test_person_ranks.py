"""People ranked one by one: against everybody ranked by hand, and in quantile groups."""

from math import sqrt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hyteanalysis as hyte
from hyteanalysis.errors import MeasureError


@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 1), st.integers(1, 4)), min_size=3, max_size=30),
)
@settings(max_examples=6)
def test_ranks_agree_with_everybody_ranked_by_hand(rows):
    frame = pd.DataFrame(rows, columns=["euros", "ill", "w"])
    found = hyte.concentration(frame, rank_by="euros", outcomes={"ill": "ill"}, weight="w").set_index("measure")
    euros, ill, w = (frame[name].to_numpy(float) for name in frame)
    share = w / w.sum()
    rank = np.array([share[euros < v].sum() + share[euros == v].sum() / 2 for v in euros])
    mean = share @ ill
    if frame["euros"].nunique() == 1:
        assert found["estimate"].isna().all()
        assert (found["note"] == "Everybody has the same rank.").all()
        return
    cov = share @ (ill * (rank - 0.5))
    assert found.at["ACI", "estimate"] == pytest.approx(2 * cov, abs=1e-13)
    assert found.at["SII", "estimate"] == pytest.approx(cov / (share @ (rank - 0.5) ** 2), abs=1e-12)
    if mean > 0:
        assert found.at["RCI", "estimate"] == pytest.approx(2 * cov / mean, abs=1e-12)


def test_the_error_of_an_index_is_the_jackknife_error():
    rng = np.random.default_rng(3)
    euros = rng.integers(0, 12, 150)
    frame = pd.DataFrame({"euros": euros, "ill": (rng.random(150) < 0.6 - 0.03 * euros).astype(int)})
    frame["w"] = rng.integers(1, 4, 150)
    ask = {"rank_by": "euros", "outcomes": {"ill": "ill"}, "weight": "w"}
    found = hyte.concentration(frame, **ask).set_index("measure")
    left = pd.concat([frame.drop(index=k).assign(area=f"without-{k}") for k in range(150)])
    each = hyte.concentration(left, **ask)
    spread = each.groupby("measure")["estimate"].apply(lambda v: sqrt(149 / 150 * ((v - v.mean()) ** 2).sum()))
    for measure in ("ACI", "RCI", "SII"):
        assert found.at[measure, "se"] == pytest.approx(spread[measure], rel=0.03)


def test_ties_give_the_same_indices_in_every_run_and_order(people):
    ask = {"rank_by": {"income": "income_eur"}, "outcomes": {"smoking": "smoking"}, "weight": "weight"}
    ask |= {"hierarchy": "official"}
    rows = people[people["period"] == "2020"]
    runs = [hyte.concentration(rows.sample(frac=1, random_state=k), **ask) for k in range(3)]
    for other in runs[1:]:
        for column in ("estimate", "se"):
            np.testing.assert_allclose(runs[0][column], other[column], rtol=1e-12, atol=1e-12)


def test_quantile_groups_keep_ties_together_and_have_an_order(few):
    cells = hyte.aggregate(
        few, by=[], outcomes={"score": "score"}, rank_by={"income": "euros"}, quantiles=3, area=None, period=None
    )
    groups = cells[cells["dimension"] == "income"]
    # 10 20 20 30 | 40 40 50 60 | 70 70 80 90, the middle of the ties decides
    assert groups["respondents"].tolist() == [4, 4, 4]
    assert groups["order"].tolist() == [1, 2, 3]
    assert groups["group"].tolist() == ["q1", "q2", "q3"]
    own = hyte.aggregate(few, by=["sex"], outcomes={"score": "score"}, rank_by="euros", quantiles=2, within="area")
    assert set(own["dimension"]) == {"total", "sex", "euros", "euros × sex"}
    split = own[(own["dimension"] == "euros") & (own["area"] == "KU285") & (own["period"] == "2023")]
    assert split["respondents"].tolist() == [1, 2]  # the middle person lies on the boundary: the upper half
    with pytest.raises(MeasureError, match="belong together"):
        hyte.aggregate(few, by=[], outcomes={"score": "score"}, rank_by="euros")
