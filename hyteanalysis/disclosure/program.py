"""Linear and integer programs on HiGHS: one small model that stays warm between questions."""

from dataclasses import dataclass, field

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
CLOSE = 1e-6  # values nearer than this are equal
LARGE = 1e7  # stands for "no limit", so that every question has an answer


class Solver(highspy.Highs):
    """HiGHS without what its own constructor does besides: print a banner and start callbacks."""

    def __init__(self) -> None:
        super(highspy.Highs, self).__init__()


def model(
    matrix: sparse.csr_array,
    low: Floats,
    high: Floats,
    upper: Floats,
    *,
    cost: Floats | None = None,
    whole: NDArray[np.bool_] | None = None,
    presolve: bool = False,
) -> Solver:
    """A silent model: least ``cost·x`` where ``low ≤ matrix·x ≤ high`` and ``0 ≤ x ≤ upper``."""
    solver = Solver()
    for option, value in (("output_flag", False), ("threads", 1), ("presolve", "on" if presolve else "off")):
        solver.setOptionValue(option, value)
    columns = sparse.csc_array(matrix)
    program = highspy.HighsLp()
    program.num_row_, program.num_col_ = matrix.shape
    program.col_cost_ = np.zeros(matrix.shape[1]) if cost is None else cost
    program.col_lower_ = np.zeros(matrix.shape[1])
    program.col_upper_ = upper
    program.row_lower_, program.row_upper_ = low, high
    program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    program.a_matrix_.start_ = columns.indptr.astype(np.int32)
    program.a_matrix_.index_ = columns.indices.astype(np.int32)
    program.a_matrix_.value_ = columns.data.astype(np.float64)
    if whole is not None:
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        program.integrality_ = [kinds[int(one)] for one in whole]
    solver.passModel(program)
    return solver


def solved(solver: Solver) -> Floats | None:
    """The solution's variables; None where there is none."""
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        solver.clearSolver()  # once more from the beginning, since a warm start can fail numerically
        solver.run()
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
    return np.asarray(solver.getSolution().col_value, dtype=np.float64)


@dataclass
class Component:
    """Hidden variables and all that is told about them; nothing told ties them to other hidden variables.

    Every integer table met is kept in ``tables``: it proves values of many numbers at once.
    """

    matrix: sparse.csr_array
    low: Floats
    high: Floats
    upper: Floats
    whole: NDArray[np.bool_]
    tables: list[Floats] = field(default_factory=list)
    _solver: Solver | None = None

    def table(self, form: Floats, way: int, fixed: tuple[Floats, float] | None = None) -> Floats | None:
        """A table with the greatest (``way`` 1) or least (−1) ``form·x``; with ``fixed`` a form is held at a value."""
        solver = self._warm()
        size = len(self.upper)
        solver.changeColsCost(size, np.arange(size, dtype=np.int32), -way * form)
        if fixed is not None:
            held = np.flatnonzero(fixed[0]).astype(np.int32)
            solver.addRow(fixed[1], fixed[1], len(held), held, fixed[0][held])
        found = solved(solver)
        if fixed is not None:
            solver.deleteRows(1, np.array([len(self.low)], dtype=np.int32))
        if found is not None:
            self._keep(found)
        return found

    def integer_table(self, form: Floats, way: int, fixed: tuple[Floats, float] | None = None) -> Floats | None:
        """The same among whole tables; the LP's own answer where that is whole."""
        found = self.table(form, way, fixed)
        if found is None or self.is_whole(found):
            return found
        matrix, low, high = self.matrix, self.low, self.high
        if fixed is not None:
            matrix = sparse.csr_array(sparse.vstack([matrix, sparse.csr_array(fixed[0][None, :])], format="csr"))
            low, high = np.append(low, fixed[1]), np.append(high, fixed[1])
        solver = model(matrix, low, high, self._finite(), cost=-way * form, whole=self.whole, presolve=True)
        solver.setOptionValue("time_limit", 20.0)
        solver.run()
        found = np.asarray(solver.getSolution().col_value, dtype=np.float64)
        if len(found) != len(form) or not self._keep(found):
            return None
        table = self.tables[-1]  # where there was no answer, the solver's zeros: a table, but not the one asked for
        return table if fixed is None or abs(table @ fixed[0] - fixed[1]) <= CLOSE else None

    def is_whole(self, table: Floats) -> bool:
        """Whether a table is a table of people: whole where it must be, and all that is told holds."""
        near = np.where(self.whole, np.round(table), table)
        if (np.abs(near - table) > CLOSE).any() or (near < -CLOSE).any() or (near > self.upper + CLOSE).any():
            return False
        sums = self.matrix @ near
        return bool((sums >= self.low - CLOSE).all() and (sums <= self.high + CLOSE).all())

    def pool(self) -> NDArray[np.float64]:
        """Tables kept, one a row."""
        return np.array(self.tables).reshape(len(self.tables), len(self.upper))

    def _keep(self, table: Floats) -> bool:
        if not self.is_whole(table):
            return False
        self.tables.append(np.where(self.whole, np.round(table), table))
        return True

    def _finite(self) -> Floats:
        return np.minimum(self.upper, LARGE)

    def _warm(self) -> Solver:
        if self._solver is None:
            self._solver = model(self.matrix, self.low, self.high, self._finite())
        return self._solver
