"""Tidy cells: their vocabulary, the rules they keep, and the door through which every frame comes in."""

from hyteanalysis.cells.faults import FAULT_COLUMNS, Places, placed, remember_places
from hyteanalysis.cells.metadata import check_groups, check_indicators, reference_groups
from hyteanalysis.cells.rules import DIGITS, likely_area
from hyteanalysis.cells.validation import tidy, validated
from hyteanalysis.cells.vocabulary import (
    CELL_COLUMNS,
    CROSS,
    EMPTY_STATUSES,
    GROUP_COLUMNS,
    INDICATOR_COLUMNS,
    KEYS,
    KINDS,
    NUMBERS,
    PLACES,
    RIDE_ALONG,
    SCALES,
    TITLES,
    TOTAL,
    boolean,
    cross,
    crossed,
    pandas_of,
    parts,
)

__all__ = [
    "CELL_COLUMNS",
    "CROSS",
    "DIGITS",
    "EMPTY_STATUSES",
    "FAULT_COLUMNS",
    "GROUP_COLUMNS",
    "INDICATOR_COLUMNS",
    "KEYS",
    "KINDS",
    "NUMBERS",
    "PLACES",
    "RIDE_ALONG",
    "SCALES",
    "TITLES",
    "TOTAL",
    "Places",
    "boolean",
    "check_groups",
    "check_indicators",
    "cross",
    "crossed",
    "likely_area",
    "pandas_of",
    "parts",
    "placed",
    "reference_groups",
    "remember_places",
    "tidy",
    "validated",
]
