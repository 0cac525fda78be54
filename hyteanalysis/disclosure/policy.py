"""What may leave the house: thresholds and rules, from a named profile or the data owner's own YAML file."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from hyteanalysis.cells import parts
from hyteanalysis.errors import DisclosureError, one_of

ZEROS = ("public", "hidden")
REVISIONS = ("refuse", "freeze", "show")

_PROFILES: dict[str, dict[str, Any]] = {
    "thl": {"minimum_count": 5, "zeros": "public", "minimum_respondents": 30},
    "statfin": {
        "minimum_count": 3,
        "zeros": "public",
        "minimum_respondents": 30,
        "dominance": (2, 90.0),
        "p_percent": 10.0,
    },
    "open": {
        "minimum_count": 1,
        "zeros": "public",
        "minimum_respondents": 0,
        "protect_complement": False,
        "counts_needed": False,
    },
}


@dataclass(frozen=True)
class Policy:
    """Which numbers are unsafe, and how they are protected.

    Every default here is this library's own: **the data's owner decides**. Ask the owner (THL, Statistics Finland,
    Findata, your own register keeper) for the rules of the permit and write them into a YAML file.

    Parameters
    ----------
    minimum_count : int
        k: a count of 1…k−1 people is unsafe. 1 protects no count. The data's owner decides.
    zeros : {"public", "hidden"}
        Whether a count of zero may be shown; ``"hidden"`` makes 0…k−1 unsafe. The data's owner decides.
    minimum_respondents : int
        A number from fewer respondents is hidden. 0 hides none. The data's owner decides.
    protect_complement : bool
        Whether ``population − events`` is protected as the count itself is. The data's owner decides.
    sensitive : mapping of dimension to int
        A dimension's own, usually larger k (``{"disability": 10}``); a crossed dimension takes the largest of its
        parts. The data's owner decides.
    group_disclosure : int, optional
        n: of a group of 1…n people it may not be told that none of them has the outcome, or that all have; None where
        it may. The data's owner decides.
    public_populations : bool
        True where the population of every cell is known from elsewhere: it is never hidden, and a count that could be
        protected only by hiding it is refused. The data's owner decides.
    rounding : int, optional
        Base of additive small-count rounding in place of suppression: no holes, and every margin still adds up.
        The data's owner decides.
    dominance : (int, float), optional
        (n, k %): a magnitude is unsafe where its n largest contributors make more than k % of it. The data's owner
        decides. Applies to magnitudes given to :func:`hyteanalysis.disclosure.dominant`.
    p_percent : float, optional
        A magnitude is unsafe where its second contributor can tell the largest to within p %. The data's owner decides.
    protection_percent : float
        How far, in per cent of a hidden mean's sum over its respondents, readers must be left in doubt on either side.
        The data's owner decides.
    revisions : {"refuse", "freeze", "show"}
        What is done where a number differs from an earlier release, since the difference may be of few people:
        refuse; keep the earlier table as it was (numbers that it lacks are hidden); or show, which says nothing of
        the difference. The data's owner decides.
    counts_needed : bool
        Whether each number needs ``events`` or ``respondents``. False only for data that are public already.
    name : str
        The profile's name, kept in the release's manifest.

    Raises
    ------
    DisclosureError
        A value of the wrong type or outside its range.

    Examples
    --------
    >>> Policy.from_profile("thl").minimum_count
    5
    >>> Policy(minimum_count=5, sensitive={"disability": 10}).k("disability × sex")
    10
    """

    minimum_count: int = 5
    zeros: str = "public"
    minimum_respondents: int = 30
    protect_complement: bool = True
    sensitive: Mapping[str, int] = field(default_factory=dict)
    group_disclosure: int | None = None
    public_populations: bool = False
    rounding: int | None = None
    dominance: tuple[int, float] | None = None
    p_percent: float | None = None
    protection_percent: float = 10.0
    revisions: str = "refuse"
    counts_needed: bool = True
    name: str = "own"

    def __post_init__(self) -> None:
        one_of(self.zeros, ZEROS, "policy key 'zeros'", DisclosureError)
        self._whole("minimum_count", self.minimum_count, 1)
        self._whole("minimum_respondents", self.minimum_respondents, 0)
        for name in ("protect_complement", "public_populations", "counts_needed"):
            if not isinstance(getattr(self, name), bool):
                raise DisclosureError(f"policy key {name!r} must be true or false; not {getattr(self, name)!r}")
        if not isinstance(self.sensitive, Mapping):
            raise DisclosureError(f"policy key 'sensitive' must map dimensions to counts; not {self.sensitive!r}")
        for dimension, count in self.sensitive.items():
            self._whole(f"sensitive: {dimension}", count, 1)
        object.__setattr__(self, "sensitive", dict(self.sensitive))
        if self.group_disclosure is not None:
            self._whole("group_disclosure", self.group_disclosure, 1)
        if self.rounding is not None:
            self._whole("rounding", self.rounding, 2)
            if self.group_disclosure is not None:
                raise DisclosureError(
                    "policy keys 'rounding' and 'group_disclosure' exclude each other: rounded tables show a group of "
                    "whom none, or all, have the outcome. Leave out either."
                )
        if self.dominance is not None:
            pair = tuple(self.dominance) if isinstance(self.dominance, (list, tuple)) else ()
            if len(pair) != 2 or not isinstance(pair[0], int) or pair[0] < 1 or not _between(pair[1], 0, 100):
                raise DisclosureError(f"policy key 'dominance' must be [contributors, percent]; not {self.dominance!r}")
            object.__setattr__(self, "dominance", (pair[0], float(pair[1])))
        if self.p_percent is not None and not _between(self.p_percent, 0, 100):
            raise DisclosureError(f"policy key 'p_percent' must be a percentage above 0; not {self.p_percent!r}")
        if not _between(self.protection_percent, 0, 100):
            raise DisclosureError(
                f"policy key 'protection_percent' must be a percentage above 0; not {self.protection_percent!r}"
            )
        one_of(self.revisions, REVISIONS, "policy key 'revisions'", DisclosureError)
        if self.rounding is not None and self.rounding < max([self.minimum_count, *self.sensitive.values()]):
            raise DisclosureError(
                f"policy key 'rounding' is {self.rounding}, less than the largest minimum count: counts below it "
                "would be shown as they are. Use a base of at least the minimum count."
            )

    @staticmethod
    def _whole(name: str, value: object, least: int) -> None:
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise DisclosureError(f"policy key {name!r} must be a whole number of at least {least}; not {value!r}")

    @classmethod
    def from_profile(cls, name: str) -> "Policy":
        """The policy of a named profile: ``thl``, ``statfin``, or ``open`` for data that are public already.

        The numbers are our reading of usual practice, not a permit: the data's owner decides.

        >>> Policy.from_profile("open").counts_needed
        False
        """
        return cls(**_PROFILES[one_of(name, _PROFILES, "policy profile", DisclosureError)], name=name)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Policy":
        """A policy from plain values; ``profile`` names one to start from. An unknown key is refused."""
        if not isinstance(values, Mapping):
            raise DisclosureError(f"a policy is a list of 'key: value' lines; not {type(values).__name__}")
        values = dict(values)
        start = cls.from_profile(values.pop("profile")) if "profile" in values else cls()
        allowed = [item.name for item in fields(cls)]
        for key in values:
            one_of(key, [*allowed, "profile"], "policy key", DisclosureError)
        return replace(start, **{"name": "own", **values})

    @classmethod
    def read(cls, path: str | Path) -> "Policy":
        """A policy from the owner's own YAML file, such as ``{profile: thl, minimum_count: 10}``."""
        from hyteanalysis.reading import read  # the models that it knows take a fifth of a second to import

        values = read(path, DisclosureError).data
        try:
            return cls.from_dict(values)
        except DisclosureError as error:
            raise DisclosureError(f"{path}: {error}") from error

    def to_dict(self) -> dict[str, Any]:
        """Plain values for the manifest; ``Policy.from_dict`` reads them back."""
        values = asdict(self)
        if self.group_disclosure is None:  # said only where asked for, so that a release made before keeps its id
            del values["group_disclosure"]
        return values

    def lenient(self) -> "Policy":
        """The same policy for numbers that are public already: they need no counts."""
        return replace(self, counts_needed=False)

    def k(self, dimension: str) -> int:
        """The minimum count in a dimension: the strictest of its parts."""
        return max([self.minimum_count, *(self.sensitive.get(part, 1) for part in parts(dimension))])

    @property
    def protects(self) -> bool:
        """Whether any number can be unsafe; false for the profile ``open``."""
        return (
            self.zeros == "hidden"
            or self.group_disclosure is not None
            or max([self.minimum_count, self.minimum_respondents, *self.sensitive.values()]) > 1
        )


def _between(value: object, low: float, high: float) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and low < value <= high
