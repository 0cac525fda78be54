"""What a viewer has chosen on page A."""

from dataclasses import dataclass
from typing import ClassVar

from traitlets import Bool, Tuple, Unicode

from hyteanalysis.apps.address import Addressed, PageState


@dataclass(frozen=True)
class Selection(Addressed):
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

    Examples
    --------
    >>> Selection(area="KU837", dimension="education", compare=("SSS", "HVA05")).query()
    '?alue=KU837&ryhma=education&vertailu=SSS~HVA05'
    >>> Selection.from_query("alue=KU837&vuosi=2022&x=1")
    Selection(release='', area='KU837', indicator='', dimension='', period='2022', filters=(), ...)
    """

    QUERY: ClassVar[dict[str, str]] = {
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


class State(PageState):
    """The selection as traits: widgets set them, the page observes them."""

    selected = Selection

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
