"""What every chapter draws on: plan, release, findings of the area and the state of each goal, gathered once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from hyteanalysis import areas as areal
from hyteanalysis import figures
from hyteanalysis.disclosure import Release, check_text
from hyteanalysis.errors import HyteError, PlanError
from hyteanalysis.figures import FigureBundle
from hyteanalysis.figures.county import picture
from hyteanalysis.figures.kit import words
from hyteanalysis.figures.kit.topics import Topic, groupings, topics
from hyteanalysis.findings import findings
from hyteanalysis.findings.lookup import names_of
from hyteanalysis.i18n import Names, Unit, text
from hyteanalysis.memory import Memory
from hyteanalysis.plan import Goal, Plan
from hyteanalysis.progress import Steps
from hyteanalysis.reports.document import Document, Figure, Paragraph, Section

PRIVATE = ("contact", "link")  # fields that the report does not print
WHOLE = "SSS"
DRAWN = 1_000  # figures held of one report, which holds all that it shows anyway


@dataclass(frozen=True, eq=False)
class Material:
    """A plan and a release with what they say together.

    Attributes
    ----------
    plan, release, lang
    topics : list of Topic
        The area's indicators, each with its largest clear difference between groups.
    status : DataFrame
        As :func:`hyteanalysis.plan.status` gives it, by id of the goal.
    steps : Steps
        Told each piece of work.
    effects : mapping
        Files of the actions' effects, by id.
    day : str
        ISO day of the report.
    memory : Memory
        The figures of this report, so that goals of one indicator, grouping and area share one; numbers lie with the
        release.
    """

    plan: Plan
    release: Release
    lang: str
    topics: list[Topic]
    status: pd.DataFrame
    steps: Steps
    effects: Mapping[str, Path]
    day: str
    memory: Memory = field(default_factory=Memory)

    @classmethod
    def gather(
        cls, plan: Plan, release: Release, lang: str, *, steps: Steps, effects: Mapping[str, Path], day: str
    ) -> "Material":
        """Measure all groupings of the plan's area, and tell where each goal stands.

        Raises
        ------
        PlanError
            Where a text of the plan holds personal data, the release has no numbers of the plan's area, or a goal
            names an indicator, group or area that the release does not hold.
        """
        refuse_personal_data(plan)
        status = plan.status(release).set_index("goal", drop=False)
        here = areal.fallbacks(plan.area, release.areas)
        if not len(release.select(area=here)):
            there = ", ".join(sorted(release.areas["area"].unique())[:20])
            raise PlanError(f"area: the release has no numbers of {plan.area!r}; it has {there}")
        steps.part(text("report.step.numbers", lang), 2 * len(groupings(release)))
        found = topics(release, area=plan.area, step=steps)
        for dimension in groupings(release):  # the whole country stands beside the area: measured together as well
            steps(dimension)
            same = [one.indicator for one in found if one.main.dimension == dimension]
            if same and WHOLE in set(release.areas["area"]):
                findings(release, area=WHOLE, dimension=dimension, indicators=same)
        return cls(plan, release, lang, found, status, steps, effects, day)

    @cached_property
    def names(self) -> Names:
        """Names of what the release holds, and of the plan's area."""
        return names_of(self.release, self.plan.area)

    @cached_property
    def area(self) -> str:
        """The area's name."""
        return self.names.area(self.plan.area, self.lang)

    @cached_property
    def mark(self) -> str:
        """What stands on practice data."""
        return words.mark(self.release, self.lang) or (
            text("figure.synthetic", self.lang) if self.plan.synthetic else ""
        )

    @cached_property
    def municipalities(self) -> list[str]:
        """Municipalities of the area that the release has, by name."""
        tree = self.release.areas
        below = tree.loc[tree["parent"] == self.plan.area, "area"].unique()
        found = [area for area in below if areal.level(area) == "municipality"]
        return sorted(found, key=lambda area: self.names.area(area, self.lang))

    @cached_property
    def places(self) -> frozenset[str]:
        """Areas of which the release has numbers."""
        return frozenset(self.release.areas["area"])

    def meta(self, indicator: str) -> Mapping[str, Any]:
        """The metadata of an indicator."""
        return self._meta[indicator]

    @cached_property
    def _meta(self) -> dict[str, Mapping[str, Any]]:
        return {str(row["indicator"]): row for row in self.release.indicators.to_dict("records")}

    def unit(self, goal: Goal) -> Unit:
        """How the numbers of a goal are written."""
        numbers = [goal.baseline.value, goal.target.value]
        return Unit.of(self.meta(goal.indicator), numbers)

    def group(self, goal: Goal) -> str:
        """Whom a goal is for, and where."""
        who = self.names.group(goal.dimension, goal.group, self.lang)
        return f"{who}, {self.names.area(goal.area, self.lang)}"

    def written(self, words_: str, style: str = "body") -> Paragraph:
        """A text of the plan, in the plan's own language."""
        return Paragraph(words_, style, self.plan.language)

    def figure(self, kind: str, **options: Any) -> Figure | None:
        """A figure of the release; None where the release has nothing to draw."""

        def draw() -> FigureBundle | None:
            try:
                return getattr(figures, kind)(self.release, lang=self.lang, **options)  # type: ignore[no-any-return]
            except HyteError:
                return None

        asked = (kind, *sorted((name, str(value)) for name, value in options.items()))
        bundle = self.memory.once("figure", asked, draw, most=DRAWN)
        if bundle is None:
            return None
        self.steps(bundle.title)
        return Figure(bundle)

    def document(
        self, chapters: Sequence[Section], *, title: str | None = None, contents: bool = False, pages: bool = False,
        compact: bool = False,
    ) -> Document:  # fmt: skip
        """Chapters with what stands around them: the plan's title, whose it is, and of which years."""
        plan, lang = self.plan, self.lang
        years = {"first": str(plan.first_year), "last": str(plan.last_year)}
        return Document(
            title=plan.title if title is None else title,
            subtitle=text("report.subtitle", lang, organisation=plan.organisation, **years),
            lang=lang,
            chapters=tuple(chapters),
            author=plan.organisation,
            date=self.day,
            release=self.release.id,
            mark=self.mark,
            contents=contents,
            pages=pages,
            compact=compact,
        )

    def county(self) -> Figure | None:
        """The picture of the area, as wide as the text; None where no difference is clear."""
        try:
            bundle = picture(self.release, self.plan.area, self.topics, lang=self.lang, width=16.0)
        except HyteError:
            return None
        self.steps(bundle.title)
        return Figure(bundle)


def refuse_personal_data(plan: Plan) -> None:
    """Raise PlanError naming where a text of the plan holds personal data; the data themselves are not repeated."""
    everything = list(_texts(plan.to_dict()))
    # one look at all of them; one by one only where there is something to find
    if not check_text("\n\n".join(words_ for _, words_ in everything)):
        return
    if found := [f"{place}: {kind}" for place, words_ in everything for kind in _kinds(words_)]:
        raise PlanError(f"personal data may not be reported; take it out of the plan first: {'; '.join(found[:5])}")


def _kinds(words_: str) -> list[str]:
    return sorted({one.kind.replace("_", " ") for one in check_text(words_)})


def _texts(item: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Every text of plain data with the path to it; items of lists by their id."""
    if isinstance(item, str):
        yield place, item
    elif isinstance(item, Mapping):
        for key, inner in item.items():
            if key not in PRIVATE:
                yield from _texts(inner, f"{place}.{key}".strip("."))
    elif isinstance(item, (list, tuple)):
        for at, inner in enumerate(item, start=1):
            name = inner.get("id", at) if isinstance(inner, Mapping) else at
            yield from _texts(inner, f"{place} {name}")
