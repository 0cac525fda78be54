"""A gap taken apart: contributions that add up to it, with their errors, assumptions and one plain sentence."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hyteanalysis import uncertainty
from hyteanalysis.display import shown
from hyteanalysis.i18n import language, number, spoken, text

Array = NDArray[np.float64]
STEP = 1e-30  # of the complex-step derivative, which has no rounding error to fear


@dataclass(frozen=True)
class Decomposition:
    """A gap taken apart.

    Attributes
    ----------
    method : str
        ``kitagawa, oaxaca, threefold, theil, concentration, change, arriaga, causes``.
    total : float
        What was taken apart: a difference, an index or its change; in the unit of the outcome.
    frame : DataFrame
        Contributions, which add up to ``total``: ``factor, part, estimate, se, lower, upper, share, respondents``.
        ``share`` is of the total (empty where that is 0); ``respondents`` the smallest number of people that a row
        rests on (empty for register data).
    parts : DataFrame
        ``part, estimate, se, lower, upper, share``: the rows of ``frame`` summed by part, and ``total`` last.
    groups : tuple of str
        The two groups compared, where there are two.
    factors : tuple of str
        What the gap was taken apart by.
    detail : DataFrame, optional
        Finer contributions, by category.
    level : float
        Confidence level of the limits.
    missing : int
        Rows left out since a value was missing.
    """

    method: str
    total: float
    frame: pd.DataFrame
    parts: pd.DataFrame
    groups: tuple[str, ...]
    factors: tuple[str, ...]
    level: float
    missing: int = 0
    detail: pd.DataFrame | None = None
    fit: Any = field(default=None, repr=False)

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What must hold for the parts to mean what they say, in English."""
        return self.assumed("en")

    @spoken
    def assumed(self, lang: str = "fi") -> tuple[str, ...]:
        """The assumptions in a language; rows left out are counted."""
        said = [text(f"decomposition.assumption.{self.method}", lang), text("decomposition.assumption.no_cause", lang)]
        if self.missing:
            said.append(text("decomposition.missing", lang, number=number(self.missing, lang, 0)))
        return tuple(said)

    @spoken
    def sentence(
        self, lang: str = "fi", *, labels: Mapping[str, str] | None = None, say: Callable[[float], str] | None = None
    ) -> str:
        """What the gap consists of, in one plain sentence.

        Parameters
        ----------
        lang : {"fi", "sv", "en"}
        labels : mapping, optional
            Names of groups and factors; ids stand where there is none.
        say : callable, optional
            Writes an amount with its unit; by default the bare number.
        """
        names = dict(labels or {})
        write = say or (lambda value: number(value, lang, decimals(self.frame["estimate"])))
        amount = self.parts.set_index("part")["estimate"]
        values = {part: write(value) for part, value in amount.items()}
        named = self.frame[self.frame["part"] != "residual"]
        largest = named.loc[named["estimate"].abs().idxmax()]
        values |= {f"group{i + 1}": names.get(group, group) for i, group in enumerate(self.groups)}
        return text(
            f"decomposition.sentence.{self.method}",
            lang,
            **values,
            factors=", ".join(names.get(factor, factor) for factor in self.factors),
            largest=names.get(largest["factor"], largest["factor"]),
            amount=write(largest["estimate"]),
        )

    def _repr_html_(self) -> str:
        title = text("display.decomposition", language())
        return shown(title, said=[self.sentence(language()), *self.assumed(language())], frame=self.frame)


def decimals(values: "pd.Series[float]") -> int:
    """Decimals that suit contributions of this size."""
    size = float(np.nanmax(np.abs(values))) if len(values) else 0.0
    return 1 if size >= 10 else 2 if size >= 1 else 3 if size >= 0.1 else 4


def jacobian(components: Callable[[NDArray[Any]], NDArray[Any]], quantities: Array) -> Array:
    """Derivative of each component by each quantity, exact to machine precision (complex step).

    >>> jacobian(lambda q: np.array([q[0] * q[1]]), np.array([2.0, 3.0])).tolist()
    [[3.0, 2.0]]
    """
    columns = []
    for place in range(len(quantities)):
        moved = quantities.astype(complex)
        moved[place] += STEP * 1j
        columns.append(np.imag(components(moved)) / STEP)
    return np.stack(columns, axis=1)


def tabulate(
    keys: pd.DataFrame, values: Array, covariance: Array | None, *, level: float, draws: Array | None = None
) -> tuple[pd.DataFrame, pd.DataFrame, float]:
    """Contributions with errors and limits, their sums by part, and the total.

    ``keys`` holds ``factor, part`` and columns that ride along. Limits are Wald's; with ``draws`` (draws × rows) they
    are percentiles.
    """
    total = float(values.sum())
    names = list(dict.fromkeys(keys["part"]))
    member = np.array([[part == name for part in keys["part"]] for name in names] + [[True] * len(keys)], dtype=float)
    rows = keys.reset_index(drop=True).assign(**_numbers(np.eye(len(keys)), values, covariance, draws, level, total))
    ahead = ["factor", "part", "estimate", "se", "lower", "upper", "share"]
    frame = rows[[*ahead, *(column for column in rows if column not in ahead)]]
    sums = pd.DataFrame({"part": [*names, "total"]})
    return frame, sums.assign(**_numbers(member, values, covariance, draws, level, total)), total


def _numbers(
    member: Array, values: Array, covariance: Array | None, draws: Array | None, level: float, total: float
) -> dict[str, Array]:
    estimate = member @ values
    se = np.full(len(member), np.nan)
    if covariance is not None:
        se = np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", member, covariance, member), 0.0))
    lower, upper = uncertainty.wald(estimate, se, level)
    if draws is not None:
        lower, upper = np.quantile(draws @ member.T, [(1 - level) / 2, (1 + level) / 2], axis=0)
    share = estimate / total if abs(total) > 1e-12 * max(np.abs(values).max(), 1e-300) else np.full(len(member), np.nan)
    return {"estimate": estimate, "se": se, "lower": lower, "upper": upper, "share": share}


def covariance_of(linear: Array, unit: NDArray[np.intp], stratum: NDArray[np.intp]) -> Array:
    """Covariance of components from their linearised rows, summed within sampling units."""
    units = int(unit.max()) + 1
    totals = np.stack([np.bincount(unit, column, minlength=units) for column in linear.T], axis=1)
    home = np.zeros(units, dtype=np.intp)
    home[unit] = stratum
    return uncertainty.taylor_covariance(totals, home, lonely="adjust")


def listed(names: Sequence[object], most: int = 5) -> str:
    """Names for a message, the rest counted."""
    shown = ", ".join(repr(str(name)) for name in list(names)[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")
