"""Cells for tests: a small hand-made setting, many random ones, and the reference's cases as tidy cells."""

from pathlib import Path

import numpy as np
import pandas as pd

REFERENCE = Path(__file__).parent / "reference" / "healthequal"


def setting(estimate, *, se=1.0, population=1000.0, order=True, favourable=None, dimension=None, **columns):
    """One setting as tidy cells; ``order`` True numbers the groups from 1."""
    k = len(estimate)
    frame = pd.DataFrame(
        {
            "indicator": "x",
            "area": "SSS",
            "period": "2022",
            "dimension": dimension or ("education" if order is not False else "language"),
            "group": [f"g{number}" for number in range(k)],
            "estimate": np.asarray(estimate, dtype=float),
            "se": se,
            "population": population,
        }
    )
    if order is not False:
        frame["order"] = np.arange(1, k + 1) if order is True else order
    if favourable is not None:
        frame["favourable"] = favourable
    return frame.assign(**columns)


def indicators(kind="proportion", scale=100.0, *, favourable=False, ids=("x",), **columns):
    """Metadata of the indicators."""
    frame = pd.DataFrame({"indicator": list(ids)})
    return frame.assign(title_en="X", unit="%", kind=kind, scale=scale, favourable=favourable, **columns)


def random_settings(count, k, seed, *, kind="proportion", ordered=True):
    """Many settings with differing gradients, sizes and errors."""
    generator = np.random.default_rng(seed)
    gradient = np.linspace(8, -8, k) * generator.uniform(0.3, 1, (count, 1))
    estimate = generator.uniform(20, 60, (count, 1)) + gradient + generator.normal(0, 1, (count, k))
    population = generator.integers(500, 20_000, (count, k)).astype(float)
    se = np.sqrt(estimate * (100 - estimate) / population)
    frame = pd.DataFrame(
        {
            "indicator": "x",
            "area": np.repeat([f"a{number}" for number in range(count)], k),
            "period": "2022",
            "dimension": "education" if ordered else "language",
            "group": np.tile([f"g{number}" for number in range(k)], count),
            "estimate": estimate.ravel(),
            "se": se.ravel(),
            "population": population.ravel(),
        }
    )
    return frame.assign(order=np.tile(np.arange(1, k + 1), count)) if ordered else frame


def reference_cells(inputs):
    """The reference's inputs as tidy cells, its indicators, and its published averages."""
    ordered = inputs["ordered"] == 1
    cells = pd.DataFrame(
        {
            "indicator": inputs["case_id"],
            "area": "SSS",
            "period": "2020",
            "dimension": np.where(ordered, "education", "region"),
            "group": inputs["subgroup"],
            "order": inputs["order"].astype("Int64"),
            "estimate": inputs["estimate"],
            "se": inputs["se"],
            "population": inputs["population"],
            "reference": inputs["reference"] == 1,
        }
    )
    first = inputs.drop_duplicates("case_id")
    metadata = pd.DataFrame(
        {
            "indicator": first["case_id"],
            "title_en": first["case_id"],
            "unit": "",
            "kind": "proportion",
            "scale": first["indicator_scale"].astype(float),
            "favourable": first["favourable"] == 1,
        }
    )
    average = cells.drop_duplicates("indicator")[["indicator", "area", "period", "dimension"]]
    average = average.assign(estimate=first["setting_average"].to_numpy())
    return cells, metadata, average


def check_gradient(measure, groups):
    """The declared gradient is the numerical derivative of the formula, on the scale of the link."""
    link = {"identity": lambda x: x, "log": np.log, "percent": lambda x: np.log1p(x / 100)}[measure.link]
    value = measure.formula(groups)
    gradient = measure.gradient(groups, value)
    clipped = (value == 0) & (measure.code in ("PAR", "PAF"))
    for place in range(groups.k):
        step = np.zeros_like(groups.y)
        step[:, place] = 1e-5 * np.abs(groups.y).mean()
        up, down = (link(measure.formula(groups.drawn(groups.y + sign * step))) for sign in (1, -1))
        numerical = (up - down) / (2 * step[:, place])
        size = np.abs(gradient).max(axis=1)
        np.testing.assert_allclose(gradient[~clipped, place], numerical[~clipped], atol=2e-6 * size.max(), rtol=1e-4)
