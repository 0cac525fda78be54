"""Status and rules of a 60-goal plan on a release of 309 municipalities, and opening it on page C: CPU seconds."""

import datetime
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

import hyteanalysis as hyte
from hyteanalysis import areas
from hyteanalysis.apps.planning import files, views
from hyteanalysis.apps.planning.choice import Opened
from hyteanalysis.plan import fired

GOALS, INDICATORS, YEARS = 60, 12, range(2015, 2026)


def made(folder):
    """A release of municipalities, counties and the country, total and by sex, education."""
    rng = np.random.default_rng(1)
    known = areas.hierarchy(2024)
    municipalities = sorted(area for area in set(known["area"]) if area.startswith("KU"))
    counties = sorted({area for area in set(known["area"]) if area.startswith("HVA")})
    groups = [("total", "total", None), ("sex", "women", None), ("sex", "men", None)]
    groups += [("education", group, order) for order, group in enumerate(("low", "mid", "high"), 1)]
    indicators = [f"i{i}" for i in range(INDICATORS)]
    frame = pd.MultiIndex.from_product(
        [
            [f"i{i}" for i in range(INDICATORS)],
            [*municipalities, *counties, "SSS"],
            map(str, YEARS),
            range(len(groups)),
        ],
        names=["indicator", "area", "period", "g"],
    ).to_frame(index=False)
    frame["dimension"] = [groups[g][0] for g in frame["g"]]
    frame["group"] = [groups[g][1] for g in frame["g"]]
    frame["order"] = pd.array([groups[g][2] for g in frame["g"]], dtype="Int64")
    p = rng.uniform(0.1, 0.4, len(frame))
    n = rng.integers(200, 3_000, len(frame))
    frame["estimate"], frame["se"] = 100 * p, 100 * np.sqrt(p * (1 - p) / n)
    frame["respondents"], frame["population"] = n.astype(float), 20.0 * n
    meta = pd.DataFrame({"indicator": indicators, "title_fi": "Asia", "unit": "%"})
    meta = meta.assign(kind="proportion", scale=100, favourable=False, purpose="outcome", source="made")
    release = hyte.release(frame.drop(columns="g"), meta, policy=hyte.Policy.from_profile("open"))
    release.save(folder)
    return municipalities


def plan(municipalities):
    goals, rules = [], []
    for i in range(GOALS):
        where = {
            "indicator": f"i{i % INDICATORS}",
            "area": municipalities[5 * i],
            "dimension": "education",
            "group": "low",
        }
        goals.append({
            "id": f"g{i}", "title": f"Tavoite {i}", **where, "threshold": 45,
            "baseline": {"value": 30, "lower": 28, "upper": 32, "period": "2020"},
            "target": {"value": 10, "date": datetime.date(2029, 12, 31)},
            "actors": [{"actor": f"a{k}", "role": "lead" if k == 0 else "partner"} for k in range(4)],
            "actions": [{"id": f"x{i}-{k}", "title": "Toimi " * 5, "resources": [{"amount": 10}]} for k in range(3)],
            "grounds": "Perustelu, jossa kerrotaan miksi tämä on tärkeää. " * 4,
        })  # fmt: skip
        rules.append(
            {"id": f"r{i}", "title": "Sääntö", **where, "comparator": "worse_than_county", "minimum_change": 1}
        )
    actors = [{"id": f"a{k}", "name": f"Toimija {k}"} for k in range(20)]
    told = [{"id": f"e{i}", "text": "Kokemus. " * 30, "source": "hearing", "consent": "group"} for i in range(GOALS)]
    return hyte.Plan.from_dict({
        "schema_version": 2, "title": "Suunnitelma", "organisation": "Alue", "area": "HVA10", "first_year": 2026,
        "last_year": 2029, "actors": actors, "experiences": told, "goals": goals, "rules": rules,
    })  # fmt: skip


def answered(held, release):
    """What page C shows first of an opened plan."""
    setting = Opened(held, None, release, {}, datetime.date(2026, 1, 1), "fi")
    view = views.compute("overview", setting)
    return views.compute("answer", setting, view), views.compute("goals", setting, view)


def timed(what, work):
    start = time.process_time()
    result = work()
    print(f"{what}: {time.process_time() - start:.2f} s")
    return result


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        municipalities = made(Path(folder) / "release")
        release = hyte.Release.open(Path(folder) / "release")
        print(f"{release.audit.get('cells')} cells, {len(municipalities)} municipalities, {GOALS} goals and rules")
        plan(municipalities).save(Path(folder) / "plan.yml")
        held = timed("open", lambda: hyte.Plan.read(Path(folder) / "plan.yml"))
        timed("status", lambda: held.status(release))
        timed("rules", lambda: fired(held, release))
        text = (Path(folder) / "plan.yml").read_bytes()
        timed("page: open and answer", lambda: answered(files.opened(text, "plan.yml"), release))
        timed("save after a change", lambda: held.changed(title="Toinen").save(Path(folder) / "plan.yml"))
