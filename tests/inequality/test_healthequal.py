"""Agreement with WHO healthequal where it is right; what it does wrong is in test_healthequal_defects.py."""

import numpy as np
import pandas as pd
import pytest
from inequality_worlds import REFERENCE, reference_cells

from hyteanalysis.inequality import disparity, disparity_individual, lines

CODES = {"covar": "COV"}
SIMULATED = ("bgsd", "covar", "idisw", "mdmw", "idisu", "mdmu", "mdbu", "mdbw", "mdru", "mdrw")


def code(measure):
    return CODES.get(measure, measure.upper())


def answers(inputs):
    """Our answer to every variant of the reference: by variant, indexed by case and measure."""
    cells, metadata, average = reference_cells(inputs)
    unnamed, unweighted, unsure = (
        cells.assign(reference=False),
        cells.drop(columns="population"),
        cells.drop(columns="se"),
    )

    def ask(frame, **options):
        found = disparity(frame, "all", indicators=metadata, interval="plain", draws=1000, **options)
        return found.set_index(["indicator", "measure"])

    plain, model = ask(cells), ask(cells, se="model")
    narrow, model_narrow = ask(cells, level=0.9), ask(cells, level=0.9, se="model")
    linear, model_linear = ask(cells, model="linear"), ask(cells, model="linear", se="model")
    nopop, model_nopop = ask(unweighted), ask(unweighted, se="model")
    blank = ask(unsure)
    return {
        "default": (plain, model),
        "ref": (plain, model),
        "force": (plain, model),
        "conf90": (narrow, model_narrow),
        "ref_conf90": (narrow, model_narrow),
        "noref": (ask(unnamed), None),
        "noref_nose": (ask(unnamed.drop(columns="se")), None),
        "nose": (blank, None),
        "linear": (linear, model_linear),
        "nopop": (nopop, model_nopop),
        "avg": (ask(unweighted, average=average), None),
        "pop_and_avg": (ask(cells, average=average), None),
    }


@pytest.fixture(scope="module")
def synthetic():
    inputs = pd.read_csv(REFERENCE / "inputs_synthetic.csv")
    return inputs, pd.read_csv(REFERENCE / "expected_synthetic.csv"), answers(inputs)


@pytest.fixture
def bundled(shared):
    folder = shared("reference/healthequal/peer")
    inputs = pd.read_csv(folder / "inputs_bundled.csv")
    return inputs, pd.read_csv(folder / "expected_bundled.csv"), answers(inputs)


def right(expected, inputs):
    """Rows where the reference is right, in a form of ours to compare with."""
    zero = inputs[inputs["estimate"] == 0]["case_id"].unique()
    uneven = inputs[inputs["population"] % 1 > 0]["case_id"].unique()
    rows = expected[expected["status"] == "ok"]
    rows = rows[~rows["variant"].isin(["bounded"])]
    fitted = rows["measure"].isin(["sii", "rii"])
    rows = rows[~fitted | ((rows["variant"] == "linear") & ~rows["case_id"].isin(uneven))]
    logs = rows["measure"].isin(["mld", "ti", "r"])
    return rows[~(logs & rows["case_id"].isin(zero))]


def compared(expected, found):
    """Expected rows beside ours, with the reference's error on our scale."""
    rows = []
    for row in expected.itertuples():
        variant, measure = row.variant, code(row.measure)
        if variant in ("wagstaff", "erreygers"):
            variant, measure = "default", {"wagstaff": "WAG", "erreygers": "ERR"}[row.variant]
        plain, model = found[variant]
        ours = plain.loc[(row.case_id, measure)]
        factor = {"mld": 1000.0, "ti": 1000.0, "paf": 100.0}.get(row.measure, 1.0)
        errors = ours if row.measure in ("d", "r", "bgv", "mld", "ti") or model is None else model.loc[ours.name]
        rows.append(
            {
                "case": row.case_id,
                "measure": row.measure,
                "variant": row.variant,
                "theirs": row.estimate,
                "ours": ours["estimate"],
                "their_se": row.se * factor,
                "our_se": errors["se_log"] if row.measure in ("r", "rii") else errors["se"],
                "lower": errors["lower"],
                "upper": errors["upper"],
                "ci_lower": row.ci_lower,
                "ci_upper": row.ci_upper,
            }
        )
    return pd.DataFrame(rows)


