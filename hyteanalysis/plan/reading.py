"""Plans from YAML or JSON; a fault names file, line, goal and field."""

from collections.abc import Mapping
from os import PathLike
from typing import Any, TypeVar

from pydantic import BaseModel

from hyteanalysis import reading
from hyteanalysis.errors import PlanError
from hyteanalysis.plan.migrations import migrated

Model = TypeVar("Model", bound=BaseModel)

_OF_A_LIST = {
    "goals": "goal", "rules": "rule", "actors": "actor", "experiences": "experience", "findings": "finding",
    "follow_ups": "follow-up", "deliberations": "deliberation", "documents": "document", "actions": "action",
}  # fmt: skip


def text_of(path: "str | PathLike[str]") -> str:
    """The text of a plan file. Raises PlanError where it cannot be read."""
    return reading.text_of(path, PlanError)


def document(text: str, file: str = "") -> reading.ParsedFile:
    """Plain data of a plan's text, in the schema it was written in, and their lines."""
    made = reading.parsed(text, PlanError, file, "the plan")
    if not isinstance(made.data, dict):
        raise PlanError(
            f"{file or 'the plan'}: is not a plan: it must be a mapping with schema_version, title, area and goals."
        )
    return made


def parsed(text: str, file: str = "") -> dict[str, Any]:
    """Plain data of a plan's text, made into the newest schema."""
    return migrated(document(text, file).data, file)


def validated(model: type[Model], data: Mapping[str, Any], source: reading.ParsedFile | None = None) -> Model:
    """The model made of the data, or one PlanError that lists every fault with file, line, goal and field."""
    return reading.validated(model, data, PlanError, document=source, whole="the plan", kinds=_OF_A_LIST)
