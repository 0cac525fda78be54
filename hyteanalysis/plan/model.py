"""A wellbeing plan: goals and what they rest on, in one file that people can read."""

from collections.abc import Mapping
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import PrivateAttr, model_validator
from pydantic_core import PydanticCustomError

from hyteanalysis.display import shown
from hyteanalysis.errors import PlanError, one_of
from hyteanalysis.i18n import Code, integer, language, spoken, text
from hyteanalysis.plan import checks, files
from hyteanalysis.plan.checks import check
from hyteanalysis.plan.deliberation import Deliberation
from hyteanalysis.plan.files import NEWEST, migrated
from hyteanalysis.plan.goals import FollowUp, Goal
from hyteanalysis.plan.monitoring import forecasts, status
from hyteanalysis.plan.parts import (
    Actor,
    Experience,
    FindingReference,
    Forum,
    Omitted,
    Part,
    SourceDocument,
    Text,
    WorkingGroup,
)
from hyteanalysis.plan.rules import Rule, fired

if TYPE_CHECKING:
    import pandas as pd

    from hyteanalysis.disclosure import Release


class Plan(Part):
    """A wellbeing plan of an organisation for a term of office.

    Answers: *what do we want to change for whom, who carries it, and where do we stand?* Frozen: :meth:`changed` makes
    the next one.

    Parameters
    ----------
    title, organisation : str
    area : str
        Area code of the plan.
    first_year, last_year : int
        Term of office.
    language : {"fi", "sv", "en"}
        Language that its texts are written in.
    synthetic : bool
        Practice numbers, said so wherever they are shown.
    note : str
    working_group, forums, actors, documents
        Who prepared it, where, who carries it out, and the separate plans gathered in.
    findings, experiences, rules, goals, follow_ups, deliberations
        Each with an ``id`` of its own; goals refer to the others by id.
    minimum_content : tuple of str
        Indicators of the recommended minimum content: each is used, or stands in ``omitted`` with a reason.
    omitted : tuple of Omitted

    Raises
    ------
    PlanError
        Names goal (or other part) and field of every fault: an id used twice, a reference to nothing, a target or
        threshold on the wrong side, an actor without a role, a personal identity code in a text, a newer schema.

    Examples
    --------
    >>> plan = Plan.from_dict({"schema_version": 2, "title": "Plan", "organisation": "Town", "area": "KU285",
    ...     "first_year": 2026, "last_year": 2029, "goals": []})
    >>> plan.changed(title="Wellbeing plan").title
    'Wellbeing plan'
    """

    schema_version: int = NEWEST
    title: Text
    organisation: Text
    area: Text
    first_year: int
    last_year: int
    language: Code = "fi"
    synthetic: bool = False
    note: str = ""
    working_group: WorkingGroup = WorkingGroup()
    forums: tuple[Forum, ...] = ()
    actors: tuple[Actor, ...] = ()
    documents: tuple[SourceDocument, ...] = ()
    findings: tuple[FindingReference, ...] = ()
    experiences: tuple[Experience, ...] = ()
    rules: tuple[Rule, ...] = ()
    goals: tuple[Goal, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    deliberations: tuple[Deliberation, ...] = ()
    minimum_content: tuple[Text, ...] = ()
    omitted: tuple[Omitted, ...] = ()

    _source: str = PrivateAttr(default="")  # the text it was read from
    _as_read: dict[str, Any] = PrivateAttr(default_factory=dict)  # what that text says, where its schema is the newest

    @model_validator(mode="after")
    def _holds_together(self) -> "Plan":
        faults = checks.faults(self)
        if self.last_year < self.first_year:
            faults.append((("last_year",), f"{self.last_year} is before the first year, {self.first_year}"))
        if faults:
            raise PydanticCustomError("plan", "{count} faults", {"count": len(faults), "faults": faults})
        return self

    def _said(self, name: str) -> bool:
        return name == "schema_version" or super()._said(name)

    @classmethod
    def read(cls, path: "str | PathLike[str]") -> "Plan":
        """Read a plan from YAML or JSON; older schemas are made into the newest."""
        return cls.from_text(files.text_of(path), fspath(path))

    @classmethod
    def from_text(cls, text: str, name: str = "") -> "Plan":
        """Read a plan from the text of a file; ``name`` stands in messages."""
        document = files.document(text, name)
        newest = document.data.get("schema_version") == NEWEST
        plan = files.validated(cls, migrated(document.data, name), document)
        plan._source, plan._as_read = text, plan.to_dict() if newest else {}
        return plan

    @property
    def cleaned_lines(self) -> list[int]:
        """Lines of its file whose texts held control characters, which were taken out."""
        return files.cleaned_lines(self._source) if self._source else []

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Plan":
        """Make a plan from plain data."""
        return files.validated(cls, migrated(dict(data)))

    def changed(self, **fields: Any) -> "Plan":
        """The same plan with some fields replaced, checked as a whole."""
        now = {name: getattr(self, name) for name in type(self).model_fields if name in self.model_fields_set}
        plan = files.validated(type(self), {**now, **fields})
        plan._source, plan._as_read = self._source, self._as_read
        return plan

    def to_text(self) -> str:
        """The plan as YAML (JSON where it was read from JSON); byte by byte as it was read where nothing changed."""
        data = self.to_dict()
        if self._source and data == self._as_read:
            return self._source
        if self._source.lstrip("\ufeff \n").startswith("{"):
            return files.as_json(data)
        return files.written(data, self._source)

    def save(self, path: "str | PathLike[str]") -> None:
        """Write the plan, whole or not at all; the version there before is kept beside it as ``NAME.previous.yml``.

        Raises PlanError where the file there is no readable plan: it is never overwritten.
        """
        files.save(self.to_text(), Path(path))

    def goal(self, id: str) -> Goal:
        """A goal by its id. Raises PlanError where there is none."""
        return self.goals[self._ids("goals").index(one_of(id, self._ids("goals"), "goal", PlanError))]

    def actor_name(self, id: str | None) -> str:
        """Name of an actor, else its id; empty for none."""
        return next((actor.name for actor in self.actors if actor.id == id), id or "")

    @spoken
    def check(self, release: "Release | None" = None, *, lang: str = "en") -> "pd.DataFrame":
        """What the plan lacks: ``where, field, message``; see :func:`hyteanalysis.plan.check`."""
        return check(self, release, lang=lang)

    def status(self, release: "Release", *, faults: str = "raise") -> "pd.DataFrame":
        """Where each goal stands; see :func:`hyteanalysis.plan.status`."""
        return status(self, release, faults=faults)

    def fired(self, release: "Release") -> "pd.DataFrame":
        """Which rules fire, and why; see :func:`hyteanalysis.plan.fired`."""
        return fired(self, release)

    def forecasts(self, release: "Release") -> "pd.DataFrame":
        """Forecast against observed, by group; see :func:`hyteanalysis.plan.forecasts`."""
        return forecasts(self, release)

    def _repr_html_(self) -> str:
        lang = language()
        facts = {
            text("display.organisation", lang): self.organisation,
            text("display.area", lang): self.area,
            text("display.term", lang): f"{self.first_year}–{self.last_year}",
            text("display.goals", lang): integer(len(self.goals), lang),
            text("display.findings", lang): integer(len(self.findings), lang),
            text("display.experiences", lang): integer(len(self.experiences), lang),
        }
        said = [text("display.synthetic", lang)] if self.synthetic else []
        return shown(self.title, said=said, facts=facts)

    def _ids(self, name: str) -> list[str]:
        return [item.id for item in getattr(self, name)]
