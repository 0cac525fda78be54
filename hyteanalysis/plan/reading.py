"""Plans from YAML or JSON, with errors that name file, line, goal and field."""

from collections.abc import Mapping
from difflib import get_close_matches
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from hyteanalysis.actions import reading
from hyteanalysis.errors import PlanError
from hyteanalysis.plan.migrations import migrated

Model = TypeVar("Model", bound=BaseModel)

_OF_A_LIST = {
    "goals": "goal", "rules": "rule", "actors": "actor", "experiences": "experience", "findings": "finding",
    "follow_ups": "follow-up", "deliberations": "deliberation", "documents": "document", "actions": "action",
}  # fmt: skip


class _Loader(yaml.CSafeLoader):  # type: ignore[misc, unused-ignore]
    """YAML 1.2 as ruamel reads it (yes and no are words), by libyaml, and no key twice."""

    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [
            (tag, pattern) for tag, pattern in known if tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:int")
        ]
        for first, known in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        if len(set(keys)) < len(keys):
            twice = next(key for key in keys if keys.count(key) > 1)
            raise yaml.constructor.ConstructorError(None, None, f"key {twice!r} stands there twice", node.start_mark)
        return super().construct_mapping(node, deep)


def _resolve() -> None:
    import re

    _Loader.add_implicit_resolver(
        "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
    )
    _Loader.add_implicit_resolver(
        "tag:yaml.org,2002:int", re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$"), list("-+0123456789")
    )


_resolve()


def text_of(path: "str | PathLike[str]") -> str:
    """The text of a plan file. Raises PlanError where it cannot be read."""
    try:
        return Path(path).read_bytes().decode("utf-8")
    except OSError as error:
        raise PlanError(f"{path}: cannot be read ({error.strerror or error}). Check the path.") from None
    except UnicodeDecodeError:
        raise PlanError(f"{path}: is not UTF-8 text. Save it as UTF-8.") from None


def parsed(text: str, file: str = "") -> dict[str, Any]:
    """Plain data of a plan's text, made into the newest schema."""
    return migrated(plain(text, file), file)


def plain(text: str, file: str = "") -> dict[str, Any]:
    """Plain data of a plan's text, in the schema it was written in."""
    where = file or "the plan"
    try:
        if "&" in text and "*" in text:  # a few nested aliases stand for more content than any memory holds
            for event in yaml.parse(text, Loader=yaml.CSafeLoader):
                if isinstance(event, yaml.AliasEvent):
                    row = event.start_mark.line + 1 if event.start_mark is not None else 0
                    raise PlanError(f"{where}, line {row}: holds an alias (*{event.anchor}): write its content out.")
        data = yaml.load(text.removeprefix("\ufeff"), Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark is not None else ""
        what = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise PlanError(f"{where}{line}: is not valid YAML: {what}.") from None
    except ValueError as error:
        raise PlanError(f"{where}: holds a value that cannot be read: {error}.") from None
    if not isinstance(data, dict):
        raise PlanError(f"{where}: is not a plan: it must be a mapping with schema_version, title, area and goals.")
    return data


def validated(model: type[Model], data: Mapping[str, Any], file: str = "", text: str = "") -> Model:
    """The model made of the data, or one PlanError that lists every fault with file, line, goal and field."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        found = [one for fault in error.errors(include_url=False) for one in _spread(fault)]
    marked = _marked(text)
    faults = list(dict.fromkeys(_told(place, message, data, file, marked) for place, message in found))
    if len(faults) == 1:
        raise PlanError(faults[0])
    raise PlanError("\n".join([f"{len(faults)} faults:", *faults]))


def _spread(fault: Any) -> list[tuple[list[str], str]]:
    """Place and message of each fault that one error of pydantic stands for."""
    context = fault.get("ctx", {})
    start = [str(part) for part in fault["loc"]]
    if "faults" in context:
        return [([*start, *place], message) for place, message in context["faults"]]
    place = [*start, *map(str, context.get("place", ()))]
    return [(place, context["message"] if "message" in context else _said(fault, place))]


def _said(fault: Any, place: list[str]) -> str:
    """Pydantic's message in the words of the house."""
    given = fault.get("input")
    if fault["type"] == "missing":
        return "is missing"
    if fault["type"] == "extra_forbidden":
        near = get_close_matches(place[-1], _fields(), n=1)
        return "is not known" + (f"; did you mean {near[0]}?" if near else "")
    if fault["type"] == "literal_error":
        return f"must be {fault['ctx']['expected']}; not {given!r}"
    if fault["type"] in ("model_type", "dict_type"):
        return f"must be a mapping; not {given!r}"
    if fault["type"] in ("float_parsing", "float_type"):
        return f"is not a number; given: {given!r}"
    if fault["type"] == "string_pattern_mismatch":
        return f"may hold letters, digits, - and _ only; not {given!r}"
    if fault["type"].startswith("date"):
        return f"is not a date such as 2026-09-30; given: {given!r}"
    message = str(fault["msg"])
    return message[:1].lower() + message[1:]


def _fields() -> list[str]:
    """Names of the fields of all parts, for near ones."""
    from hyteanalysis.plan.parts import Part

    found: list[str] = []
    waiting = list(Part.__subclasses__())
    while waiting:
        part = waiting.pop()
        found += part.model_fields
        waiting += part.__subclasses__()
    return sorted(set(found))


def _told(place: list[str], message: str, data: Any, file: str, marked: Any) -> str:
    """One fault: file and line, what it concerns, field, message."""
    line = reading.line_of(marked, place) if marked is not None else None
    where = f"{file}, line {line}" if file and line else file
    said = f"{'.'.join(_named(place, data)) or 'the plan'}: {message}".removesuffix(".")
    return f"{where}: {said}" if where else said


def _named(place: list[str], data: Any) -> list[str]:
    """The place with ids in it: ``goal 'smoke-free': target``, not ``goals.3.target``."""
    said: list[str] = []
    for part in place:
        if isinstance(data, (list, tuple)) and part.isdigit() and int(part) < len(data):
            data = data[int(part)]
            key = data.get("id") if isinstance(data, Mapping) else getattr(data, "id", None)
            kind = _OF_A_LIST.get(said[-1], said[-1]) if said else ""
            said[-1:] = [f"{kind} {key!r}" if key is not None else f"{kind} {int(part) + 1}"]
        else:
            data = data.get(part) if isinstance(data, Mapping) else getattr(data, part, None)
            said.append(part)
    return said


def _marked(text: str) -> Any:
    """The text read again with its lines; None where there is none to read."""
    if not text:
        return None
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        return YAML().load(text)
    except YAMLError:
        return None
