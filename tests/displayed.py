"""One result of every kind that shows itself, its numbers known by hand, its outside words hostile."""

import numpy as np
import pandas as pd
import scipy.sparse
from made_actions import make_action, make_cells

import hyteanalysis as hyte
from hyteanalysis import actions, places, plan, spatial
from hyteanalysis.disclosure.attack import AuditResult
from hyteanalysis.sources.fetched import Fetched

HOSTILE = '<img src=x onerror="a()">&'
NAMES = {lang: f"{lang}{HOSTILE}" for lang in hyte.i18n.LANGS}


def impact(**columns):
    """352 of 8,000 reached of the first group and 72 of 6,000 of the second are helped, exactly."""
    cells = make_cells([("A", HOSTILE, 1, 40_000, 0.22), ("A", "high", 2, 60_000, 0.06)], **columns)
    effect, reach = {"scale": "rr", "value": 0.8}, {"value": 0.1, "by_group": {HOSTILE: 0.2}}
    return hyte.impact(cells, make_action(name=NAMES, effect=effect, reach=reach), draws=500, seed=1)


def action():
    effect = {"scale": "rr", "value": 0.8, "lower": 0.7, "upper": 0.9, "source": HOSTILE}
    return make_action(name=NAMES, description=NAMES, effect=effect, reach={"value": 0.1, "by_group": {HOSTILE: 0.03}})


def allocation():
    return hyte.allocate(impact(), budget=900_000, caps=0.2)


def scenarios():
    return hyte.scenarios(impact(), budget=900_000, detail=True)


def switch():
    return hyte.switch_value([0.62, 0.92], [0.64, 0.91], population=[1000, 3000], names=("Universal", HOSTILE))


def evaluation():
    """Risk ratios 0.75 and 0.90."""
    cells = pd.DataFrame(
        {"treated": [0, 1, 0, 1], "group": [HOSTILE] * 2 + ["high"] * 2, "bad": [0.2, 0.15, 0.1, 0.09]}
    )
    people = cells.loc[cells.index.repeat(500)].assign(n=lambda frame: frame.groupby(level=0).cumcount())
    people["bad"] = (people["n"] < 500 * people["bad"]).astype(int)
    return actions.evaluate(people, "bad", design="trial", treatment="treated", by="group")


def practice_release(**options):
    """Of two areas, each with two groups; in the first area two people of one group are affected."""
    rows = [("east", "men", 2), ("east", "women", 300), ("west", "men", 100), ("west", "women", 300)]
    cells = pd.DataFrame(rows, columns=["area", "group", "events"]).assign(
        indicator="lonely", period="2024", dimension="sex", population=1000.0
    )
    share = cells["events"] / 10
    cells = cells.assign(estimate=share, lower=share - 1, upper=share + 1, se=0.5)
    titles = {f"title_{lang}": [name] for lang, name in NAMES.items()}
    about = pd.DataFrame({"indicator": ["lonely"], "unit": "%", "kind": "proportion", "scale": 100.0,
                          "favourable": False, **titles, "notes": HOSTILE})  # fmt: skip
    areas = pd.DataFrame({"area": ["east", "west"], **{f"label_{lang}": [name] * 2 for lang, name in NAMES.items()}})
    groups = pd.DataFrame({"dimension": ["sex"], "group": ["women"], **{f"label_{l}": [n] for l, n in NAMES.items()}})
    return hyte.release(
        cells,
        about,
        policy=hyte.Policy(),
        areas=areas,
        groups=groups,
        source=HOSTILE,
        synthetic=True,
        synthetic_by="Anna",
        **options,
    )


def finding():
    return hyte.finding(practice_release(), indicator="lonely", area="west", dimension="sex")


def audit():
    return hyte.disclosure.audit(practice_release())


def failed_audit():
    keys = {"indicator": ["lonely"], "area": HOSTILE, "period": "2024", "dimension": "sex", "group": "men"}
    rows = pd.DataFrame({**keys, "kind": "count", "low": 3.0, "high": 3.0, "safe": False, "reason": "told exactly"})
    return AuditResult(rows, {"cells": 7, "suppressed": 2, "attacked": 1})


def fetched():
    release = practice_release()
    return Fetched(release.cells, release.indicators, release.groups)


def partition():
    towns = pd.DataFrame({"county": list("AAABBBCCC"), "area": list("abcdefghi"), "population": 5000})
    return spatial.variance_partition(towns.assign(events=[900, 1000, 1100, 1200, 1300, 1500, 500, 650, 700]))


def towns():
    """Twenty, on a line: each value is larger than the one before."""
    return pd.DataFrame({"area": [HOSTILE, *(f"town-{i:02}" for i in range(1, 20))], "poor": np.arange(20.0),
                         HOSTILE: np.arange(20.0) ** 2})  # fmt: skip


def deprivation():
    return spatial.deprivation(towns(), weights={"poor": 3, HOSTILE: 1}, draws=50, seed=1)


def moran():
    names, side = towns()["area"].tolist(), np.eye(20, k=1)
    matrix = np.pad(side + side.T, (0, 1))
    line = spatial.Neighbours((*names, f"alone{HOSTILE}"), scipy.sparse.csr_array(matrix), "line",
                              (f"alone{HOSTILE}",))  # fmt: skip
    return spatial.moran(pd.concat([towns(), pd.DataFrame({"area": [f"alone{HOSTILE}"], "poor": 5.0})]), line,
                         value="poor", permutations=99, seed=1)  # fmt: skip


def maihda():
    rng = np.random.default_rng(1)
    first, second = np.divmod(np.arange(24).repeat(8), 4)
    people = pd.DataFrame({"sex": first.astype(str), HOSTILE: second.astype(str) + HOSTILE})
    people["strain"] = 0.5 * first + rng.normal(0, 1, len(first))
    return hyte.maihda(people, outcome="strain", strata=["sex", HOSTILE])


def decomposition():
    cells = pd.DataFrame({"sex": [HOSTILE] * 2 + ["m"] * 2, "age": ["y", "o"] * 2, "estimate": [0.1, 0.3, 0.2, 0.4],
                          "population": [5, 15, 9, 9]})  # fmt: skip
    return hyte.decomposition.kitagawa(cells, between="sex", groups=(HOSTILE, "m"), by=["age"])


def people():
    half = np.arange(400) % 2
    rows = {"sex": np.where(half == 1, HOSTILE, "men"), "age": np.arange(400) % 7, "weight": 2.0}
    return pd.DataFrame({**rows, "lonely": (np.arange(400) % 20 < 2 + 4 * half).astype(int)})


def survey():
    return hyte.survey.estimate(people(), "lonely", "sex", kind="proportion", weight="weight", scale=100)


def adjusted():
    return hyte.adjusted(people(), "lonely", "sex", adjust_for="age", scale=100)


def small_areas(se=0.5):
    areas = pd.DataFrame({"area": [HOSTILE, *"bcde"], "estimate": [9.0, 12.5, 11.0, 16.0, 7.5], "se": se})
    return hyte.small_areas.fay_herriot(areas)


def goal():
    return hyte.Plan.read(places.committed("plans", "example.yml")).goals[0].model_copy(
        update={"title": HOSTILE, "grounds": HOSTILE}
    )  # fmt: skip


def worksheet():
    return plan.worksheet(practice_release(), area="west", dimension="sex")


def whole_plan():
    return hyte.Plan.read(places.committed("plans", "example.yml")).changed(title=HOSTILE)
