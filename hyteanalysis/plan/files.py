"""Plans as files: read from any version, each fault with line and field; saved in place, never half-written."""

import datetime
import json
import re
from collections.abc import Callable, Mapping, Sequence
from io import StringIO
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import LiteralScalarString, SingleQuotedScalarString

from hyteanalysis import reading
from hyteanalysis.errors import PlanError
from hyteanalysis.reading import tree
from hyteanalysis.writing import put

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


def cleaned_lines(text: str) -> list[int]:
    """Lines of a plan's text whose control characters are taken out."""
    return reading.cleaned_lines(text)


def _parsed(text: str, file: str = "") -> dict[str, Any]:
    """Plain data of a plan's text, made into the newest schema."""
    return migrated(document(text, file).data, file)


def validated(model: type[_Model], data: Mapping[str, Any], source: reading.ParsedFile | None = None) -> _Model:
    """The model made of the data, or one PlanError that lists every fault with file, line, goal and field."""
    return reading.validated(model, data, PlanError, document=source, whole="the plan", kinds=_OF_A_LIST)


_LIKE_A_NUMBER = re.compile(r"[-+.]?[0-9][0-9a-fA-FoxX_.:]*$")  # text to us, a number to other readers of YAML


def written(data: Mapping[str, Any], source: str = "") -> str:
    """YAML of a plan; what ``source`` holds already keeps its place, its comments and its form."""
    writer = tree()
    content: Any = CommentedMap()
    if source and not source.lstrip("\ufeff \n").startswith("{"):
        try:
            content = writer.load(source)
        except YAMLError:
            content = CommentedMap()
    _merge(content, data)
    out = StringIO()
    writer.dump(content, out)
    return out.getvalue()


def as_json(data: Mapping[str, Any]) -> str:
    """JSON of a plan; dates as text."""
    return json.dumps(data, ensure_ascii=False, indent=2, default=str) + "\n"


def save(text: str, path: Path) -> None:
    """Write a plan's text whole; what stood there before is kept beside it as ``NAME.previous.yml``.

    Raises PlanError where the file there is no plan that can be read, or the folder cannot be written to.
    """
    pass

    content = text.encode("utf-8")
    try:
        if path.exists():
            former = path.read_bytes()
            if former == content:
                return
            try:
                _parsed(text_of(path), str(path))
            except PlanError as error:
                raise PlanError(f"{error} It was not overwritten: save the plan under another name.") from None
            put({path.with_name(f"{path.stem}.previous{path.suffix}"): former})
        put({path: content})
    except OSError as error:
        raise PlanError(f"{path}: cannot be written ({error.strerror or error}). Check the path.") from None


def _merge(tree: CommentedMap, data: Mapping[str, Any]) -> None:
    """Make the tree say what the data say, touching only what differs."""
    for key in [key for key in tree if key not in data]:
        del tree[key]
    for position, (key, value) in enumerate(data.items()):
        if key in tree:
            if not _same(tree[key], value):
                tree[key] = _changed(tree[key], value)
        else:
            tree.insert(position, key, _made(value))


def _changed(old: Any, new: Any) -> Any:
    if isinstance(old, CommentedMap) and isinstance(new, Mapping):
        _merge(old, new)
        return old
    if isinstance(old, CommentedSeq) and _with_ids(new):
        known = {item["id"]: item for item in old if isinstance(item, Mapping) and "id" in item}
        items = [_changed(known[item["id"]], item) if item["id"] in known else _made(item) for item in new]
        if len(old) <= len(items) and all(a is b for a, b in zip(old, items, strict=False)):
            old.extend(items[len(old) :])
            return old
        return CommentedSeq(items)
    return _made(new)


def _with_ids(items: Any) -> bool:
    return (
        isinstance(items, Sequence)
        and not isinstance(items, str)
        and bool(items)
        and all(isinstance(item, Mapping) and "id" in item for item in items)
    )


def _same(old: Any, new: Any) -> bool:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return set(old) == set(new) and all(_same(old[key], new[key]) for key in new)
    if isinstance(old, list) and isinstance(new, (list, tuple)):
        return len(old) == len(new) and all(map(_same, old, new))
    if isinstance(new, datetime.date):
        return str(old) == new.isoformat()
    return isinstance(old, bool) == isinstance(new, bool) and bool(old == new)


def _made(value: Any) -> Any:
    """Data as a tree: a text of several lines in a block of its own, short lists of plain values on one line."""
    if isinstance(value, Mapping):
        tree = CommentedMap((key, _made(item)) for key, item in value.items())
        if value and len(value) <= 6 and "id" not in value and all(_short(item) for item in value.values()):
            tree.fa.set_flow_style()
        return tree
    if isinstance(value, (list, tuple)):
        items = CommentedSeq([_made(item) for item in value])
        if all(_short(item) for item in value):
            items.fa.set_flow_style()
        return items
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, str) and "\n" in value:
        return LiteralScalarString(value)
    if isinstance(value, str) and _LIKE_A_NUMBER.match(value):
        return SingleQuotedScalarString(value)
    return value


def _short(value: Any) -> bool:
    return not isinstance(value, (Mapping, list, tuple)) and len(str(value)) <= 24 and "\n" not in str(value)
