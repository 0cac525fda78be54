"""Files that people write (plans, actions, policies, schemas) as plain data and models; each fault by its line.

YAML by the rules of 1.2, and JSON with it: ``yes``, ``no`` and ``on`` are words. Codes stay text: so are numbers that
begin with a zero (``010``), dates, and every key.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from io import StringIO
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer, ComposerError, MaxDepthExceededError
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.resolver import VersionedResolver
from ruamel.yaml.tag import Tag

from hyteanalysis.characters import cleaned, cleaned_tree, unclean
from hyteanalysis.errors import HyteError

Model = TypeVar("Model", bound=BaseModel)
Place = tuple[str, ...]

DEEPEST = 40  # nested lists and mappings; our deepest file has nine
LARGEST = 5_000_000  # characters; a plan of 60 goals has 300,000

_TAG = "tag:yaml.org,2002:"
_PLAIN = {  # what an unquoted word is; anything else is text
    "null": re.compile(r"(?:~|null|Null|NULL|)\Z"),
    "bool": re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z"),
    "int": re.compile(r"[-+]?(?:0|[1-9][0-9]*)\Z"),
    "float": re.compile(
        r"[-+]?(?:(?:0|[1-9][0-9]*)?\.[0-9]+|(?:0|[1-9][0-9]*)\.?)(?:[eE][-+]?[0-9]+)?\Z"
        r"|[-+]?\.(?:inf|Inf|INF)\Z|\.(?:nan|NaN|NAN)\Z"
    ),
}
# what libyaml takes otherwise: tabs, old ends of lines, directives, bare tags, remarks beside a block
_UNLIKE = re.compile(r"[\t\x85\u2028\u2029\ufeff]|^%|(?:^|[\s\[{,:])!|[|>][-+0-9]*#", re.MULTILINE)


class _Resolver(VersionedResolver):  # type: ignore[misc, unused-ignore]
    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        if kind is not ScalarNode or not implicit[0]:
            return super().resolve(kind, value, implicit)
        return Tag(suffix=_TAG + _kind(value))


class _Composer(Composer):  # type: ignore[misc, unused-ignore]
    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.parser.check_event(AliasEvent):
            event = self.parser.get_event()
            message = f"holds an alias (*{event.anchor}): write its content out"
            raise ComposerError(None, None, message, event.start_mark)
        return super().compose_node(parent, index)


@dataclass(frozen=True)
class ParsedFile:
    """What a text holds: plain data, and the line on which each part of it stands."""

    data: Any
    lines: Mapping[Place, int]
    file: str = ""

    def line(self, place: Sequence[str]) -> int | None:
        """Line of the deepest part of a place that the text holds."""
        known = (self.lines.get(tuple(place[:end])) for end in range(len(place), 0, -1))
        return next((line for line in known if line is not None), None)


def text_of(path: "str | PathLike[str]", error: type[HyteError]) -> str:
    """The text of a file, a mark of byte order and ends of lines included. Raises ``error`` where it cannot be read."""
    try:
        return Path(path).read_bytes().decode("utf-8")
    except OSError as fault:
        raise error(f"{path}: cannot be read ({fault.strerror or fault}). Check the path.") from None
    except UnicodeDecodeError:
        raise error(f"{path}: is not UTF-8 text. Save it as UTF-8.") from None


def parsed(text: str, error: type[HyteError], file: str = "", what: str = "the text") -> ParsedFile:
    """The document that a text of YAML or JSON is.

    Raises ``error`` with file and line for a text that is no YAML, is too long or too deep, names a key twice or a
    type of some programming language, or holds an alias (a few of them stand for more content than a memory holds).
    """
    where = file or what
    if len(text) > LARGEST:
        raise error(f"{where}: is {len(text):,} characters long; at most {LARGEST:,} are read. Is it the right file?")
    lines: dict[Place, int] = {}
    try:
        return ParsedFile(cleaned_tree(_document(cleaned(text.removeprefix("\ufeff")), lines)), lines, file)
    except MaxDepthExceededError as fault:
        line = fault.problem_mark.line + 1
        message = f"is nested more than {DEEPEST} deep. Write it flatter."
        raise error(f"{where}, line {line}: {message}") from None
    except YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark is not None else ""
        problem = getattr(fault, "problem", None) or str(fault).splitlines()[0]
        raise error(f"{where}{line}: is not valid YAML: {problem}.") from None


def cleaned_lines(text: str) -> list[int]:
    r"""Lines of a document whose texts hold characters that :func:`parsed` takes out, written as they are or escaped.

    >>> cleaned_lines('a: "one\\x0btwo"\nb: plain\n')
    [1]
    """
    bare, lines = text.removeprefix("\ufeff"), dict[Place, int]()
    found = {number for number, line in enumerate(bare.split("\n"), start=1) if unclean(line)}
    data = _document(cleaned(bare), lines)

    def walk(node: Any, place: Place) -> None:
        if isinstance(node, str) and unclean(node):
            found.add(ParsedFile(data, lines).line(place) or 1)
        elif isinstance(node, Mapping):
            for name, one in node.items():
                walk(one, (*place, str(name)))
        elif isinstance(node, Sequence) and not isinstance(node, str):
            for number, one in enumerate(node):
                walk(one, (*place, str(number)))

    walk(data, ())
    return sorted(found)


def read(path: "str | PathLike[str]", error: type[HyteError]) -> ParsedFile:
    """The document that a file of YAML or JSON is. Raises ``error`` for what :func:`text_of` and :func:`parsed` say."""
    return parsed(text_of(path, error), error, str(path))


def written(data: Any) -> str:
    """YAML of plain data, which :func:`parsed` reads back."""
    writer = _loader("safe")
    writer.default_flow_style, writer.allow_unicode, writer.width = False, True, 120
    writer.representer.sort_base_mapping_type_on_output = False
    writer.representer.ignore_aliases = lambda _: True
    out = StringIO()
    writer.dump(data, out)
    return out.getvalue()


def tree() -> YAML:
    """Reads and writes a text with its comments and quotation marks, by the same rules of what is text."""
    made = _loader("rt")
    made.preserve_quotes, made.width = True, 4096
    made.representer.ignore_aliases = lambda _: True  # what stands twice is written twice
    made.indent(mapping=2, sequence=4, offset=2)
    return made


def _loader(kind: str) -> YAML:
    made = YAML(typ=kind, pure=True)
    made.Resolver, made.Composer, made.max_depth = _Resolver, _Composer, DEEPEST
    return made


def _document(text: str, lines: dict[Place, int]) -> Any:
    """Plain data of a text, and the lines of its parts.

    libyaml reads it, six times as fast as the reader written in Python, to which is left what libyaml refuses (JSON's
    halves of characters, and every fault, for its words) and what it is known to take otherwise.
    """
    if not _UNLIKE.search(text):
        try:
            return _whole(YAML(typ="safe").parse(text), lines)
        except ComposerError:
            raise
        except YAMLError:
            lines.clear()
    return _whole(YAML(typ="safe", pure=True).parse(text), lines)


def _whole(events: Iterator[Event], lines: dict[Place, int]) -> Any:
    data, begun = None, False
    for event in events:
        if not isinstance(event, DocumentStartEvent):
            continue
        if begun:
            raise ComposerError(None, None, "but found another document", event.start_mark)
        data, begun = _built(next(events), events, (), lines), True
    return data


def _built(event: Event, events: Iterator[Event], place: Place, lines: dict[Place, int]) -> Any:
    """Plain data of what an event begins, and the lines of its parts."""
    if isinstance(event, ScalarEvent):
        return _scalar(event)
    if isinstance(event, AliasEvent):
        raise ComposerError(None, None, f"holds an alias (*{event.anchor}): write its content out", event.start_mark)
    if len(place) >= DEEPEST:
        raise MaxDepthExceededError(None, None, "is too deep", event.start_mark)
    made: Any
    if isinstance(event, MappingStartEvent):
        _known(event, "map")
        made = {}
        while not isinstance(key := next(events), MappingEndEvent):
            if not isinstance(key, ScalarEvent):
                raise ComposerError(None, None, "a key must be a word or a number", key.start_mark)
            if (name := _text(key)) in made:
                raise ComposerError(None, None, f"key {name!r} stands there twice", key.start_mark)
            lines[*place, name] = key.start_mark.line + 1
            made[name] = _built(next(events), events, (*place, name), lines)
        return made
    assert isinstance(event, SequenceStartEvent)
    _known(event, "seq")
    made = []
    while not isinstance(item := next(events), SequenceEndEvent):
        inner = (*place, str(len(made)))
        lines[inner] = item.start_mark.line + 1
        made.append(_built(item, events, inner, lines))
    return made


def _known(event: MappingStartEvent | SequenceStartEvent, kind: str) -> None:
    if event.tag not in (None, "!", _TAG + kind):
        raise ComposerError(None, None, f"the type {event.tag} is not known; leave it out", event.start_mark)


def _kind(value: str) -> str:
    """What an unquoted word is."""
    return next((name for name, form in _PLAIN.items() if form.match(value)), "str")


def _scalar(event: ScalarEvent) -> Any:
    value, tag = event.value, event.tag
    kind = str(tag).removeprefix(_TAG) if tag not in (None, "!") else _kind(value) if event.implicit[0] else "str"
    if kind in _PLAIN and not _PLAIN[kind].match(value):
        raise ComposerError(None, None, f"{value!r} is no {kind}", event.start_mark)
    if kind == "null":
        return None
    if kind == "bool":
        return value.lower() == "true"
    if kind == "int" and len(value) <= 20:
        return int(value)
    if kind in ("int", "float"):
        return float(value.replace(".inf", "inf").replace(".nan", "nan").lower())
    if kind in ("str", "timestamp"):
        return _text(event)
    raise ComposerError(None, None, f"the type {tag} is not known; leave it out", event.start_mark)


def _text(event: ScalarEvent) -> str:
    r"""The text of a word; JSON writes some characters as two halves, such as ``\\ud83d\\ude00``."""
    value: str = event.value
    try:
        return value if value.isprintable() else value.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        raise ComposerError(None, None, f"{value!r} holds half a character", event.start_mark) from None


def validated(
    model: type[Model],
    data: Any,
    error: type[HyteError],
    *,
    document: ParsedFile | None = None,
    whole: str,
    kinds: Mapping[str, str] | None = None,
    unsaid: frozenset[str] = frozenset(),
) -> Model:
    """The model made of the data, or one ``error`` that lists every fault with file, line, field and remedy.

    Parameters
    ----------
    model : type
        Of pydantic. Its own errors may hold in their context a ``message``, a ``place`` inside the part at fault, or
        several ``faults`` (pairs of place and message).
    data : mapping
        Plain data.
    error : type
        Kind of error to raise.
    document : Document, optional
        What the data were read from: gives file and lines.
    whole : str
        What the data are as a whole, such as ``the plan``.
    kinds : mapping, optional
        What one entry of a list is called, by the list's name: ``{"goals": "goal"}``.
    unsaid : set of str
        Fields of the model that no file holds.
    """
    try:
        return model.model_validate(data)
    except ValidationError as found:
        faults = [one for fault in found.errors(include_url=False) for one in _spread(fault, model)]
    told = []
    for place, message in faults:
        held = [part for part in place if part not in unsaid]
        line = document.line(held) if document else None
        file = document.file if document else ""
        where = f"{file}, line {line}: " if file and line else f"{file}: " if file else ""
        told.append(f"{where}{'.'.join(_named(held, data, kinds or {})) or whole}: {message}".removesuffix("."))
    told = list(dict.fromkeys(told))
    raise error(told[0] if len(told) == 1 else "\n".join([f"{len(told)} faults:", *told]))


def _spread(fault: Any, model: type[BaseModel]) -> Iterator[tuple[list[str], str]]:
    """Place and message of each fault that one error of pydantic stands for."""
    context = fault.get("ctx", {})
    start = [str(part) for part in fault["loc"]]
    if "faults" in context:
        yield from (([*start, *map(str, place)], message) for place, message in context["faults"])
        return
    place = [*start, *map(str, context.get("place", ()))]
    yield place, context["message"] if "message" in context else _said(fault, place, model)


def _said(fault: Any, place: list[str], model: type[BaseModel]) -> str:
    """Pydantic's message in the words of the house."""
    given, kind = fault.get("input"), fault["type"]
    if kind == "missing":
        return "is missing"
    if kind == "extra_forbidden":
        near = get_close_matches(place[-1], sorted(_fields(model, set())), n=1)
        return "is not known" + (f"; did you mean {near[0]}?" if near else "")
    if kind == "literal_error":
        return f"must be {fault['ctx']['expected']}; not {given!r}"
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return f"must be a mapping; not {given!r}"
    if kind in ("list_type", "tuple_type"):
        return f"must be a list; not {given!r}"
    if kind in ("float_parsing", "float_type"):
        return f"is not a number; given: {given!r}"
    if kind == "string_pattern_mismatch":
        return f"may hold letters, digits, - and _ only; not {given!r}"
    if kind.startswith("date"):
        return f"is not a date such as 2026-09-30; given: {given!r}"
    message = str(fault["msg"])
    return message[:1].lower() + message[1:]


def _fields(kind: Any, seen: set[Any]) -> set[str]:
    """Names of fields at any depth of a model, for near ones."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        if kind in seen:
            return set()
        seen.add(kind)
        inner = [field.annotation for field in kind.model_fields.values()]
        return set(kind.model_fields).union(*(_fields(one, seen) for one in inner))
    return set().union(*(_fields(one, seen) for one in get_args(kind)))


def _named(place: list[str], data: Any, kinds: Mapping[str, str]) -> list[str]:
    """The place with ids in it: ``goal 'smoke-free': target``, not ``goals.3.target``."""
    said: list[str] = []
    for part in place:
        if isinstance(data, (list, tuple)) and part.isdigit() and int(part) < len(data):
            data = data[int(part)]
            key = data.get("id") if isinstance(data, Mapping) else getattr(data, "id", None)
            kind = kinds.get(said[-1], said[-1]) if said else ""
            said[-1:] = [f"{kind} {key!r}" if key is not None else f"{kind} {int(part) + 1}"]
        else:
            data = data.get(part) if isinstance(data, Mapping) else getattr(data, part, None)
            said.append(part)
    return said
