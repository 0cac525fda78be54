"""What must hold of every measure that is declared, by the properties of its declaration."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from inequality_worlds import check_gradient, indicators, random_settings

import hyteanalysis as hyte
from hyteanalysis import i18n
from hyteanalysis.inequality import REGISTRY
from hyteanalysis.inequality.blocks import blocks
from hyteanalysis.inequality.options import STRUCTURAL, check_options
from hyteanalysis.inequality.registry import VARIANTS
from hyteanalysis.inequality.settings import BY, gather

CODES = list(REGISTRY)
AVERSION = {"ATK": 1.5, "KOL": 0.02, "ACIX": 3.0}
COUNT, K = 12, 5


def holding(name):
    return [code for code in CODES if name in REGISTRY[code].holds]


def ask(cells, measures, kind="mean", bounds=(0.0, 100.0), scale=1.0, **options):
    metadata = indicators(kind, scale, lower_bound=bounds[0], upper_bound=bounds[1])
    options = {"aversion": AVERSION, "draws": 1000, "indicators": metadata, **options}
    return hyte.disparity(cells, measures, **options).set_index([*BY, "measure"])


@cache
def made():
    return random_settings(COUNT, K, seed=11)


@pytest.fixture(scope="module")
def cells():
    return made()


@pytest.fixture(scope="module")
def found():
    return changed("nothing")


def split(cells):
    """One group in two identical halves."""
    half = cells["group"] == "g1"
    whole = cells.assign(population=cells["population"].where(~half, cells["population"] / 2))
    return pd.concat([whole, whole[half].assign(group="g1b")])


def relabelled(cells):
    return cells.assign(group=cells["group"].map({f"g{number}": f"z{(number * 7) % 5}" for number in range(K)}))


CHANGES = {
    "nothing": lambda cells: cells,
    "equal": lambda cells: cells.assign(estimate=30.0),
    "shuffled": lambda cells: cells.sample(frac=1, random_state=5),
    "relabelled": lambda cells: relabelled(cells.sample(frac=1, random_state=5)),
    "shares": lambda cells: cells.assign(estimate=cells["estimate"] / 100),
    "tenfold": lambda cells: cells.assign(estimate=cells["estimate"] * 10, se=cells["se"] * 10),
    "multiplied": lambda cells: cells.assign(estimate=cells["estimate"] * 1.3),
    "shifted": lambda cells: cells.assign(estimate=cells["estimate"] + 7),
    "mirrored": lambda cells: cells.assign(estimate=100 - cells["estimate"], favourable=True),
    "replicated": lambda cells: cells.assign(population=cells["population"] * 3),
    "split": split,
    "level": lambda cells: cells.assign(population=100.0),
    "vague": lambda cells: cells.assign(se=40.0),
    "alike": lambda cells: cells.assign(estimate=30 + 0.1 * cells["order"], se=2.0),
    "sharp": lambda cells: cells.assign(se=cells["se"] / 40),
}


@cache
def changed(name, interval="plain"):
    """All measures of the cells after a change, in one call."""
    cells = CHANGES[name](made())
    options = {"bounds": (0.0, 1000.0)} if name == "tenfold" else {}
    if name == "mirrored":
        options["indicators"] = indicators("mean", 1.0, lower_bound=0.0, upper_bound=100.0, favourable=True)
        cells = cells.drop(columns="favourable")
    return ask(cells, "all", interval=interval, **options)


def values(frame, code, column="estimate"):
    return frame.xs(code, level="measure")[column].to_numpy()


@cache
def arrays(change="nothing", model=None, average=None, level_to="best"):
    """The cells as the formulas see them."""
    settings = gather(
        CHANGES[change](made()),
        indicators=indicators("mean", 1.0, lower_bound=0.0, upper_bound=100.0),
        by=BY,
        across="group",
        model=model,
        reference=None,
        average=average,
        covariance=None,
        options=check_options(AVERSION, level_to),
    )
    return next(blocks(settings)).groups


def test_every_measure_has_a_value_with_its_interval(found):
    assert found["estimate"].notna().all(), found[found["estimate"].isna()]["note"].to_dict()
    assert (found["lower"] <= found["upper"]).all()
    inside = (found["lower"] <= found["estimate"]) & (found["estimate"] <= found["upper"])
    assert inside.all()


@pytest.mark.parametrize("code", CODES)
def test_the_null_is_the_value_where_all_groups_are_equal(code):
    np.testing.assert_allclose(values(changed("equal"), code), REGISTRY[code].null, atol=1e-9)


@pytest.mark.parametrize("change", ["shuffled", "relabelled"])
def test_row_order_labels_and_global_state_change_nothing(change, found):
    np.random.seed(7)  # noqa: NPY002  (the process's global state must not matter)
    pd.testing.assert_frame_equal(changed(change), found, check_exact=True)


@pytest.mark.parametrize("code", holding("unit"))
def test_absolute_measures_follow_the_unit_and_relative_ones_do_not(code, found):
    again = changed("tenfold")
    power = {"indicator": 1, "indicator²": 2}.get(REGISTRY[code].unit, 0)
    for column in ("estimate", "se", "lower", "upper"):
        np.testing.assert_allclose(values(again, code, column), 10**power * values(found, code, column), rtol=2e-5)


@pytest.mark.parametrize("code", holding("scale"))
def test_relative_measures_are_unchanged_when_all_is_multiplied(code, found):
    assert not REGISTRY[code].absolute
    np.testing.assert_allclose(values(changed("multiplied"), code), values(found, code), rtol=1e-9)


@pytest.mark.parametrize("code", holding("shift"))
def test_absolute_measures_are_unchanged_when_a_constant_is_added(code, found):
    assert REGISTRY[code].absolute
    np.testing.assert_allclose(values(changed("shifted"), code), values(found, code), rtol=1e-9)


@pytest.mark.parametrize("code", CODES)
def test_mirror_is_as_declared(code, found):
    """y becomes bound − y, and its direction is turned."""
    before, after = values(found, code), values(changed("mirrored"), code)
    mirror = REGISTRY[code].mirror
    if mirror is None:
        assert not np.allclose(np.abs(before), np.abs(after), rtol=1e-3)
    else:
        np.testing.assert_allclose(after, before if mirror == "same" else -before, rtol=1e-9)


@pytest.mark.parametrize("code", CODES)
def test_replication_changes_nothing_but_people(code, found):
    factor = 1 if "replication" in REGISTRY[code].holds else 3
    np.testing.assert_allclose(values(changed("replicated"), code), factor * values(found, code), rtol=1e-9)


@pytest.mark.parametrize("code", CODES)
def test_splitting_a_group_into_identical_halves(code, found):
    again = values(changed("split"), code)
    if "split" in REGISTRY[code].holds:
        np.testing.assert_allclose(again, values(found, code), rtol=1e-9)
    else:
        assert not np.allclose(again, values(found, code), rtol=1e-6)


@pytest.mark.parametrize("code", [code for code in CODES if code[:-1] + "W" in CODES and code.endswith("U")])
def test_weighted_variants_equal_the_unweighted_with_equal_populations(code):
    np.testing.assert_allclose(values(changed("level"), code), values(changed("level"), code[:-1] + "W"), rtol=1e-12)


def test_mdbw_is_the_size_of_par_in_unordered_groups():
    both = ask(random_settings(COUNT, K, seed=3, ordered=False), ["MDBW", "PAR", "LEVELUP"])
    np.testing.assert_allclose(values(both, "MDBW"), -values(both, "PAR"), rtol=1e-12)


@pytest.mark.parametrize("code", [code for code in CODES if REGISTRY[code].gradient is not None])
@pytest.mark.parametrize("average", [None, 40.0])
def test_gradient_is_the_numerical_derivative(code, average):
    """On the scale of the link, the known average dropping out; every model of the line."""
    measure = REGISTRY[code]
    models = ("linear", "log", "logit") if code in ("SII", "RII") else (None,)
    for model in models:
        check_gradient(measure, arrays("shares" if model == "logit" else "nothing", model, average))


@pytest.mark.parametrize("key", list(VARIANTS))
def test_gradient_of_a_variant_is_the_numerical_derivative(key):
    check_gradient(VARIANTS[key], arrays())


def test_gradient_of_levelling_to_the_average():
    check_gradient(REGISTRY["LEVELUP"], arrays(level_to="average"))


@pytest.mark.parametrize("code", CODES)
def test_se_and_interval_agree(code, found):
    """Half the width of the interval is z errors, on the scale of the link; percentiles within simulation error."""
    measure, rows = REGISTRY[code], found.xs(code, level="measure")
    rows = rows[(rows["upper"] != 0) & (rows["estimate"] != 0)]
    if measure.bounded:
        rows = rows[rows["lower"] > (4 * rows["se"] if measure.simulated else 0)]
    if measure.link == "log":
        half, se = (np.log(rows["upper"]) - np.log(rows["lower"])) / 2, rows["se_log"]
    else:
        half, se = (rows["upper"] - rows["lower"]) / 2, rows["se"]
    np.testing.assert_allclose(
        half, 1.959964 * se, rtol=0.15 if measure.simulated or measure.link == "percent" else 1e-6
    )


@pytest.mark.parametrize("code", [code for code in CODES if REGISTRY[code].gradient is not None])
def test_simulated_and_analytic_intervals_agree_within_monte_carlo_error(code):
    """Errors small enough that the measure is straight between its limits."""
    groups = arrays("sharp")
    measure = REGISTRY[code]
    if code in ("SII", "RII", "KMI"):
        pytest.skip("its line is fitted to estimates, not to draws; its gradient is checked above")
    noise = np.random.default_rng(1).standard_normal((K, 20_000))
    drawn = groups.drawn(groups.y[:, :, None] + groups.s[:, :, None] * noise)
    spread = measure.formula(drawn).std(axis=1)
    known = values(changed("sharp"), code, "se") if not measure.simulated else None
    if known is None:
        value = measure.formula(groups)
        known = np.sqrt(((measure.gradient(groups, value) * groups.s) ** 2).sum(axis=1))
    some = spread > 0
    np.testing.assert_allclose(known[some], spread[some], rtol=0.04)


@pytest.mark.parametrize(
    ("code", "options"),
    [
        ("ACIX", [{"aversion": {"ACIX": 2}}, {"aversion": {"ACIX": 4}}]),
        ("ATK", [{"aversion": {"ATK": 0.5}}, {"aversion": {"ATK": 2}}]),
        ("KOL", [{"aversion": {"KOL": 0.01}}, {"aversion": {"KOL": 0.05}}]),
        ("LEVELUP", [{"level_to": "best"}, {"level_to": "average"}]),
        ("RII", [{"rii_form": "ratio"}, {"rii_form": "mean"}]),
        ("SII", [{"model": "linear"}, {"model": "log"}]),
        ("RII", [{"model": "linear"}, {"model": "log"}]),
        ("D", [{}, {"reference": "g2"}]),
        ("R", [{}, {"reference": "g2"}]),
        ("MDRU", [{}, {"reference": "g2"}]),
        ("BGV", [{}, {"average": 20.0}]),
        ("PAR", [{}, {"average": 60.0}]),
    ],
)
def test_every_parameter_changes_something(code, options, cells):
    one, other = (values(ask(cells, code, **option), code) for option in options)
    assert (np.abs(one - other) > 1e-6).any()


@pytest.mark.parametrize("code", [code for code in CODES if REGISTRY[code].bounded])
def test_limits_of_measures_that_cannot_be_negative_stop_at_zero(code):
    for interval in ("plain", "corrected"):
        assert (values(changed("vague", interval), code, "lower") >= 0).all()


@pytest.mark.parametrize("code", [code for code in CODES if REGISTRY[code].bounded])
def test_corrected_limits_start_at_zero_and_p_equal_stands_beside_where_groups_are_alike(code):
    rows = changed("alike", "corrected").xs(code, level="measure")
    assert (rows["lower"] == 0).all()
    assert (rows["p_equal"] > 0.9).all()
    assert rows["note"].str.contains("do not clearly differ").all()


@pytest.mark.parametrize("code", CODES)
def test_every_measure_is_named_and_explained_in_three_languages(code):
    measure = REGISTRY[code]
    for lang in i18n.LANGS:
        assert measure.name(lang)
        assert measure.meaning(lang).endswith(".")
    assert measure.text
    assert measure.reference


@pytest.mark.parametrize("code", CODES)
def test_what_is_needed_is_said_and_refused_alone(code):
    """Where a structural need lacks, the note says so; asked for alone the measure is refused, naming another."""
    measure = REGISTRY[code]
    bare = random_settings(2, 3, seed=1, ordered=False).drop(columns="population")
    if not any(need in STRUCTURAL for need in measure.needs):
        assert hyte.disparity(bare, code, draws=1000)["estimate"].notna().all()
        return
    among = hyte.disparity(bare, [code, "D"], draws=1000)
    mine = among[among["measure"] == code]
    assert mine["estimate"].isna().all()
    assert (mine["note"] != "").all()
    with pytest.raises(hyte.MeasureError, match=code):
        hyte.disparity(bare, code, draws=1000)
