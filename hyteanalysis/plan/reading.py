"""Plans from YAML or JSON of any version, older ones made into the newest; a fault names file, line, goal and field."""

from collections.abc import Callable, Mapping
from os import PathLike
from typing import Any, TypeVar

from pydantic import BaseModel

from hyteanalysis import reading
from hyteanalysis.errors import PlanError

NEWEST = 2


class NewerSchema(PlanError):
    """A plan written by a newer hyteanalysis."""


def migrated(data: dict[str, Any], where: str = "") -> dict[str, Any]:
    """The same plan in the newest schema. Raises PlanError for a version that is newer, or none at all."""
    prefix = f"{where}: " if where else ""
    version = data.get("schema_version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise PlanError(f"{prefix}schema_version must be a whole number from 1 to {NEWEST}; not {version!r}.")
    if version > NEWEST:
        raise NewerSchema(
            f"{prefix}schema_version is {version}, and this hyteanalysis knows versions up to {NEWEST}: "
            "update hyteanalysis to open it. The file was left as it is."
        )
    while version < NEWEST:
        data = _STEPS[version](data)
        version += 1
        data["schema_version"] = version
    return data


def _from_1(data: dict[str, Any]) -> dict[str, Any]:
    """Version 1: one ``lead`` and a list of ``partners`` a goal, ``limit`` for threshold, ``period`` as one text."""
    data = dict(data)
    first, _, last = str(data.pop("period", "")).replace("–", "-").partition("-")
    if first:
        data["first_year"], data["last_year"] = _year(first), _year(last or first)
    data["goals"] = [_goal_from_1(goal) if isinstance(goal, dict) else goal for goal in data.get("goals", [])]
    return data


def _goal_from_1(goal: dict[str, Any]) -> dict[str, Any]:
    goal = dict(goal)
    if "limit" in goal:
        goal["threshold"] = goal.pop("limit")
    lead, partners = goal.pop("lead", None), goal.pop("partners", [])
    roles = [{"actor": lead, "role": "lead"}] if lead else []
    roles += [{"actor": partner, "role": "partner"} for partner in partners]
    if roles:
        goal["actors"] = roles
    return goal


def _year(text: str) -> Any:
    return int(text) if text.strip().isdigit() else text


_STEPS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {1: _from_1}


_Model = TypeVar("_Model", bound=BaseModel)

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


def validated(model: type[_Model], data: Mapping[str, Any], source: reading.ParsedFile | None = None) -> _Model:
    """The model made of the data, or one PlanError that lists every fault with file, line, goal and field."""
    return reading.validated(model, data, PlanError, document=source, whole="the plan", kinds=_OF_A_LIST)
