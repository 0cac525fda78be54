"""What the answer hangs on: one input at a time moved to its ends, and what it would be worth to know more."""

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import scipy  # its parts are imported when first used
from numpy.typing import ArrayLike, NDArray
from scipy import special

from hyteanalysis.actions.inputs import Z95, Parameter
from hyteanalysis.actions.model import AMOUNT, DIFFERENCE, RATIO, SIZE
from hyteanalysis.actions.ranking import CRITERIA, equity_weights, group_values
from hyteanalysis.actions.simulation import Simulation, multiplied, persistence, risk_reduction
from hyteanalysis.errors import MeasureError, one_of

Array = NDArray[Any]
Values = dict[str, Array]
TARGETS = ("averted", "person_years", "cost_per_case", "absolute_gap_change", "relative_gap_change")
COLUMNS = ["input", "label", "value", "low", "high", "at_low", "at_high", "basis", "turning_point"]
_STILL = ("horizon_years", "reach.feasible", "cost.yearly", "cost.saving", "cost.step")  # move no target
_PAIRED = 6  # parameters up to which products of two are fitted too


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
        the input at which a change of the gap turns its sign, empty where none does. ``effect.scale`` moves between
        the scales on which one shared effect could be the same in all groups, its effect on the mean staying.

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
    if spread is not None and (moved := _by_scale(simulation, values, measure)) is not None:
        rows.append(moved)
    frame = pd.DataFrame(rows, columns=COLUMNS)
    frame = frame.assign(width=(frame["at_high"] - frame["at_low"]).abs())
    frame = frame[frame["width"] > 0]
    return frame.sort_values("width", ascending=False, kind="stable", ignore_index=True).drop(columns="width")


def _other_scales(simulation: Simulation, start: Array, effect: Array, risk: Array) -> dict[str, Array]:
    """Risk reduction of each cell, were the effect that it has on the mean the same on another scale in all groups.

    ``rr`` helps the worst off most by construction, ``rd`` all alike, ``or`` lies between; which of them holds is
    seldom known from a study of one mean effect.
    """
    level = simulation.start(start, risk)
    same = _same_on_scales(simulation, start, effect, risk)
    return {scale: risk_reduction(level, np.full_like(level, number), scale) for scale, number in same.items()}


def _same_on_scales(simulation: Simulation, start: Array, effect: Array, risk: Array) -> dict[str, float]:
    """The number that moves the mean as the effect does, as ``rr``, ``or`` and ``rd``."""
    people = simulation.people
    own, level = simulation.reduced(start, effect, risk), simulation.start(start, risk)
    mean, less = float(np.average(level, weights=people)), float(np.average(own, weights=people))
    if not 0 < mean < 1:
        return {}
    after = min(max(mean - less, 1e-9), 1 - 1e-9)
    return {"rr": after / mean, "or": after / (1 - after) * (1 - mean) / mean, "rd": after - mean}


def _by_scale(simulation: Simulation, values: Values, measure: Callable[..., float]) -> dict[str, Any] | None:
    """The target by the scale on which one shared effect is the same in all groups; None where it is not shared."""
    if len(simulation.effect.nodes) > 1 or simulation.affected:
        return None
    found = _other_scales(simulation, values["baseline"], simulation.effect.values, values["reach.risk"])
    reached = sorted(measure(values, less) for less in found.values())
    if not reached:
        return None
    return {
        "input": "effect.scale", "label": "", "value": np.nan, "low": np.nan, "high": np.nan, "at_low": reached[0],
        "at_high": reached[-1], "basis": "assumed", "turning_point": np.nan,
    }  # fmt: skip


def _values(simulation: Simulation) -> Values:
    """Every input at its value, on the cells."""
    found = {name: one.values for name, one in simulation.inputs.items()}
    found["baseline"] = simulation.cells["baseline"].to_numpy(dtype=float)
    found["population"] = simulation.people
    return found


