"""Actions from YAML, with errors that name file, line and field."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from hyteanalysis import places
from hyteanalysis.errors import PlanError

Model = TypeVar("Model", bound=BaseModel)

# parts of pydantic's place that no file holds: the plain form of reach
_INNER = {"share"}


def load(path: "str | PathLike[str]") -> tuple[Any, str]:
    """Content of a YAML file that remembers its lines, and the file's name for messages."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise PlanError(f"{path}: cannot be read ({error.strerror or error}). Check the path.") from None
    except UnicodeDecodeError:
        raise PlanError(f"{path}: is not UTF-8 text. Save it as UTF-8.") from None
    try:
        data = YAML().load(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark is not None else ""
        what = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise PlanError(f"{path}{where}: is not valid YAML: {what}.") from None
    if not isinstance(data, Mapping):
        raise PlanError(f"{path}, line 1: an action is a mapping such as 'id: exercise-referral'.")
    return data, str(path)


def validated(model: type[Model], data: Any, file: str = "") -> Model:
    """The model made of the data, or one PlanError that lists every fault with file, line and field."""
    try:
        return model.model_validate(_plain(data))
    except ValidationError as error:
        faults = [_fault(fault, model, data, file) for fault in error.errors(include_url=False)]
    faults = list(dict.fromkeys(faults))
    if len(faults) == 1:
        raise PlanError(faults[0])
    raise PlanError("\n".join([f"{len(faults)} faults:", *faults]))


def library() -> dict[str, Path]:
    """The example actions that come with the project: id → file."""
    return {path.stem: path for path in sorted(places.committed("actions").glob("*.yml"))}


def _plain(data: Any) -> Any:
    """Without the marks of lines."""
    if isinstance(data, Mapping):
        return {key: _plain(item) for key, item in data.items()}
    if isinstance(data, (list, tuple)):
        return [_plain(item) for item in data]
    return data


def _fault(fault: Any, model: type[BaseModel], data: Any, file: str) -> str:
    context = fault.get("ctx", {})
    place = [str(part) for part in (*fault["loc"], *context.get("place", ())) if part not in _INNER]
    message = context["message"] if "message" in context else _said(fault, place, data)
    line = line_of(data, place)
    where = [file] if file else []
    if file and line:
        where.append(f"line {line}")
    where = [", ".join(where)] if where else []
    return ": ".join([*where, ".".join(place) or "the action", message]).removesuffix(".")


def _said(fault: Any, place: list[str], data: Any) -> str:
    """Pydantic's message in the words of the house."""
    given = fault.get("input")
    if fault["type"] == "missing":
        return "is missing"
    if fault["type"] == "extra_forbidden":
        near = get_close_matches(place[-1], _known(place), n=1)
        return "is not known" + (f"; did you mean {near[0]}?" if near else "")
    if fault["type"] == "literal_error":
        return f"must be {fault['ctx']['expected']}; not {given!r}"
    if fault["type"] in ("float_parsing", "float_type", "model_type", "model_attributes_type"):
        return f"is not a number; given: {given!r}"
    if fault["type"] == "string_pattern_mismatch":
        return f"may hold letters, digits, - and _ only; not {given!r}"
    message = str(fault["msg"])
    return message[:1].lower() + message[1:]


def _known(place: list[str]) -> Iterable[str]:
    """Names of fields at any depth, for near ones."""
    return (
        *("id", "name", "description", "outcome", "dimension", "effect", "reach", "cost", "horizon_years", "retention"),
        *("discount", "notes", "scale", "value", "lower", "upper", "by_group", "by_area", "distribution", "source"),
        *("year", "grade", "eligible", "offered", "uptake", "completion", "per_person", "setup"),
    )


def line_of(data: Any, place: list[str]) -> int | None:
    """Line of the deepest part of the place that the file holds."""
    line = None
    for part in place:
        if isinstance(data, CommentedMap):
            keys = {str(key): key for key in data}
            if part not in keys:
                break
            line = data.lc.key(keys[part])[0] + 1
            data = data[keys[part]]
        elif isinstance(data, CommentedSeq) and part.isdigit() and int(part) < len(data):
            line = data.lc.item(int(part))[0] + 1
            data = data[int(part)]
        else:
            break
    return line
