"""Which assumption decides: one input at a time moved to its ends, all others at their values."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import scipy  # its parts are imported when first used
from numpy.typing import NDArray
from scipy import special

from hyteanalysis.actions.effects import persistence, risk_reduction
from hyteanalysis.actions.inputs import AMOUNT, DIFFERENCE, RATIO
from hyteanalysis.actions.parameters import Z95, Parameter
from hyteanalysis.actions.simulation import Simulation, multiplied
from hyteanalysis.errors import MeasureError, one_of

Array = NDArray[Any]
Values = dict[str, Array]

TARGETS = ("averted", "person_years", "cost_per_case", "absolute_gap_change", "relative_gap_change")
COLUMNS = ["input", "label", "value", "low", "high", "at_low", "at_high", "basis", "turning_point"]


def tornado(simulation: Simulation, target: str = "averted", *, spread: float | None = 0.2) -> pd.DataFrame:
    """Move each input to its lower and upper limit, the others staying, and see what comes of it.

    Answers: *which assumption must we know better, and from what value on would the answer turn?*

    Parameters
    ----------
    simulation : Simulation
        Of an impact; :meth:`Impact.tornado` passes it on.
    target : {"averted", "person_years", "cost_per_case", "absolute_gap_change", "relative_gap_change"}
        The gap is between the most disadvantaged and the most advantaged group, after the action less before.
    spread : float, optional
        Inputs without an interval are moved by this share of their value, and ``basis`` is ``assumed``; None leaves
        them out.

    Returns
    -------
    DataFrame
        Widest bar first: ``input, label`` (group or area; empty: all together) ``, value, low, high`` (of the input),
        ``at_low, at_high`` (of the target), ``basis`` (``interval`` or ``assumed``), ``turning_point``: the value of
        the input at which a change of the gap turns its sign, empty where none does.

    Raises
    ------
    MeasureError
        Unknown target, a spread that is not between 0 and 1.
    """
    one_of(target, TARGETS, "target", MeasureError)
    if spread is not None and not 0 < spread < 1:
        raise MeasureError(f"spread must be between 0 and 1; not {spread}")
    values = _values(simulation)
    measure = _measure(simulation, target)
    rows = []
    for name, label, numbers, limits in _moves(simulation, values, spread):
        low, high, basis = limits
        if low == high:
            continue

        def at(number: float, name: str = name, numbers: Callable[[float], Array] = numbers) -> float:
            return measure({**values, name: numbers(number)})

        value = _value_of(simulation, name, label)
        rows.append(
            {
                "input": name, "label": label, "value": value, "low": low, "high": high,
                "at_low": at(low), "at_high": at(high), "basis": basis,
                "turning_point": _turning_point(at, *_range(simulation, name)) if "change" in target else np.nan,
            }
        )  # fmt: skip
    frame = pd.DataFrame(rows, columns=COLUMNS)
    frame = frame.assign(width=(frame["at_high"] - frame["at_low"]).abs())
    frame = frame[frame["width"] > 0]
    return frame.sort_values("width", ascending=False, kind="stable", ignore_index=True).drop(columns="width")


def _values(simulation: Simulation) -> Values:
    """Every input at its value, on the cells."""
    found = {name: one.values for name, one in simulation.inputs.items()}
    found["baseline"] = simulation.cells["baseline"].to_numpy(dtype=float)
    found["population"] = simulation.people
    return found


def _measure(simulation: Simulation, target: str) -> Callable[[Values], float]:
    """The target as a function of the inputs."""
    groups = simulation.groups
    member = simulation.membership
    level = member @ (simulation.people * simulation.cells["baseline"].to_numpy()) / (member @ simulation.people)
    ordered = groups["order"].notna().all()
    worst, best = (0, len(groups) - 1) if ordered else (int(level.argmax()), int(level.argmin()))
    steps = [name for name in simulation.inputs if name.partition(".")[0] == "reach"]

    def measured(values: Values) -> float:
        people, start = values["population"], values["baseline"]
        reach = multiplied(*[values[name] for name in steps])
        less = risk_reduction(start, values["effect"], simulation.scale)
        averted = people * reach * less
        total = float(averted.sum())
        if target == "averted":
            return total
        if target == "person_years":
            years = persistence(values["horizon_years"], values["retention"], values["discount"])
            return float(averted @ years)
        if target == "cost_per_case":
            cost = float((people * reach) @ values["cost.per_person"]) + simulation.setup_total
            return cost / total if total > 0 else float("nan")
        size = member @ people
        before, after = member @ (people * start) / size, member @ (people * start - averted) / size
        if target == "absolute_gap_change":
            return float((after[worst] - after[best]) - (before[worst] - before[best]))
        return float(after[worst] / after[best] - before[worst] / before[best])

    return measured


def _moves(
    simulation: Simulation, values: Values, spread: float | None
) -> Iterator[tuple[str, str, Callable[[float], Array], tuple[float, float, str]]]:
    """Each input, or one group's part of it: its place, and how a number is laid on the cells.

    An input whose cells share one number takes that number; one with several numbers is moved for one at a time (up to
    a dozen), else all by the same factor.
    """
    for name, one in simulation.inputs.items():
        if name == "horizon_years" or (name == "cost.setup" and not simulation.setup_total):
            continue
        if len(one.nodes) > 12:
            yield name, "", _factor(values[name]), _limits_of_factor(one, spread)
            continue
        for number, node in enumerate(one.nodes):
            here = one.index == number
            limits = (
                (node.lower, node.upper, "interval") if not node.certain else _assumed(node.value, one.quantity, spread)
            )
            yield name, node.label, _placed(values[name], here), limits
    cells = simulation.cells
    centre, error = cells["centre"].to_numpy(dtype=float), cells["spread"].to_numpy(dtype=float)
    if error.any():
        # moved together on the logit, by standard errors
        yield "baseline", "", lambda step: np.asarray(special.expit(centre + step * error)), (-Z95, Z95, "interval")
    if spread is not None:
        yield "population", "", _factor(values["population"]), (1 - spread, 1 + spread, "assumed")


def _placed(values: Array, here: Array) -> Callable[[float], Array]:
    return lambda number: np.where(here, number, values)


def _factor(values: Array) -> Callable[[float], Array]:
    return lambda factor: values * factor


def _assumed(value: float, quantity: str, spread: float | None) -> tuple[float, float, str]:
    if spread is None or value == 0:
        return value, value, "assumed"
    low, high = sorted((value * (1 - spread), value * (1 + spread)))
    if quantity == DIFFERENCE:
        low = max(low, -1.0)
    return low, high if quantity in (RATIO, AMOUNT) else min(high, 1.0), "assumed"


def _limits_of_factor(one: Parameter, spread: float | None) -> tuple[float, float, str]:
    """Mean relative limits of many numbers moved together."""
    pairs = [
        (node.lower / node.value, node.upper / node.value) for node in one.nodes if not node.certain and node.value
    ]
    if pairs:
        low, high = np.mean(pairs, axis=0)
        return float(low), float(high), "interval"
    return (1.0, 1.0, "assumed") if spread is None else (1 - spread, 1 + spread, "assumed")


def _value_of(simulation: Simulation, name: str, label: str) -> float:
    if name == "baseline":
        return 0.0
    one = simulation.inputs.get(name)
    if one is None or len(one.nodes) > 12:
        return 1.0
    return next(node.value for node in one.nodes if node.label == label)


def _range(simulation: Simulation, name: str) -> tuple[float, float]:
    """Where a turning point is looked for."""
    one = simulation.inputs.get(name)
    if one is None or len(one.nodes) > 12:
        return (-3 * Z95, 3 * Z95) if name == "baseline" else (0.05, 3.0)
    if one.quantity == DIFFERENCE:
        return -1.0, 1.0
    return (1e-3, 3.0) if one.quantity == RATIO else (0.0, 1.0)


def _turning_point(at: Callable[[float], float], low: float, high: float) -> float:
    """Value at which the target crosses 0, the first from below; empty where it does not."""
    grid = np.linspace(low, high, 61)
    values = np.array([at(number) for number in grid])
    values[~np.isfinite(values)] = 0.0
    signs = np.where(np.abs(values) <= 1e-12 * max(np.abs(values).max(), 1e-12), 0, np.sign(values))
    told = np.flatnonzero(signs)
    for left, right in pairwise(told):
        if signs[left] != signs[right]:
            return float(scipy.optimize.brentq(at, grid[left], grid[right]))
    return float("nan")
