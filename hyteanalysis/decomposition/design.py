"""Factors as columns of a model: numbers around their mean, categories as deviations from their own average."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hyteanalysis.decomposition.people import People
from hyteanalysis.decomposition.result import Array, listed
from hyteanalysis.errors import MeasureError

CONSTANT = "constant"


@dataclass(frozen=True)
class Design:
    """Columns that contributions are told by, and the smaller set that a model can estimate.

    Attributes
    ----------
    full : array, people × columns
        The constant, each number less its mean, and every category's indicator.
    columns : DataFrame
        ``factor, category`` of each column of ``full``.
    free : array, columns × coefficients
        Turns estimated coefficients into those of ``full``: of a factor's categories they add up to 0, so that no
        category is the one that others are told against.
    model : array, people × coefficients
        What is estimated: one category of each factor is left out.
    """

    full: Array
    columns: pd.DataFrame
    free: Array
    model: Array


def design(rows: People) -> Design:
    """Lay out the factors; refuse one that does not vary in a group, or repeats another."""
    full, columns, kept = [np.ones((len(rows.y), 1))], [(CONSTANT, "")], [0]
    blocks = [np.ones((1, 1))]
    mean = rows.weight / rows.weight.sum()
    for name in rows.factors:
        values = rows.factors[name]
        if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
            x = values.to_numpy(dtype=float)
            _varies(x[:, None], rows, name)
            full.append((x - mean @ x)[:, None])
            columns.append((name, ""))
            blocks.append(np.ones((1, 1)))
            kept.append(len(columns) - 1)
            continue
        labels = values.astype("str")
        kinds = sorted(labels.unique())
        x = (labels.to_numpy()[:, None] == np.array(kinds, dtype=object)).astype(float)
        _varies(x, rows, name)
        for group, members in zip(rows.groups, (~rows.second, rows.second), strict=True):
            nobody = [kind for kind, there in zip(kinds, x[members].any(axis=0), strict=True) if not there]
            if nobody:
                raise MeasureError(
                    f"Factor {name!r}: group {group!r} has nobody of {listed(nobody)}, so people alike cannot be "
                    "compared there. Join categories, or leave them out."
                )
        full.append(x)
        columns += [(name, kind) for kind in kinds]
        size = len(kinds)
        kept += list(range(len(columns) - size + 1, len(columns)))
        blocks.append(np.eye(size)[:, 1:])  # the first category's coefficient is 0 before they are centred
    wide, frame = np.concatenate(full, axis=1), pd.DataFrame(columns, columns=["factor", "category"])
    free = _diagonal(blocks)
    for name in rows.factors:
        at = np.flatnonzero(frame["factor"] == name)
        if len(at) > 1:
            average = free[at].mean(axis=0)
            free[at] -= average
            free[0] += average
    model = wide[:, kept]
    for members, group in ((~rows.second, rows.groups[0]), (rows.second, rows.groups[1])):
        if np.linalg.matrix_rank(model[members & (rows.weight > 0)]) < model.shape[1]:
            raise MeasureError(
                f"The factors {listed(list(rows.factors))} repeat each other in group {group!r}, or there are fewer "
                "people than coefficients. Leave one out."
            )
    return Design(wide, frame, free, model)


def _varies(x: Array, rows: People, name: str) -> None:
    for group, members in zip(rows.groups, (~rows.second, rows.second), strict=True):
        inside = x[members & (rows.weight > 0)]
        if not (np.ptp(inside, axis=0) > 0).any():
            raise MeasureError(
                f"Factor {name!r} does not vary in group {group!r}: what it contributes cannot be told. Leave it out."
            )


def _diagonal(blocks: list[Array]) -> Array:
    """Blocks along a diagonal."""
    tall, wide = (sum(block.shape[axis] for block in blocks) for axis in (0, 1))
    out = np.zeros((tall, wide))
    row = column = 0
    for block in blocks:
        out[row : row + block.shape[0], column : column + block.shape[1]] = block
        row, column = row + block.shape[0], column + block.shape[1]
    return out
