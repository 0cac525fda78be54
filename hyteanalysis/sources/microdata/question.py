"""What is asked of the rows: outcomes, groups and their columns, checked against the table's own names and types."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from hyteanalysis.cells import CROSS, SCALES, TOTAL
from hyteanalysis.errors import MeasureError, TidyError, one_of

if TYPE_CHECKING:
    from hyteanalysis.sources.microdata.schema import Schema

KINDS = ("proportion", "mean", "rate", "count")
EVERYWHERE = "SSS"
ALWAYS = "all"


@dataclass(frozen=True)
class Outcome:
    """One outcome of person rows.

    Attributes
    ----------
    column : str
        Column that holds it: true/false or 0/1 of a proportion, events of a rate, any number of a mean, whole
        ones of a count (with a weight any).
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

    def settled(self, binary: bool) -> "Outcome":
        """The outcome with its kind told by the data, where nobody declared it."""
        return self if self.kind is not None else replace(self, kind="proportion" if binary else "mean")


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


@dataclass(frozen=True)
class Written:
    """How the user says that texts are written: meanings of signs, what parts decimals and thousands."""

    marks: Mapping[str, str] = field(default_factory=dict)
    decimal: str | None = None
    thousands: str | None = None

    @property
    def empty(self) -> list[str]:
        """Signs that stand for no answer, or for a hidden one."""
        return [sign for sign, meaning in self.marks.items() if meaning in ("missing", "suppressed")]

    @property
    def zero(self) -> list[str]:
        """Signs that stand for zero."""
        return [sign for sign, meaning in self.marks.items() if meaning == "zero"]


@dataclass(frozen=True)
class Question:
    """Columns by role; ``tables`` are the crossings asked for, each made in one scan together with its margins."""

    area: str | None
    period: str | None
    groups: dict[str, str]
    tables: tuple[tuple[str, ...], ...]
    outcomes: dict[str, Outcome]
    weight: str | None
    strata: tuple[str, ...]
    cluster: str | None
    rank: tuple[str, str] | None = None  # dimension and column
    written: Written = field(default_factory=Written)

    @property
    def designed(self) -> bool:
        """Whether estimates are weighted, or their errors those of a design."""
        return bool(self.weight or self.strata or self.cluster)

    @property
    def columns(self) -> list[str]:
        """Every column that is asked of."""
        named = [self.area, self.period, *self.groups.values(), *self.strata, self.cluster, self.weight]
        named += [self.rank[1] if self.rank else None]
        for outcome in self.outcomes.values():
            named += [outcome.column, outcome.exposure]
        return list(dict.fromkeys(column for column in named if column is not None))

    def check(self, table: Any, *, csv: bool) -> None:
        """Refuse lacking columns and wrong types, all at once, before any row is read."""
        types = dict(table.schema().items())
        keys = [self.area, self.period, *self.strata, self.cluster]
        keys += [column for name, column in self.groups.items() if self.rank is None or name != self.rank[0]]
        numbers = [self.weight, self.rank[1] if self.rank else None]
        for outcome in self.outcomes.values():
            numbers += [outcome.column, outcome.exposure]
        wanted = list(dict.fromkeys(column for column in [*keys, *numbers] if column is not None))
        lacking = [column for column in wanted if column not in types]
        if lacking:
            near = get_close_matches(lacking[0], list(types), n=1)
            hint = f"Is it {near[0]!r}? " if near else ""
            raise TidyError(
                f"The data lack the column{'s' if len(lacking) > 1 else ''} {', '.join(lacking)}. {hint}"
                f"They have {', '.join(types)}."
            )
        for column in filter(None, keys):
            kind = types[column]
            if not (kind.is_string() or kind.is_numeric() or kind.is_boolean()):
                raise TidyError(
                    f"Column {column!r} is of type {kind}; a key is text or whole numbers. Recode it first."
                )
        for column in filter(None, numbers):
            kind = types[column]
            if not (kind.is_numeric() or kind.is_boolean() or (csv and kind.is_string())):
                raise TidyError(f"Column {column!r} is of type {kind}, but numbers are needed. Recode it first.")


def question(
    table: Any,
    *,
    by: Any,
    outcomes: dict[str, Outcome],
    weight: str | None,
    area: str | None,
    period: str | None,
    strata: str | Sequence[str] | None,
    cluster: str | None,
    rank_by: str | Mapping[str, str] | None,
    schema: "Schema | None",
    written: Written | None = None,
) -> Question:
    """Resolve what was asked; the schema gives what was not said."""
    columns = schema.columns if schema else {}
    known = {name: entry["column"] for name, entry in schema.groups.items()} if schema else {}
    there = set(table.columns)

    def place(name: str | None, role: str) -> str | None:
        if role in columns and (name is None or name == role):
            return columns[role]
        return None if name == role and name not in there else name  # the default name may be absent

    rank = ranked(rank_by, schema.rank if schema else {})
    tables = crossings(by, list(known) if schema else None)
    names = dict.fromkeys(name for one in tables for name in one)
    groups = {name: known.get(name, name) for name in names}
    if rank is not None:
        if rank[0] in groups:
            raise MeasureError(
                f"{rank[0]!r} is a group of its own in by=. Name the ranked dimension: rank_by={{name: column}}."
            )
        groups[rank[0]] = rank[1]
        tables = tuple(tuple(sorted((*one, rank[0]))) for one in tables)
    layers = [strata] if isinstance(strata, str) else list(strata or ())
    layers = layers or ([columns["strata"]] if "strata" in columns else [])
    return Question(
        place(area, "area"), place(period, "period"), groups, tables, outcomes, weight or columns.get("weight"),
        tuple(layers), cluster or columns.get("cluster"), rank, written or Written(),
    )  # fmt: skip


def ranked(rank_by: str | Mapping[str, str] | None, known: Mapping[str, str]) -> tuple[str, str] | None:
    """Name and column of the ranking."""
    if rank_by is None:
        return None
    if isinstance(rank_by, str):
        return rank_by, known.get(rank_by, rank_by)
    if len(rank_by) != 1:
        raise MeasureError("rank_by= names one column, or {dimension: column}.")
    return next(iter(rank_by.items()))


def crossings(by: Any, declared: list[str] | None) -> tuple[tuple[str, ...], ...]:
    """Tables to make: one crossing, several (a list of lists), or each declared group alone."""
    if by is None:
        if declared is None:
            raise MeasureError("by= names the columns to cross; it may be left out only with a schema.")
        return tuple((name,) for name in declared) or ((),)
    names = [by] if isinstance(by, str) else list(by)
    tables = [names] if all(isinstance(name, str) for name in names) else [_flat(one) for one in names]
    for one in tables:
        if len(set(one)) < len(one):
            raise MeasureError(f"by= names a column twice: {', '.join(one)}.")
        for name in one:
            if name == TOTAL or CROSS in name:
                raise MeasureError(f"by= may not name a column {name!r}: the name is taken by the crossing itself.")
            if declared is not None:
                one_of(name, declared, "by: group of the schema", MeasureError)
    return tuple(tuple(sorted(one)) for one in tables)


def _flat(one: Any) -> list[str]:
    return [one] if isinstance(one, str) else list(one)
