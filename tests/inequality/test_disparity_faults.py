"""Faulty input to the engine: refused by name, or an empty estimate with the reason in the note."""

import numpy as np
import pandas as pd
import pytest
from inequality_worlds import setting

import hyteanalysis as hyte


def ask(cells, measures, **options):
    return hyte.disparity(cells, measures, draws=1000, **options).set_index("measure")


CELLS = setting([30.0, 20.0, 10.0])


@pytest.mark.parametrize(
    ("measures", "options", "words"),
    [
        ("SI", {}, "measure must be one of .*Did you mean SII"),
        ([], {}, "No measure is named"),
        ("D", {"level": 95}, "level must be"),
        ("D", {"level": 0.0}, "level must be"),
        ("D", {"level": "high"}, "level must be"),
        ("D", {"se": "bootstrap"}, "se must be one of"),
        ("D", {"interval": "exact"}, "interval must be one of"),
        ("D", {"model": "probit"}, "model must be one of"),
        ("D", {"across": "period"}, "across must be one of"),
        ("D", {"by": ["indicator", "group"]}, "by "),
        ("D", {"reference": "middle"}, "reference group must be one of"),
        ("MDRU", {"reference": ["g0", "g2"]}, "More than one reference group in the setting .*education.* Mark one"),
        ("D", {"reference": {"sex": "men"}}, "names the dimension 'sex'"),
        ("D", {"average": "mean"}, "average"),
        ("D", {"average": np.nan}, "average must be"),
        ("D", {"average": pd.DataFrame({"area": ["SSS"]})}, "average lacks"),
        ("D", {"draws": 10}, "draws must be"),
        ("D", {"seed": 1.5}, "seed must be"),
        ("D", {"covariance": pd.DataFrame({"group": []})}, "covariance lacks"),
        ("KOL", {}, "aversion"),
        ("KOL", {"aversion": {"KOL": -1}}, "aversion of KOL"),
        ("ACIX", {"aversion": {"ACIX": 1}}, "aversion of ACIX"),
        ("ATK", {"aversion": {"GINI": 1}}, "aversion of must be one of"),
        ("RII", {"rii_form": "odds"}, "rii_form must be one of"),
        ("LEVELUP", {"level_to": "worst"}, "level_to must be one of"),
        ("ATK", {}, "upper bound"),
    ],
)
def test_faulty_options_are_refused_by_name(measures, options, words):
    with pytest.raises(hyte.MeasureError, match=words):
        hyte.disparity(CELLS, measures, **options)


def test_ranked_measures_refuse_unordered_groups_and_name_what_serves():
    unordered = setting([30.0, 20.0, 10.0], order=False)
    with pytest.raises(hyte.MeasureError, match=r"needs ordered groups; dimension 'language' has no order here. Use D"):
        hyte.disparity(unordered, "SII")
    both = hyte.disparity(pd.concat([unordered, CELLS]), "SII")
    assert both["estimate"].notna().tolist() == [True, False]
    assert "Use D" in both["note"].iloc[1]


def test_negative_weights_and_groups_that_stand_twice_are_refused():
    for column in ("population", "respondents"):
        with pytest.raises(hyte.MeasureError, match="Negative weights"):
            hyte.disparity(CELLS.assign(**{column: [-1.0, 2.0, 3.0]}), "D")
    with pytest.raises(hyte.MeasureError, match="repeat a group"):
        hyte.disparity(pd.concat([CELLS, CELLS.assign(period="2023")]), "D", by=["indicator", "area", "dimension"])
    with pytest.raises(hyte.TidyError):
        hyte.disparity(pd.concat([CELLS, CELLS]), "D")


def test_only_totals_is_refused():
    with pytest.raises(hyte.MeasureError, match="only the dimension 'total'"):
        hyte.disparity(CELLS.head(1).assign(dimension="total", group="total", order=pd.NA), "D")


def test_what_has_no_value_says_why_in_the_note():
    low = ask(setting([1.0, -1.0, 0.0]), ["RCI", "TI", "R", "D"])
    assert "average above zero" in low.loc["RCI", "note"]
    assert "average above zero" in low.loc["TI", "note"]
    assert "divisor of zero" in low.loc["R", "note"]
    zero = ask(setting([0.0, 2.0, 4.0]), ["MLD", "R"])
    assert "zero or below" in zero.loc["MLD", "note"]
    assert zero.loc["R", "estimate"] == 0
    assert np.isnan(zero.loc["R", "upper"])
    gone = ask(setting([np.nan, np.nan, 4.0]), ["D", "BGV"])
    assert gone["note"].str.contains("only 1 group has an estimate").all()
    assert gone["n_groups"].eq(1).all()
    nothing = ask(setting([np.nan, np.nan]), ["D"])
    assert nothing.loc["D", "note"].startswith("no group has an estimate")
