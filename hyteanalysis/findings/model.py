"""What a finding holds. Numbers are unrounded; words are made in :mod:`hyteanalysis.findings.sentences`."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from hyteanalysis import display
from hyteanalysis.findings import sentences
from hyteanalysis.i18n import Names, Unit, language, spoken, text


@dataclass(frozen=True)
class Contrast:
    """One comparison of two numbers, with the interval of the comparison itself.

    Attributes
    ----------
    between : tuple of str
        What is compared: two groups, two areas or two periods.
    values : tuple of float
        The two numbers.
    estimate, lower, upper : float
        The comparison and its 95 % limits, in the indicator's unit (a ratio has none).
    clear : bool
        The interval leaves out the null; for groups without an order, equality of all groups is rejected as well.
    verdict : str
        ``worse``, ``reversed`` (of an order only), ``no_clear_difference`` (groups); ``weaker``, ``better``,
        ``no_clear_difference`` (areas); ``narrowed``, ``widened``, ``reversed``, ``no_clear_change`` (periods);
        ``unknown`` without intervals.
    p : float
        What a list holds its false-discovery rate over: of groups without order that all are equal, else of the
        comparison itself; where it was chosen among several, for all of them at once.
    """

    between: tuple[str, str]
    values: tuple[float, float]
    estimate: float
    lower: float
    upper: float
    clear: bool
    verdict: str
    p: float = float("nan")


@dataclass(frozen=True)
class Count:
    """A number of people, or of cases, with its 95 % limits; unrounded."""

    estimate: float
    lower: float
    upper: float


@dataclass(frozen=True)
class Reliability:
    """How far the groups' numbers can be trusted.

    Attributes
    ----------
    grade : {"good", "moderate", "weak", "unknown"}
    respondents, events : float
        The smallest of the groups' numbers of respondents and of events; NaN where not known.
    relative_se : float
        The largest standard error of a group as a share of its estimate.
    reasons : tuple of str
        What lowered the grade: ``respondents, events, relative_se, width, uncertain, suppressed, missing,
        no_interval``.
    width : float
        The widest interval of a group, half of it as a share of the scale; NaN where the scale has no end.
    """

    grade: str
    respondents: float
    events: float
    relative_se: float
    reasons: tuple[str, ...]
    width: float = float("nan")


@dataclass(frozen=True)
class Finding:
    """The answer for one indicator × area × dimension, made from a release alone.

    Attributes
    ----------
    indicator, dimension, period : str
    asked_area, shown_area : str
        They differ where the area asked for has no rows by this dimension (state ``fallback``).
    groups : DataFrame
        One row a group, in the order of the groups: the release's own cells.
    worst, best : str or None
        Groups with the weakest and the strongest level (the highest and the lowest of an adverse indicator); None
        where fewer than two have a number, or all have the same.
    distinct : bool or None
        Whether ``difference`` is clear: only then is a worst group named. None where that cannot be known.
    tied : tuple of str
        Groups that may be the worst as well: not clearly apart from it, reckoned over all groups at once.
    ordered : bool
        Whether the groups have an order.
    p_equal : float
        That all groups are equal.
    difference, ratio : Contrast or None
        Two named groups: of an order the most disadvantaged against the most advantaged, where positive (over 1) = the
        first is worse off, never turned round. Without order the worst against the best, or against the declared
        reference: the first is the one that is worse off, and nothing is reversed.
    now : Count or None
        How many people (of a rate: cases) of these groups it concerns; of something good, how many lack it.
    levelled : callable
        What ``fewer`` asks: it is measured when it is first asked for.
    against_whole : Contrast or None
        The area's total against the whole country's, mathematical sign.
    change : Contrast or None
        Change of ``difference`` in about five years, between the same two groups.
    relative_change : Contrast or None
        The same of ``ratio``, as a factor; of shares and rates only.
    reliability : Reliability
    states : tuple of str
        ``no_data, fallback, suppressed, missing, uncertain, reversed, not_comparable, old, many_groups``.
    favourable : bool
    unit : Unit
    names : Names
    release : str
        Id of the release.
    """

    indicator: str
    dimension: str
    period: str
    asked_area: str
    shown_area: str
    groups: pd.DataFrame
    worst: str | None
    best: str | None
    distinct: bool | None
    tied: tuple[str, ...]
    ordered: bool
    p_equal: float
    difference: Contrast | None
    ratio: Contrast | None
    now: Count | None
    levelled: Callable[[], Count | None]
    against_whole: Contrast | None
    change: Contrast | None
    relative_change: Contrast | None
    reliability: Reliability
    states: tuple[str, ...]
    favourable: bool
    unit: Unit
    names: Names
    release: str

    @property
    def fewer(self) -> Count | None:
        """How many fewer (favourable: more) it would concern if all groups had the best group's level."""
        return self.levelled()

    @property
    def people(self) -> float | None:
        """The estimate of ``fewer``."""
        return None if self.fewer is None else self.fewer.estimate

    @spoken
    def sentences(self, lang: str = "fi") -> list[str]:
        """The answer in plain sentences, in reading order."""
        return list(sentences.parts(self, lang).values())

    @spoken
    def parts(self, lang: str = "fi") -> dict[str, str]:
        """The same sentences by what they say: ``worst, gap, people, whole, change, reliability`` and one a
        state."""
        return sentences.parts(self, lang)

    @spoken
    def headline(self, lang: str = "fi") -> str:
        """The finding in one line, for the title of a figure."""
        return sentences.headline(self, lang)

    def in_group(self, status: str) -> list[str]:
        """Ids of the groups whose cell has a status."""
        return [str(group) for group in self.groups.loc[self.groups["status"] == status, "group"]]

    def _repr_html_(self) -> str:
        lang = language()
        facts = {
            text("display.period", lang): self.period,
            text("display.area", lang): self.names.area(self.shown_area, lang),
            text("display.release_id", lang): self.release,
        }
        rows = display.cells(self.groups).drop(columns=["indicator", "area", "period", "dimension"], errors="ignore")
        return display.shown(self.headline(lang), said=self.sentences(lang), facts=facts, frame=rows)
