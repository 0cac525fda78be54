"""The catalogue of official indicators of wellbeing: which question each answers, and where its figures stand."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from hyteanalysis.errors import SourceError, one_of
from hyteanalysis.reading import parsed, validated

Text = Annotated[str, Field(min_length=1)]


class Question(BaseModel):
    """An indicator of the catalogue: its source and table, the groups it is told by, and which way is better."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(pattern=r"^(sotkanet-\d+|eurostat-[a-z0-9_]+)$")]
    source: Literal["sotkanet", "eurostat"]
    table: Text
    by: tuple[Literal["sex", "education", "age"], ...]
    where: dict[str, str] = {}
    favourable: bool
    purpose: Literal["outcome", "process"]
    theme: Literal[
        "education", "functional-ability", "health", "lifestyle", "livelihood", "mental-health", "participation",
        "quality-of-life", "safety", "work",
    ]  # fmt: skip
    stage: Literal["children", "young-people", "working-age", "adults", "older-people", "all"]
    title: dict[Literal["fi", "sv", "en"], Text]
    minimum_lists: tuple[Text, ...] = ()
    hyte_coefficient: Text | None = None
    licence: Text
    renewal: Literal["yearly", "every second year", "every fourth year"] | None = None
    confirmed_by: Text

    @property
    def publishable(self) -> bool:
        """Whether the licence is known to let anybody publish the figures; a producer's own terms are not."""
        return self.licence.startswith("CC BY")


class _Catalogue(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    questions: tuple[Question, ...]


@cache
def _stored() -> tuple[Question, ...]:
    text = files("hyteanalysis.reference").joinpath("official.yml").read_text(encoding="utf-8")
    document = parsed(text, SourceError, "official.yml", "the catalogue")
    return validated(_Catalogue, document.data, SourceError, document=document, whole="the catalogue").questions


def questions(themes: Sequence[str] | None = None) -> tuple[Question, ...]:
    """Official indicators of wellbeing of the catalogue.

    Answers: *which official figures tell of inequality in wellbeing, by which groups, and where do they stand?*

    Parameters
    ----------
    themes : sequence of str, optional
        ``health``, ``lifestyle``, ``livelihood`` …; None: all.

    Returns
    -------
    tuple of Question

    Raises
    ------
    SourceError
        A theme that no indicator has, with near ones.

    Notes
    -----
    Source: ``reference/official.yml``, where each names what its id was read from. Not for finding any other indicator
    of a service: :func:`hyteanalysis.sources.search_sotkanet` does.

    Examples
    --------
    >>> from hyteanalysis import sources
    >>> [one.id for one in sources.questions(["quality-of-life"])][0]
    'sotkanet-4270'
    """
    known = sorted({one.theme for one in _stored()})
    wanted = known if themes is None else [one_of(theme, known, "theme", SourceError) for theme in themes]
    return tuple(one for one in _stored() if one.theme in wanted)
