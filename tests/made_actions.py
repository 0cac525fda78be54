"""Hand-made cells and actions."""

import pandas as pd

import hyteanalysis as hyte


def make_cells(rows, **columns):
    """Cells of one outcome: rows of (area, group, order, population, share)."""
    frame = pd.DataFrame(rows, columns=["area", "group", "order", "population", "estimate"])
    return frame.assign(indicator="outcome", period="2024", dimension="education", **columns)


def make_action(**changes):
    """An action on that outcome."""
    said = {"id": "action", "name": "Action", "outcome": "outcome", "dimension": "education"}
    said |= {"effect": {"scale": "rr", "value": 0.75}, "reach": 0.2, "cost": {"per_person": 100}}
    return hyte.Action.from_dict({**said, **changes})


TWO_AREAS = [
    ("A", "low", 1, 12_000, 0.22),
    ("A", "mid", 2, 15_000, 0.16),
    ("A", "high", 3, 9_000, 0.11),
    ("B", "low", 1, 6_000, 0.26),
    ("B", "mid", 2, 5_000, 0.19),
    ("B", "high", 3, 3_000, 0.12),
]