def _measure(simulation: Simulation, target: str) -> Callable[..., float]:
    """The target as a function of the inputs."""
    groups = simulation.groups
    member = simulation.membership
    level = member @ (simulation.people * simulation.cells["baseline"].to_numpy()) / (member @ simulation.people)
    ordered = groups["order"].notna().all()
    worst, best = (0, len(groups) - 1) if ordered else (int(level.argmax()), int(level.argmin()))

    def measured(values: Values, reduction: Array | None = None) -> float:
        people, start = values["population"], values["baseline"]
        reach = simulation.shared(start, multiplied(*[values[name] for name in simulation.steps]))
        effect = simulation.action.effect.acting(values["effect"])
        less = simulation.reduced(start, effect, values["reach.risk"]) if reduction is None else reduction
        averted = people * reach * less
        total = float(averted.sum())
        if target == "averted":
            return total
        if target == "person_years":
            curve = simulation.action.persistence
            years = persistence(values["horizon_years"], values["retention"], values["discount"], curve)
            return float(averted @ years)
        if target == "cost_per_case":
            cost = float((people * reach) @ values["cost.per_person"]) + simulation.fixed_total
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
        if name in _STILL or (name == "cost.setup" and not simulation.fixed_total):
            continue
        if name == "reach.risk" and (one.values == 1).all() and one.certain.all():
            continue  # nothing was said of it
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
    return low, high if quantity in (RATIO, SIZE, AMOUNT) else min(high, 1.0), "assumed"


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
    if one.quantity == SIZE:
        return -3.0, 3.0
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


def evpi(values: ArrayLike) -> float:
    """Expected value of perfect information: E max − max E over the options.

    Answers: *how much better would we do on average, if we knew the truth before choosing?*

    Parameters
    ----------
    values : array options × draws
        Worth of each option in each draw; more is better.

    Returns
    -------
    float
        In the unit of the values; 0 where one option is best in every draw.

    Raises
    ------
    MeasureError
        Values that are no numbers, options × draws.

    Examples
    --------
    >>> from hyteanalysis.actions import evpi
    >>> evpi([[1.0, 3.0], [2.0, 2.0]])
    0.5
    """
    drawn = _drawn(values)
    return float(max(drawn.max(axis=0).mean() - drawn.mean(axis=1).max(), 0.0))


def evppi(values: ArrayLike, parameters: ArrayLike) -> float:
    """Expected value of knowing some of the inputs, by regression of the worth on their draws (Strong et al. 2014).

    Each option's worth is regressed on a polynomial of third degree in each parameter, with products of two where there
    are at most six; EVPPI is E max − max E of the fitted values, never below 0 nor above EVPI.

    Parameters
    ----------
    values : array options × draws
    parameters : array parameters × draws, or one parameter's draws

    Returns
    -------
    float

    Notes
    -----
    Not for parameters whose effect jumps; a regression on few draws fits noise too and overstates.

    Examples
    --------
    >>> import numpy as np
    >>> from hyteanalysis.actions import evppi
    >>> known = np.random.default_rng(1).normal(size=5000)
    >>> round(evppi([known, 0 * known], known), 2)
    0.39
    """
    drawn = _drawn(values)
    inputs = np.atleast_2d(np.asarray(parameters, dtype=float))
    if inputs.shape[1] != drawn.shape[1]:
        raise MeasureError(f"values have {drawn.shape[1]} draws and parameters {inputs.shape[1]}: use the same draws.")
    basis = _basis(inputs)
    if basis.shape[0] == 1:
        return 0.0
    # one solution for all options
    coefficients, *_ = np.linalg.lstsq(basis.T, drawn.T, rcond=None)
    fitted = (basis.T @ coefficients).T
    return float(np.clip(fitted.max(axis=0).mean() - fitted.mean(axis=1).max(), 0.0, evpi(drawn)))


def _drawn(values: ArrayLike) -> Array:
    drawn = np.asarray(values, dtype=float)
    if drawn.ndim != 2 or not np.isfinite(drawn).all():
        raise MeasureError(f"values must be numbers, options × draws; given an array of shape {drawn.shape}.")
    return drawn