def check_estimates(inputs, expected, found):
    table = compared(right(expected, inputs), found)
    assert len(table) > 150
    # ACI and RCI are weighted sums whose terms cancel: 1e-10 of the estimates' size
    np.testing.assert_allclose(table["ours"], table["theirs"], rtol=1e-10, atol=1e-11)
    exact = table[~table["measure"].isin(["aci", "rci", "sii", "rii"])]
    np.testing.assert_allclose(exact["ours"], exact["theirs"], rtol=1e-12, atol=1e-12)
    return table


def check_errors(table):
    table = table[table["their_se"].notna() & ~table["case"].str.contains("edge02|edge04")]
    fitted = table["measure"].isin(["sii", "rii"])
    # one-pass sums over zero differences
    closed = table[~fitted]
    np.testing.assert_allclose(closed["our_se"], closed["their_se"], rtol=1e-10, atol=1e-11)
    ratio = table[fitted & (table["measure"] == "rii")]
    np.testing.assert_allclose(ratio["our_se"], ratio["their_se"], rtol=2e-4)


def check_limits(table):
    """Where the error is right, so are the limits; ours of BGV stop at 0, and PAR's where the sign would change."""
    table = table[table["ci_lower"].notna() & ~table["case"].str.contains("edge02|edge04")]
    wald = table[table["measure"].isin(["d", "r", "aci", "rci"]) | (table["variant"] == "linear")]
    np.testing.assert_allclose(wald["lower"], wald["ci_lower"], rtol=2e-4, atol=1e-9)
    np.testing.assert_allclose(wald["upper"], wald["ci_upper"], rtol=2e-4, atol=1e-9)
    variance = table[table["measure"] == "bgv"]
    np.testing.assert_allclose(variance["lower"], variance["ci_lower"].clip(lower=0), rtol=1e-10)
    np.testing.assert_allclose(variance["upper"], variance["ci_upper"], rtol=1e-10)


def test_synthetic_cases_agree(synthetic):
    table = check_estimates(*synthetic)
    check_errors(table)
    check_limits(table)


def test_bundled_cases_agree(bundled):
    table = check_estimates(*bundled)
    check_errors(table)
    check_limits(table)


def test_bounded_concentration_is_the_index_of_the_share(synthetic):
    inputs, expected, found = synthetic
    scale = inputs.drop_duplicates("case_id").set_index("case_id")["indicator_scale"]
    rows = expected[(expected["variant"] == "bounded") & (expected["measure"] == "aci") & (expected["status"] == "ok")]
    ours = found["default"][0].loc[[(case, "ACI") for case in rows["case_id"]], "estimate"].to_numpy()
    np.testing.assert_allclose(ours / scale[rows["case_id"]].to_numpy(), rows["estimate"], rtol=1e-10, atol=1e-12)


