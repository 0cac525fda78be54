"""The kinds of error a user can meet, and the shared check for an option's value.

Texts are in English and say what was wrong, what is allowed and what to do; dashboards say the same by kind in the
viewer's language.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T")

SHOWN = 20  # faults and allowed values printed before "and n more"


class HyteError(Exception):
    """Anything the library refuses, with a message a user can act on."""


class MeasureError(HyteError):
    """A measure, method or option that does not apply to the data given."""


class LackError(MeasureError):
    """Data, valid in themselves, that lack what a figure needs.

    Attributes
    ----------
    lack : str
        What they lack, as the text ``figure.lacks.LACK`` tells a viewer in one sentence.
    """

    def __init__(self, lack: str, message: str) -> None:
        self.lack = lack
        super().__init__(message)


class SourceError(HyteError):
    """A file or service that could not be read, or answered something else than expected."""


class DisclosureError(HyteError):
    """A number that may not leave the house, or a release that cannot be trusted."""


class PlanError(HyteError):
    """A plan or an action that does not hold together."""


class TidyError(HyteError):
    """Rows that are not tidy cells: one error that lists every fault.

    Attributes
    ----------
    faults : DataFrame
        One row a fault: ``row, column, value, problem, remedy``; ``row`` is empty where the whole column is at fault.
    """

    def __init__(self, faults: "pd.DataFrame | str") -> None:
        import pandas as pd

        if isinstance(faults, str):
            faults = pd.DataFrame([{"row": None, "column": None, "value": None, "problem": faults, "remedy": ""}])
        self.faults = faults.reset_index(drop=True)
        super().__init__(_listing(self.faults))


def _listing(faults: "pd.DataFrame") -> str:
    lines = []
    for fault in faults.head(SHOWN).itertuples():
        place = []
        if fault.row is not None and fault.row == fault.row:
            place.append(getattr(fault, "place", None) or f"row {fault.row}")
        if fault.column:
            place.append(f"column {fault.column!r}")
        if fault.value is not None and fault.value == fault.value and fault.value != "":
            place.append(f"value {_plain(fault.value)!r}")
        lines.append(": ".join(filter(None, [", ".join(place), f"{fault.problem} {fault.remedy}".strip()])))
    if len(faults) == 1:
        return lines[0]
    if len(faults) > SHOWN:
        lines.append(f"and {len(faults) - SHOWN} more (all in .faults)")
    return "\n".join([f"{len(faults)} faults:", *lines])


def _plain(value: object) -> object:
    """A number of NumPy as Python writes it."""
    return value.item() if hasattr(value, "item") and getattr(value, "ndim", 1) == 0 else value


def counted(number: float, one: str, many: str | None = None) -> str:
    """A number and what is counted, in an English message; ``many`` is ``one`` with an s where not given.

    >>> counted(1, "row"), counted(2_000, "row"), counted(2, "cell has", "cells have")
    ('1 row', '2,000 rows', '2 cells have')
    """
    return f"{number:,.0f} {one if number == 1 else many or f'{one}s'}"


def one_of(value: T, allowed: Iterable[T], what: str, error: type[HyteError] = HyteError) -> T:
    """Return ``value`` if it is among ``allowed``, else raise ``error`` naming it, the allowed values and near ones.

    >>> one_of("SI", ["SII", "RII"], "measure")
    Traceback (most recent call last):
    ...
    hyteanalysis.errors.HyteError: measure must be one of SII, RII; not 'SI'. Did you mean SII?
    """
    allowed = list(allowed)
    if value in allowed:
        return value
    shown = ", ".join(map(str, allowed[:SHOWN])) + (f" and {len(allowed) - SHOWN} more" if len(allowed) > SHOWN else "")
    near = get_close_matches(str(value), [str(item) for item in allowed], n=3, cutoff=0.6)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    raise error(f"{what} must be one of {shown or '(nothing)'}; not {value!r}.{hint}")
