"""The vocabulary of tidy cells: names of columns, kinds, scales and states, and of crossed dimensions."""

from collections.abc import Iterable, Mapping

from hyteanalysis.i18n import LANGS

KEYS = ["indicator", "area", "period", "dimension", "group"]
NUMBERS = ["estimate", "se", "lower", "upper", "df", "population", "events", "respondents"]
CELL_COLUMNS = [*KEYS, "order", *NUMBERS, "reference", "status"]
RIDE_ALONG = ["kind", "unit", "scale", "favourable", "method", "note"]  # allowed beside the cells, never needed

TITLES = [f"title_{lang}" for lang in LANGS]
INDICATOR_COLUMNS = [
    *("indicator", *TITLES, "unit", "kind", "scale", "favourable", "lower_bound"),
    *("upper_bound", "purpose", "source", "licence", "updated", "notes"),
]
NUMBER_STATUSES = ("ok", "uncertain")  # rows of these states hold an estimate
EMPTY_STATUSES = ("suppressed", "missing")  # rows of these hold none
KINDS = ("proportion", "rate", "mean", "index", "count")
SCALES = (1, 100, 1000, 10000, 100000)
GROUP_COLUMNS = ["dimension", "group", "order", *(f"label_{lang}" for lang in LANGS), "definition"]

PLACES = ("urbanity", "language_class", "deprivation")  # dimensions whose groups are kinds of municipality, not people
CROSS = " × "
TOTAL = "total"


def cross(names: Iterable[str]) -> str:
    """Name of a crossed dimension: its parts in alphabetical order, joined with `` × ``.

    >>> cross(["sex", "education"])
    'education × sex'
    """
    return CROSS.join(sorted(names))


def crossed(named: Mapping[str, str]) -> tuple[str, str]:
    """Dimension and group of people who are named by their group in each part; the total without any.

    >>> crossed({"sex": "women", "education": "low"}), crossed({})
    (('education × sex', 'low × women'), ('total', 'total'))
    """
    if not named:
        return TOTAL, TOTAL
    return cross(named), CROSS.join(named[part] for part in sorted(named))


def parts(dimension: str) -> list[str]:
    """Parts of a crossed dimension, or of a crossed group.

    >>> parts("education × sex")
    ['education', 'sex']
    """
    return dimension.split(CROSS)
