"""What is counted: a column, and how its numbers are to be read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hyteanalysis.cells import SCALES
from hyteanalysis.errors import MeasureError, one_of

KINDS = ("proportion", "mean", "rate", "count")


@dataclass(frozen=True)
class Outcome:
    """One outcome of person rows.

    Attributes
    ----------
    column : str
        Column that holds it: true/false or 0/1 of a proportion, events of a rate, any number of a mean or count.
    kind : {"proportion", "mean", "rate", "count"}, optional
        None: a proportion where every value is true, false, 0 or 1, else a mean.
    exposure : str, optional
        Of a rate: the column with the person's time at risk, such as person-years. None: one each.
    valid : sequence of numbers, or {"from": …, "to": …}, optional
        Values that may occur. Others are refused, with their number and examples.
    scale : int
        1 gives shares, 100 per cent, 100,000 the rate per 100,000.

    Raises
    ------
    MeasureError
        An unknown kind or scale, an exposure of something else than a rate, or a range without its two ends.

    Examples
    --------
    >>> Outcome("deaths", kind="rate", exposure="years", scale=100_000).kind
    'rate'
    """

    column: str
    kind: str | None = None
    exposure: str | None = None
    valid: Sequence[float] | Mapping[str, float] | None = None
    scale: int = 1

    def __post_init__(self) -> None:
        if self.kind is not None:
            one_of(self.kind, KINDS, f"kind of outcome {self.column!r}", MeasureError)
        one_of(self.scale, SCALES, f"scale of outcome {self.column!r}", MeasureError)
        if self.exposure is not None and self.kind != "rate":
            raise MeasureError(f"Outcome {self.column!r}: exposure= belongs to kind='rate'.")
        if self.kind in ("mean", "count") and self.scale != 1:
            raise MeasureError(f"Outcome {self.column!r}: a {self.kind} has scale 1, not {self.scale}.")
        if isinstance(self.valid, Mapping) and set(self.valid) != {"from", "to"}:
            raise MeasureError(f"Outcome {self.column!r}: valid= is a list of values, or a range with from and to.")


def read(outcomes: Mapping[str, Any] | Sequence[str], declared: Mapping[str, Outcome]) -> dict[str, Outcome]:
    """Outcomes by indicator id, from columns, Outcomes, or ids that the schema declares."""
    if isinstance(outcomes, str):
        raise MeasureError(f"outcomes= is {{indicator: column}}; write {{{outcomes!r}: {outcomes!r}}}.")
    if isinstance(outcomes, Mapping):
        found = {str(name): one if isinstance(one, Outcome) else Outcome(one) for name, one in outcomes.items()}
        # a declared outcome named again by its own column keeps what was declared of it
        bare = {name for name, one in found.items() if name in declared and one == Outcome(declared[name].column)}
        return {name: declared[name] if name in bare else one for name, one in found.items()} or _none()
    return {name: declared[one_of(name, declared, "outcome", MeasureError)] for name in outcomes} or _none()


def _none() -> dict[str, Outcome]:
    raise MeasureError("outcomes= names nothing: give {indicator: column}.")


def settled(outcome: Outcome, binary: bool) -> Outcome:
    """The outcome with its kind told by the data, where nobody declared it."""
    if outcome.kind is not None:
        return outcome
    kind = "proportion" if binary else "mean"
    return replace(outcome, kind=kind)
