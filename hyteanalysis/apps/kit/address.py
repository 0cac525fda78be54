"""What a viewer has chosen as an address: a frozen selection to and from its query string, and the traits behind it."""

from dataclasses import Field, fields
from typing import Any, ClassVar, Self, get_args
from urllib.parse import parse_qs, urlencode

from traitlets import Bool, HasTraits, Int, TraitType, Tuple, Unicode

LONGEST = 400  # characters of one value in an address; a longer one is no id


class Addressed:
    """A frozen dataclass of choices that has an address.

    Each page has its own: fields of ``str``, ``int``, ``bool`` and tuples of ``str``, all with defaults. A field that
    may be None is None where the address gives it empty. The pages share the names ``aineisto, alue, ind, ryhma`` and
    ``vuosi``, which the navigation carries from one page to the next.

    Attributes
    ----------
    QUERY : dict
        Field and its name in the address: the same in every language. A field that is not in it has no address.
    """

    QUERY: ClassVar[dict[str, str]] = {}

    def query(self) -> str:
        """The selection as the query string of an address; what is as by default is left out."""
        given: dict[str, str] = {}
        for field, name in self.QUERY.items():
            value = getattr(self, field)
            if value != getattr(type(self), field):
                given[name] = "~".join(value) if isinstance(value, tuple) else "1" if value is True else value or ""
        return "?" + urlencode(given, safe=":~") if given else ""

    @classmethod
    def from_query(cls, query: str) -> Self:
        """The selection in a query string; unknown names are not read, values are checked later against lists."""
        try:
            asked = parse_qs(query.lstrip("?"), keep_blank_values=True, max_num_fields=50)
        except ValueError:
            return cls()
        kinds = {field.name: (field.type, field.default) for field in fields(cls)}  # type: ignore[arg-type]
        given: dict[str, Any] = {}
        for field, name in cls.QUERY.items():
            if name not in asked:
                continue
            value = asked[name][-1][:LONGEST]
            kind, default = kinds[field]
            if isinstance(default, tuple):
                given[field] = tuple(filter(None, value.split("~")))
            elif isinstance(default, bool):
                given[field] = value == "1"
            else:
                given[field] = None if not value and type(None) in get_args(kind) else value
        return cls(**given)


class PageState(HasTraits):
    """A selection as traits, one of each field: widgets set them, the page observes them.

    Parameters
    ----------
    selected : type
        The page's selection.
    """

    def __init__(self, selected: type[Addressed]) -> None:
        super().__init__()
        self.selected = selected
        self.add_traits(**{field.name: _trait(field) for field in fields(selected)})  # type: ignore[arg-type]

    def selection(self) -> Any:
        """The traits as one frozen value."""
        return self.selected(**{field: getattr(self, field) for field in _names(self.selected)})

    def take(self, selection: Any) -> None:
        """Set every trait at once."""
        with self.hold_trait_notifications():
            for field in _names(self.selected):
                setattr(self, field, getattr(selection, field))


def _names(selected: type[Addressed]) -> list[str]:
    return [field.name for field in fields(selected)]  # type: ignore[arg-type]


def _trait(field: Field[Any]) -> TraitType[Any, Any]:
    """The trait that holds what a field may be, with its default."""
    kinds: dict[type, Any] = {bool: Bool, int: Int, tuple: Tuple, str: Unicode}
    may_lack = type(None) in get_args(field.type)
    return kinds[type(field.default)](default_value=field.default, allow_none=may_lack)  # type: ignore[no-any-return]
