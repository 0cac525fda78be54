"""What figures of fitted results share: whose numbers they are, and which of them the policy hides."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hyteanalysis.disclosure import Policy
from hyteanalysis.errors import DisclosureError, HyteError
from hyteanalysis.figures import words
from hyteanalysis.i18n import Unit, number, text

if TYPE_CHECKING:
    from hyteanalysis.disclosure import Release

NUMBERS = (
    *("estimate", "se", "lower", "upper", "share", "predicted", "additive", "interaction", "interaction_lower"),
    *("interaction_upper", "value", "neighbours", "z", "lag", "local", "events", "respondents", "people", "weight"),
)


@dataclass(frozen=True)
class About:
    """The words around a figure of a fitted result.

    Attributes
    ----------
    source : str
    subtitle : tuple of str
        What is measured, where and when.
    labels : mapping
        Names of groups, factors and areas.
    unit : Unit or None
        How amounts are written; bare numbers without.
    release, mark : str
        Id of the release that the result was computed from, and the mark of practice data.
    """

    source: str
    subtitle: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    unit: Unit | None = None
    release: str = ""
    mark: str = ""

    @classmethod
    def given(cls, source: str, labels: Mapping[str, str] | None, unit: Unit | None, lang: str) -> "About":
        """Of a researcher's own result, which must say whose data it rests on."""
        if not source.strip():
            raise HyteError("source= must say whose data the result rests on")
        return cls(words.cited(source, lang), (), labels or {}, unit)

    @classmethod
    def of(
        cls, release: "Release", indicator: str, subtitle: tuple[str, ...], labels: Mapping[str, str],
        unit: Unit | None, lang: str,
    ) -> "About":  # fmt: skip
        """Of a result computed from a release's cells."""
        return cls(
            words.source(release, indicator, lang), subtitle, labels, unit, release.id, words.mark(release, lang)
        )

    def name(self, key: object) -> str:
        """The name of a group, factor or area; its id where there is none."""
        return str(self.labels.get(str(key), key))

    def writer(self, decimals: int, lang: str) -> Callable[[float], str]:
        """Writes an amount."""
        unit = self.unit
        return (lambda value: unit.difference(value, lang)) if unit else (lambda value: number(value, lang, decimals))

    def measure(self, lang: str) -> str:
        """The unit of an axis of differences."""
        return self.unit.gap_measure(lang) if self.unit else ""


def safe(rows: pd.DataFrame, policy: Policy, *, released: bool, adding: bool) -> pd.DataFrame:
    """Rows with ``status``; those of too few people are ``suppressed`` and lose their numbers.

    Parameters
    ----------
    rows : DataFrame
        With ``respondents``, and ``events`` where there are counts.
    policy : Policy
    released : bool
        Whether the result was computed from a release's cells, which are safe as they are.
    adding : bool
        Whether the rows add up to a shown total, so that one hidden row alone could be worked out.

    Raises
    ------
    DisclosureError
        Without a policy, where respondents are not known, or where every row is hidden.
    """
    if not isinstance(policy, Policy):
        raise DisclosureError(
            f"a figure of a fitted result takes a Policy, as Policy.from_profile('thl'); not {policy!r}"
        )
    shown = rows.assign(status=rows.get("status", "ok"))
    if released:
        return shown
    known = rows["respondents"].notna()
    if policy.counts_needed and policy.minimum_respondents > 0 and not known.any():
        raise DisclosureError(
            "The result does not say how many people it rests on, so nothing shows that it is safe. Compute it from a "
            "release, or use Policy.from_profile('open') for data that are public already."
        )
    hidden = (rows["respondents"] < policy.minimum_respondents) & known
    if "events" in rows:
        for count in (rows["events"], rows["respondents"] - rows["events"]):
            hidden |= (count > 0) & (count < policy.minimum_count)
    if hidden.all():
        least = int(rows["respondents"].max())
        raise DisclosureError(
            f"The result rests on {least} respondents at most in every row, and the policy shows nothing under "
            f"{policy.minimum_respondents}. Join groups."
        )
    if adding and hidden.sum() == 1:  # its neighbour in size hides it
        smallest = rows.loc[~hidden, "estimate"].abs().idxmin()
        hidden |= rows.index == smallest
    shown.loc[hidden, [name for name in NUMBERS if name in shown]] = np.nan
    shown.loc[hidden, "status"] = "suppressed"
    return shown


def hidden_note(rows: pd.DataFrame, names: list[str], lang: str) -> tuple[str, ...]:
    """Rows that the policy hides, by name."""
    lost = [name for name, status in zip(names, rows["status"], strict=True) if status == "suppressed"]
    return (text("finding.state.suppressed", lang, groups="; ".join(lost)),) if lost else ()
