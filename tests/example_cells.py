"""Columns and towns of the example's cells, and its groups side by side over the years."""

SETTING = ["indicator", "area", "period"]
COUNTS = ["population", "events", "respondents"]
TOWNS = {"KU075", "KU285", "KU286", "KU489", "KU624", "KU935"}


def wide(cells, indicator, dimension, area="SSS"):
    rows = cells[(cells["indicator"] == indicator) & (cells["dimension"] == dimension) & (cells["area"] == area)]
    return rows.pivot(index="period", columns="group", values="estimate")
