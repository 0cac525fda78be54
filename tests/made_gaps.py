"""People, deaths and decompositions made for the tests of gaps taken apart."""

import numpy as np
import pandas as pd
from hypothesis import settings

from hyteanalysis.decomposition import oaxaca

FEW = settings(max_examples=4, deadline=None)
TIGHT = {"rel": 1e-10, "abs": 1e-10}


def people(seed, size=400, shift=0.0):
    """Two groups that differ in age, income and place."""
    rng = np.random.default_rng(seed)
    second = rng.random(size) < 0.4
    age = rng.normal(45 + 8 * second, 12)
    income = rng.normal(30 - 5 * second, 8)
    place = rng.choice(["town", "village", "city"], size, p=[0.4, 0.3, 0.3])
    latent = -1 + 0.02 * (age - 45) - 0.03 * (income - 30) + 0.4 * (place == "village") + (0.5 + shift) * second
    lonely = (rng.random(size) < 1 / (1 + np.exp(-latent))).astype(float)
    return pd.DataFrame({
        "group": np.where(second, "low", "high"), "age": age, "income": income, "place": place, "lonely": lonely,
        "score": latent + rng.normal(0, 1, size), "weight": rng.uniform(0.5, 2, size), "psu": rng.integers(0, 60, size),
        "stratum": rng.integers(0, 3, size),
    })  # fmt: skip


def parted(data=None, **options):
    asked = {"outcome": "score", "between": "group", "groups": ("low", "high"), "factors": ["age", "income", "place"]}
    return oaxaca(people(1) if data is None else data, **{**asked, **options})


def deaths(seed, by_cause=False):
    rng = np.random.default_rng(seed)
    ages = ["0", "1-14", "15-44", "45-64", "65-84", "85+"]
    rows = []
    for group, ratio in (("women", 1.0), ("men", 1.5)):
        for age, rate in zip(ages, (0.003, 0.0002, 0.001, 0.006, 0.04, 0.16), strict=True):
            people_there = int(rng.integers(8_000, 12_000))
            for cause in ("heart", "cancer", "other") if by_cause else ("all",):
                part = rng.uniform(0.2, 0.4) if by_cause else 1
                rows.append((group, age, cause, max(1, int(people_there * rate * ratio * part)), people_there))
    return pd.DataFrame(rows, columns=["sex", "age", "cause", "deaths", "population"])