def test_logit_line_is_the_references_where_it_is_given_the_same_weights(synthetic):
    """Its binomial counts and its weights square the population, and both are rounded to whole people and events."""
    inputs, expected, _ = synthetic
    rows = expected[(expected["variant"] == "logit") & (expected["status"] == "ok")].pivot(
        index="case_id", columns="measure", values=["estimate", "se"]
    )
    checked = 0
    for case, theirs in rows.iterrows():
        cells = inputs[(inputs["case_id"] == case) & inputs["estimate"].notna()].sort_values("order")
        scale = float(cells["indicator_scale"].iloc[0])
        if scale == 100000 or cells["estimate"].max() <= 1 or scale != 10 ** np.ceil(np.log10(cells["estimate"].max())):
            continue  # the scale that it guesses is another
        people = np.ceil(cells["population"].to_numpy())
        events = np.round(cells["estimate"].to_numpy() / scale * people)
        share = people / people.sum()
        ridit = np.cumsum(share) - share / 2
        weight = people**2 / (people**2).sum()
        line = lines.fit(
            (events / people)[None], ridit[None], weight[None], np.ones(1), np.array(["logit"], dtype=object)
        )
        ends = line.top[0], line.bottom[0]
        np.testing.assert_allclose((ends[0] - ends[1]) * scale, theirs["estimate", "sii"], rtol=1e-7)
        np.testing.assert_allclose(ends[0] / ends[1], theirs["estimate", "rii"], rtol=1e-7)
        slope = np.sqrt(line.top_variance + line.bottom_variance - 2 * line.ends_covariance)[0]
        ratio = np.sqrt(
            line.top_variance / ends[0] ** 2
            + line.bottom_variance / ends[1] ** 2
            - 2 * line.ends_covariance / (ends[0] * ends[1])
        )[0]
        np.testing.assert_allclose([slope, ratio], [theirs["se", "sii"], theirs["se", "rii"]], rtol=2e-4)
        checked += 1
    assert checked >= 5


def test_simulated_limits_agree_with_200_000_draws(synthetic):
    inputs, _, _ = synthetic
    cells, metadata, _ = reference_cells(inputs)
    wanted = pd.read_csv(REFERENCE / "sim_ci_limits.csv")
    wanted = wanted[~wanted["measure"].str.contains("as_coded") & wanted["case_id"].isin(inputs["case_id"])]
    found = disparity(cells, [code(name) for name in SIMULATED], indicators=metadata, interval="plain", seed=1)
    found = found.set_index(["indicator", "measure"])
    ours = found.loc[[(row.case_id, code(row.measure)) for row in wanted.itertuples()]]
    width = (wanted["ci_upper"] - wanted["ci_lower"]).to_numpy()
    slack = 0.25 * width + 1e-6 * wanted["mean"].abs().to_numpy()
    assert (np.abs(ours["lower"].to_numpy() - wanted["ci_lower"].to_numpy()) <= slack).all()
    assert (np.abs(ours["upper"].to_numpy() - wanted["ci_upper"].to_numpy()) <= slack).all()
    some = width > 1e-6 * wanted["mean"].abs().to_numpy()
    np.testing.assert_allclose(ours["se"].to_numpy()[some], wanted["sd"].to_numpy()[some], rtol=0.07)


def test_person_rows_agree(shared):
    folder = shared("reference/healthequal/peer")
    people, expected = (pd.read_csv(folder / f"{name}_individual.csv") for name in ("inputs", "expected"))
    plain = expected[~expected["arguments"].str.contains("fpc|lmin") & (expected["status"] == "ok")]
    for (dataset, outcome, arguments), rows in plain.groupby(["dataset", "outcome", "arguments"]):
        words = arguments.split(",")
        design = {"weight": "weight", "cluster": "psu", "strata": "strata"}
        found = disparity_individual(
            people[people["dataset"] == dataset],
            "all",
            outcome=outcome,
            rank="subgroup_order",
            ranks="known",
            model="linear" if "linear=TRUE" in words else None,
            **{name: column for name, column in design.items() if column in words},
        ).set_index("measure")
        for row in rows.itertuples():
            ours = found.loc[code(row.measure)]
            linear = row.measure in ("aci", "rci")
            np.testing.assert_allclose(ours["estimate"], row.estimate, rtol=1e-10 if linear else 1e-7)
            # its error of SII of a number is on a scale that it guesses
            factor = 100 if row.measure == "sii" and outcome == "y_cont" else 1
            se = ours["se_log"] if row.measure == "rii" else ours["se"]
            np.testing.assert_allclose(se, row.se * factor, rtol=1e-10 if linear else 2e-4)
            np.testing.assert_allclose(ours["upper"], row.ci_upper, rtol=1e-9 if linear else 2e-4)
