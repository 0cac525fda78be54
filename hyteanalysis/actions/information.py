"""What it would be worth to know more before choosing: EVPI, and EVPPI of each group of inputs."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from hyteanalysis.actions import ranking
from hyteanalysis.actions.simulation import Simulation
from hyteanalysis.errors import MeasureError, one_of

Array = NDArray[Any]

_PAIRED = 6  # parameters up to which products of two are fitted too


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


def information(simulation: Simulation, criterion: str = "total", *, aversion: float = 1.0) -> pd.DataFrame:
    """EVPI of choosing the group to start with, and what part of it each input holds.

    The options are the groups pooled over the areas, valued by a criterion of the ranking (its unit; with ``total`` one
    year's cases). Columns ``input`` (``everything`` first), ``value, mc_error`` (Monte Carlo standard error of the
    EVPI), ``share`` of the EVPI. Inputs interact: shares need not add up to 1.
    """
    one_of(criterion, ranking.CRITERIA, "criterion", MeasureError)
    if criterion == "per_euro" and (simulation.cost.values <= 0).any():
        raise MeasureError("per_euro needs a price: give the action's cost.per_person above 0.")
    weights = None
    if criterion == "equity_weighted":
        health = 1 - simulation.cells["baseline"].to_numpy(dtype=float)
        weights = ranking.equity_weights(health, simulation.people, aversion=aversion)
    _, values = ranking.group_values(simulation, criterion, weights)
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