def _basis(inputs: Array) -> Array:
    """Rows of the polynomial's terms."""
    spread = inputs.std(axis=1)
    moving = inputs[spread > 1e-12 * np.maximum(np.abs(inputs).max(axis=1), 1e-300)]
    rows = [np.ones(inputs.shape[1])]
    scaled = (moving - moving.mean(axis=1, keepdims=True)) / moving.std(axis=1, keepdims=True)
    for power in (1, 2, 3):
        rows += list(scaled**power)
    if len(scaled) <= _PAIRED:
        rows += [scaled[i] * scaled[j] for i in range(len(scaled)) for j in range(i)]
    return np.stack(rows)


def on_scales(simulation: Simulation) -> dict[str, Simulation]:
    """The action with its shared effect the same for all groups as ``rr``, ``or`` and ``rd``, the mean effect staying.

    Raises MeasureError where groups have effects of their own, or all those reached have the same risk.
    """
    node, *others = simulation.effect.nodes
    if others or simulation.affected:
        raise MeasureError("Only one effect shared by all groups can be put on another scale: here there is none.")
    level, risk = simulation.level, simulation.risk.values
    found: dict[str, dict[str, float]] = {}
    for end in ("value", "lower", "upper"):
        effect = np.full_like(level, getattr(node, end))
        for scale, number in _same_on_scales(simulation, level, effect, risk).items():
            found.setdefault(scale, {})[end] = number
    groups, areas = sorted(simulation.cells["group"].unique()), sorted(simulation.cells["area"].unique())
    said = simulation.action.to_dict()
    made = {}
    for scale, numbers in found.items():
        low, high = sorted((numbers["lower"], numbers["upper"]))
        limits = {} if node.certain else {"lower": min(low, numbers["value"]), "upper": max(high, numbers["value"])}
        shared = {"scale": scale, "value": numbers["value"], **limits}
        action = type(simulation.action).from_dict({**said, "effect": shared})
        made[scale] = Simulation.of(
            simulation.cells, action, groups=groups, areas=areas, draws=simulation.draws, entropy=simulation.entropy
        )
    return made


def information(simulation: Simulation, criterion: str = "total", *, aversion: float = 1.0) -> pd.DataFrame:
    """EVPI of choosing the group to start with, and what part of it each input holds.

    The options are the groups pooled over the areas, valued by a criterion of the ranking (its unit; with ``total`` one
    year's cases). Columns ``input`` (``everything`` first), ``value, mc_error`` (Monte Carlo standard error of the
    EVPI), ``share`` of the EVPI. Inputs interact: shares need not add up to 1.
    """
    one_of(criterion, CRITERIA, "criterion", MeasureError)
    if criterion == "per_euro" and (simulation.cost.values <= 0).any():
        raise MeasureError("per_euro needs a price: give the action's cost.per_person above 0.")
    weights = None
    if criterion == "equity_weighted":
        health = 1 - simulation.cells["baseline"].to_numpy(dtype=float)
        weights = equity_weights(health, simulation.people, aversion=aversion)
    _, values = group_values(simulation, criterion, weights)
    whole = evpi(values)
    loss = values.max(axis=0) - values[values.mean(axis=1).argmax()]
    rows = [("everything", whole, float(loss.std(ddof=1) / np.sqrt(len(loss))))]
    rows += [(name, evppi(values, draws), np.nan) for name, draws in _parameters(simulation).items()]
    frame = pd.DataFrame(rows, columns=["input", "value", "mc_error"])
    return frame.assign(share=frame["value"] / whole if whole > 0 else np.nan)


def _parameters(simulation: Simulation) -> Mapping[str, Array]:
    """Draws of each uncertain input, and of the groups' baselines."""
    found = {
        name: np.asarray(one.draws, dtype=float)
        for name, one in simulation.inputs.items()
        if one.draws.shape[1] > 1 and name.partition(".")[0] in ("effect", "reach", "cost") and name != "cost.setup"
    }
    if simulation.cells["spread"].to_numpy().any():
        (found["baseline"],) = simulation.sums(baseline=simulation.membership * simulation.people)
    return found
