"""What a viewer has chosen: a frozen value, its form in the address, and the traits that the widgets set."""

from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import parse_qs, urlencode

from traitlets import Bool, HasTraits, Tuple, Unicode

# field -> its name in the address: the same in every language
QUERY = {
    "release": "aineisto",
    "area": "alue",
    "indicator": "ind",
    "dimension": "ryhma",
    "period": "vuosi",
    "filters": "rajaus",
    "compare": "vertailu",
    "standardised": "ikavakioitu",
    "sort": "jarjestys",
    "researcher": "tutkija",
}
LONGEST = 400  # characters of one value in an address; a longer one is no id


@dataclass(frozen=True)
class Selection:
    """One state of the page; equal selections have equal answers, so it is the key of the cache.

    Attributes
    ----------
    release, area, indicator, dimension, period : str
        Ids; empty = the default, and for ``area`` given empty in the address: not chosen yet (``None``).
    filters : tuple of str
        Groups that the numbers are limited to, as ``dimension:group``.
    compare : tuple of str
        Areas shown beside the area; the whole country unless told otherwise.
    standardised : bool
        Whether age is taken out of the numbers.
    sort : str
        Order of the areas: ``gap``, or empty for the level.
    researcher : bool
        Whether the researcher's view is open.
    phone : bool
        Whether figures are drawn for a narrow screen; no part of an address.
    """

    release: str = ""
    area: str | None = ""
    indicator: str = ""
    dimension: str = ""
    period: str = ""
    filters: tuple[str, ...] = ()
    compare: tuple[str, ...] = ("SSS",)
    standardised: bool = False
    sort: str = ""
    researcher: bool = False
    phone: bool = False

    def query(self) -> str:
        """The selection as the query string of an address.

        >>> Selection(area="KU837", dimension="education", compare=("SSS", "HVA05")).query()
        '?alue=KU837&ryhma=education&vertailu=SSS~HVA05'
        """
        given: dict[str, str] = {}
        for field, name in QUERY.items():
            value = getattr(self, field)
            if value is None or (field == "compare" and not value):
                given[name] = ""
            elif value and value != getattr(Selection, field):
                given[name] = "~".join(value) if isinstance(value, tuple) else "1" if value is True else value
        return "?" + urlencode(given, safe=":~") if given else ""

    @classmethod
    def from_query(cls, query: str) -> "Selection":
        """The selection in a query string; unknown names are not read, values are checked later against lists.

        >>> Selection.from_query("alue=KU837&vuosi=2022&x=1")
        Selection(release='', area='KU837', indicator='', dimension='', period='2022', filters=(), ...)
        """
        try:
            asked = parse_qs(query.lstrip("?"), keep_blank_values=True, max_num_fields=50)
        except ValueError:
            return cls()
        given: dict[str, Any] = {}
        for field, name in QUERY.items():
            if name not in asked:
                continue
            value = asked[name][-1][:LONGEST]
            if field == "area":
                given[field] = value or None
            elif field in ("filters", "compare"):
                given[field] = tuple(filter(None, value.split("~")))
            else:
                given[field] = value == "1" if field in ("standardised", "researcher") else value
        return cls(**given)


class State(HasTraits):
    """The selection as traits: widgets set them, the page observes them."""

    release = Unicode()
    area = Unicode(allow_none=True)
    indicator = Unicode()
    dimension = Unicode()
    period = Unicode()
    filters = Tuple()
    compare = Tuple(default_value=("SSS",))
    standardised = Bool(False)
    sort = Unicode()
    researcher = Bool(False)
    phone = Bool(False)

    def selection(self) -> Selection:
        """The traits as one frozen value."""
        return Selection(**{field.name: getattr(self, field.name) for field in fields(Selection)})

    def take(self, selection: Selection) -> None:
        """Set every trait at once."""
        with self.hold_trait_notifications():
            for field in fields(Selection):
                setattr(self, field.name, getattr(selection, field.name))
