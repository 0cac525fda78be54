"""Valid data that lack what a figure needs are refused by the name of what they lack, and limits come of errors."""

import numpy as np
import pandas as pd
import pytest
from released import COUNTY, INDICATORS, cell, education, made, total

import hyteanalysis as hyte
from hyteanalysis import figures, i18n
from hyteanalysis.apps.kit.cards import drawn, lacking
from hyteanalysis.errors import DisclosureError, HyteError, LackError

LEVELS = (30.0, 20.0, 10.0)


def bare(rows, *columns):
    """A release of rows without some columns."""
    return made(pd.DataFrame(rows).drop(columns=list(columns)).to_dict("records"))


@pytest.mark.parametrize(
    ("kind", "lack", "options"),
    [
        ("trend", "periods", {"dimension": "education"}),
        ("pyramid", "ages", {"dimension": "education"}),
        ("dots", "areas", {"dimension": "education"}),
        ("dots", "totals", {"dimension": "total"}),
        ("map", "totals", {"dimension": "total"}),
        ("curve", "order", {"dimension": "sex"}),
        ("kitagawa", "crossed", {"dimension": "education"}),
        ("theil", "weights", {"dimension": "education"}),
    ],
)
def test_what_the_data_lack_is_named_and_said_in_every_language(kind, lack, options):
    rows = education("smoking", COUNTY, "2022", LEVELS)
    rows += [cell("smoking", COUNTY, "2022", "sex", group, 20.0) for group in ("women", "men")]
    data = bare(rows, "population")
    with pytest.raises(LackError) as refused:
        figures.REGISTRY[kind].draw(data, indicator="smoking", areas=COUNTY, **options)
    assert refused.value.lack == lack
    said = [lacking(refused.value, lang) for lang in i18n.LANGS]
    assert len(set(said)) == len(i18n.LANGS)
    assert all(one.endswith(".") and kind not in one for one in said)


def test_a_panel_says_what_is_lacking_but_a_release_that_cannot_be_trusted_is_a_fault():
    def refuse(error):
        def draw(width):
            raise error

        return draw

    view = drawn(refuse(LackError("periods", "one period")), 16.0, "fi")
    assert view.figure is None
    assert view.sentences == (i18n.text("figure.lacks.periods", "fi"),)
    assert drawn(refuse(HyteError("other")), 16.0, "fi").sentences == (i18n.text("app.not_applicable", "fi"),)
    with pytest.raises(DisclosureError):
        drawn(refuse(DisclosureError("altered")), 16.0, "fi")
    with pytest.raises(ZeroDivisionError):
        drawn(refuse(ZeroDivisionError()), 16.0, "fi")


def test_limits_are_drawn_of_errors_where_the_data_have_no_limits():
    rows = education("smoking", COUNTY, "2022", LEVELS) + education("smoking", COUNTY, "2017", LEVELS)
    rows += [total("smoking", area, "2022", level) for area, level in ((COUNTY, 20.0), ("HVA09", 22.0))]
    asked = {"indicator": "smoking", "dimension": "education", "areas": COUNTY, "lang": "en"}
    data = bare(rows, "lower", "upper")
    low, high = hyte.uncertainty.logit_interval(0.30, rows[0]["se"] / 100)
    for kind in ("equiplot", "trend"):
        bundle = figures.REGISTRY[kind].draw(data, **asked)
        assert np.isclose(bundle.plotted, 100 * low).any()
        assert np.isclose(bundle.plotted, 100 * high).any()
        assert i18n.text("figure.no_interval", "en") not in bundle.subtitle
    dots = figures.dots(data, indicator="smoking", areas=COUNTY, lang="en")
    assert i18n.text("figure.no_interval", "en") not in dots.subtitle


def test_the_page_of_a_county_is_drawn_without_limit_columns():
    rows = education("smoking", COUNTY, "2022", LEVELS, n=5000)
    drawn_ = figures.county(bare(rows, "lower", "upper"), areas=COUNTY, lang="en")
    level = drawn_.table[drawn_.table["measure"] == "level"]
    assert level[["lower", "upper"]].notna().all(axis=None)
    assert INDICATORS["title_en"].iloc[0] in " ".join(drawn_.readable.iloc[:, 0])
