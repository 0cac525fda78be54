"""Rules: an indicator that passes a threshold calls for actions. Ready rules cover the common comparisons."""

from typing import Any, Literal

from pydantic import Field, model_validator

from hyteanalysis.actions.model import refuse
from hyteanalysis.errors import PlanError, one_of
from hyteanalysis.plan.parts import Id, Part, Text

Comparator = Literal["above", "below", "worse_than_country", "worse_than_county", "worsened", "worse_than_target"]

READY: dict[str, dict[str, Any]] = {
    # the study covers all pupils, and its own rule of thumb looks at the difference alone
    "school-health": {
        "comparator": "worsened",
        "minimum_change": 2.0,
        "minimum_change_small": 5.0,
        "small_under": 100,
        "certainty": "estimate",
        "minimum_respondents": 0,
    },
    "country": {"comparator": "worse_than_country"},
    "county": {"comparator": "worse_than_county"},
    "own-target": {"comparator": "worse_than_target"},
}


class Rule(Part):
    """When an indicator calls for action, and which actions come into question.

    Parameters
    ----------
    id, title : str
    indicator, dimension, group, area : str
        What is watched and whom it concerns; without ``area`` the plan's own.
    each_below : bool
        Watch every area right below that area instead, such as the municipalities of a county.
    since : str, optional
        The earlier period of ``worsened``; by default the one before the newest that has a number.
    comparator : str
        ``above, below`` a ``threshold``; ``worse_than_country, worse_than_county`` of the same group; ``worsened``
        since the earlier period; ``worse_than_target`` of ``goal``. *Worse* follows the indicator's direction.
    threshold : float, optional
        In the indicator's unit; for ``above`` and ``below``.
    goal : str, optional
        For ``worse_than_target``.
    minimum_change : float
        Least difference that matters, in the indicator's unit.
    minimum_change_small, small_under : float, int, optional
        Least difference where there are fewer respondents than ``small_under``.
    certainty : {"interval", "estimate"}
        ``interval``: the whole 95 % interval of the difference must lie on the worse side.
    minimum_respondents : int
        With fewer respondents the rule cannot say.
    actions : tuple of str
        Candidate actions, by id.

    Examples
    --------
    >>> rule = Rule.ready("school-health", id="lonely", title="Loneliness", indicator="lonely", actions=["groups"])
    >>> rule.comparator, rule.least(80), rule.least(2_000)
    ('worsened', 5.0, 2.0)
    """

    id: Id
    title: Text
    indicator: Text
    comparator: Comparator
    dimension: Text = "total"
    group: Text = "total"
    area: str | None = None
    each_below: bool = False
    since: str | None = None
    threshold: float | None = Field(default=None, allow_inf_nan=False)
    goal: Id | None = None
    minimum_change: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    minimum_change_small: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    small_under: int = Field(default=100, ge=0)
    certainty: Literal["interval", "estimate"] = "interval"
    minimum_respondents: int = Field(default=30, ge=0)
    actions: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _valid(self) -> "Rule":
        needs = {"above": "threshold", "below": "threshold", "worse_than_target": "goal"}.get(self.comparator)
        for field in ("threshold", "goal"):
            if (needs == field) != (getattr(self, field) is not None):
                said = f"{self.comparator!r} needs it" if needs == field else f"{self.comparator!r} does not use it"
                refuse(said, (field,))
        return self

    @classmethod
    def ready(cls, name: str, **said: Any) -> "Rule":
        """A ready rule, ``school-health, country, county`` or ``own-target``, for an indicator; ``said`` overrides."""
        return cls(**{**READY[one_of(name, list(READY), "ready rule", PlanError)], **said})

    def least(self, respondents: float | None) -> float:
        """The least difference that matters with so many respondents."""
        small = respondents is not None and respondents < self.small_under
        return self.minimum_change if self.minimum_change_small is None or not small else self.minimum_change_small
