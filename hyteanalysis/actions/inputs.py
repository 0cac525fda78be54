"""Numbers of an action: a value with its interval, where it comes from, and how far it is to be trusted.

Every number may be plain (``0.3``) or carry ``{value, lower, upper, by_group, by_area, distribution, source, year,
grade}``. ``lower`` and ``upper`` are 95 % limits.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

Grade = Literal["measured here", "measured elsewhere", "expert", "assumed"]
Distribution = Literal["lognormal", "normal", "beta", "logit-normal", "gamma", "uniform"]

RATIO, DIFFERENCE, SHARE, AMOUNT = "ratio", "difference", "share", "amount"
# first named is taken where the action names none
DISTRIBUTIONS = {
    RATIO: ("lognormal", "uniform"),
    DIFFERENCE: ("normal", "uniform"),
    SHARE: ("beta", "logit-normal", "uniform"),
    AMOUNT: ("gamma", "lognormal", "uniform"),
}
_BOUNDS = {
    RATIO: (0.0, float("inf"), "above 0"),
    DIFFERENCE: (-1.0, 1.0, "between -1 and 1"),
    SHARE: (0.0, 1.0, "between 0 and 1"),
    AMOUNT: (0.0, float("inf"), "0 or more"),
}


class Input(BaseModel):
    """One number of an action; ``by_group`` and ``by_area`` hold the numbers that differ from it.

    An entry of ``by_group`` or ``by_area`` with limits of its own is an estimate of its own, with its own draws. A
    plain number there moves with the shared one and keeps the width of its interval. An area's entry may hold
    ``by_group``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    quantity: ClassVar[str] = AMOUNT

    value: float | None = Field(default=None, allow_inf_nan=False)
    lower: float | None = Field(default=None, allow_inf_nan=False)
    upper: float | None = Field(default=None, allow_inf_nan=False)
    by_group: dict[str, "Input"] = {}
    by_area: dict[str, "Input"] = {}
    distribution: Distribution | None = None
    source: str | None = None
    year: int | None = None
    grade: Grade = "assumed"

    @model_validator(mode="before")
    @classmethod
    def _spelt_out(cls, data: Any) -> Any:
        """A plain number is short for its value."""
        if isinstance(data, bool):
            raise PydanticCustomError("input", "is not a number")
        if isinstance(data, (int, float)):
            return {"value": data}
        if isinstance(data, Mapping):
            return {key: _texts(item) if key in ("by_group", "by_area") else item for key, item in data.items()}
        return data

    def checked(self, quantity: str) -> None:
        """Raise the first fault of this number or one inside it, with its place."""
        if self.value is None and not self.by_group and not self.by_area:
            fault("needs a value, or values by group or by area")
        for path, entry in self.entries():
            _check(entry, quantity, path, self)
        for area, entry in self.by_area.items():
            both = sorted(set(self.by_group) - set(entry.by_group))
            if both:
                fault(
                    f"{area} has a number by area and {both[0]} one by group: which holds for {both[0]} in {area}? "
                    f"Say it under by_area: {{{area}: {{by_group: {{{both[0]}: …}}}}}}",
                    ("by_area", area),
                )

    def entries(self) -> "list[tuple[tuple[str, ...], Input]]":
        """This number and all inside it, each with its place."""
        found: list[tuple[tuple[str, ...], Input]] = [((), self)]
        for group, entry in self.by_group.items():
            found.append((("by_group", group), entry))
            if entry.by_group or entry.by_area:
                fault("a group's number holds no further groups or areas", ("by_group", group))
        for area, entry in self.by_area.items():
            found.append((("by_area", area), entry))
            if entry.by_area:
                fault("an area's number holds no further areas", ("by_area", area))
            found += [(("by_area", area, "by_group", group), inner) for group, inner in entry.by_group.items()]
        return found


class Share(Input):
    """A share of people, 0–1."""

    quantity: ClassVar[str] = SHARE

    @model_validator(mode="after")
    def _valid(self) -> "Share":
        self.checked(SHARE)
        return self


class Amount(Input):
    """Euros, or any amount from 0 up."""

    @model_validator(mode="after")
    def _valid(self) -> "Amount":
        self.checked(AMOUNT)
        return self


def plain(model: BaseModel) -> Any:
    """Only what was said, as plain data; a number with its value alone is a plain number again."""
    said = {field: getattr(model, field) for field in type(model).model_fields if field in model.model_fields_set}
    said = {field: item for field, item in said.items() if item is not None}
    if set(said) == {"value"} or set(said) == {"share"}:
        return _plain(said.popitem()[1])
    return {field: _plain(item) for field, item in said.items()}


def _plain(item: Any) -> Any:
    if isinstance(item, BaseModel):
        return plain(item)
    if isinstance(item, float) and item.is_integer():
        return int(item)
    return {key: _plain(inner) for key, inner in item.items()} if isinstance(item, Mapping) else item


def _texts(entries: Any) -> Any:
    """Groups and areas named by a bare number in YAML are text all the same."""
    return {str(key): item for key, item in entries.items()} if isinstance(entries, Mapping) else entries


def _check(entry: Input, quantity: str, path: tuple[str, ...], top: Input) -> None:
    lowest, highest, allowed = _BOUNDS[quantity]
    for field in ("value", "lower", "upper"):
        number = getattr(entry, field)
        if number is not None and (not lowest <= number <= highest or (quantity == RATIO and number <= 0)):
            fault(f"must be {allowed}; not {number:g}", (*path, field))
    if entry.value is None:
        if entry.lower is not None or entry.upper is not None:
            fault("an interval needs its value", (*path, "lower" if entry.lower is not None else "upper"))
        if path and not entry.by_group:
            fault("needs a value", path)
        return
    if (entry.lower is None) != (entry.upper is None):
        fault("give both lower and upper, or neither", (*path, "lower" if entry.lower is not None else "upper"))
    if entry.lower is not None and entry.upper is not None and not entry.lower <= entry.value <= entry.upper:
        fault(
            f"the interval {entry.lower:g} to {entry.upper:g} does not hold the value {entry.value:g}",
            (*path, "lower" if entry.lower > entry.value else "upper"),
        )
    spread = entry.distribution or (top.distribution if path else None)
    if spread is not None and spread not in DISTRIBUTIONS[quantity]:
        fault(f"must be one of {', '.join(DISTRIBUTIONS[quantity])}; not {spread!r}", (*path, "distribution"))
    if quantity == SHARE and entry.lower is not None and entry.upper is not None and 0 < entry.value < 1:
        wide = ((entry.upper - entry.lower) / 3.92) ** 2 >= entry.value * (1 - entry.value)
        if wide and (spread or "beta") == "beta":
            fault(
                "no beta distribution has this value with so wide an interval: narrow it, or name logit-normal",
                (*path, "upper"),
            )


def fault(message: str, place: tuple[str, ...] = ()) -> None:
    """Raise an error that pydantic gathers with the others, at a place within the input."""
    raise PydanticCustomError("input", "{message}", {"message": message, "place": place})
