"""The languages: each is one file, which names itself, what it falls back on, and how it writes numbers and dates.

A file is ``CODE.json``, its head under ``language``, its texts by key:

``{"language": {"name": "Davvisámegiella", "fallback": "fi", "locale": "se_FI"}, "figure.areas": …}``

``name`` is the language's own; a text that the file lacks is that of ``fallback``; ``locale`` is Babel's. ``date``
(Babel's pattern) and ``percent`` are those of ``fallback`` where not given, ``tag`` (what Word calls it) that of the
locale. Further languages lie in the folder ``$HYTE_LANGUAGES``.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import wraps
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from babel import Locale, UnknownLocaleError

from hyteanalysis.errors import HyteError, one_of

Function = TypeVar("Function", bound=Callable[..., Any])
Forms = str | Mapping[str, Any]  # a text; or, by the placeholder that counts and CLDR's category, its forms

_HEAD = ("name", "fallback", "locale", "tag", "date", "percent", "order")


@dataclass(frozen=True)
class Language:
    """A language and its texts.

    Attributes
    ----------
    code : str
    name : str
        In the language itself.
    fallback : str or None
        The language whose text stands where this one has none; None for the first.
    locale : Locale
        Babel's: how numbers are written, and which plural form a number takes.
    tag : str
        BCP 47, as Word names it.
    date, percent : str
        Babel's pattern of a day; how a percentage is written.
    order : int
        Place among the languages.
    texts : mapping
        Its own texts by key.
    """

    code: str
    name: str
    fallback: str | None
    locale: Locale
    tag: str
    date: str
    percent: str
    order: int
    texts: Mapping[str, Forms]


def _read(file: Traversable) -> tuple[dict[str, Any], dict[str, Forms]]:
    """Head and texts of a language's file."""
    try:
        texts = json.loads(file.read_text(encoding="utf-8"))
        head = texts.pop("language")
        strange = sorted(set(head) - {*_HEAD})
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise HyteError(
            f"{file}: is no language ({type(error).__name__}: {error}). It is JSON whose head is "
            '"language": {"name": …, "fallback": "fi", "locale": …}.'
        ) from None
    if strange or not head.get("name"):
        wrong = f"does not know {strange[0]!r}" if strange else "needs a name"
        raise HyteError(f"{file}: the head {wrong}; it may hold {', '.join(_HEAD)}.")
    return head, texts


def _files() -> Iterator[tuple[str, Traversable]]:
    """Code and file of every language: those of the library, then those of ``$HYTE_LANGUAGES``."""
    folders: list[Traversable] = [files("hyteanalysis.i18n")]
    if further := os.environ.get("HYTE_LANGUAGES"):
        folders.append(Path(further))
    found: dict[str, Traversable] = {}
    for folder in folders:
        if not folder.is_dir():
            raise HyteError(f"HYTE_LANGUAGES names {folder}, which is no folder. Give one that holds CODE.json files.")
        for file in sorted(folder.iterdir(), key=lambda one: one.name):
            code, _, kind = file.name.rpartition(".")
            if kind == "json":
                if code in found:
                    raise HyteError(f"{file}: the language {code!r} is there already. Give the file another code.")
                found[code] = file
    yield from found.items()


def _all() -> dict[str, Language]:
    """Every language, in its order; those it falls back on are there."""
    read = {code: (file, *_read(file)) for code, file in _files()}
    made: dict[str, Language] = {}

    def make(code: str, asking: tuple[str, ...] = ()) -> Language:
        if code in made:
            return made[code]
        file, head, texts = read[code]
        back = head.get("fallback")
        if back is not None and (back not in read or back in (*asking, code)):
            others = ", ".join(one for one in read if one != code)
            raise HyteError(f"{file}: fallback must be one of {others}, and not fall back on {code!r}; not {back!r}.")
        given = make(back, (*asking, code)) if back is not None else None
        try:
            locale = Locale.parse(head.get("locale", code))
        except (UnknownLocaleError, ValueError):
            asked = head.get("locale", code)
            raise HyteError(f"{file}: Babel knows no locale {asked!r}. Give one such as fi_FI.") from None
        missing = [name for name in ("date", "percent") if given is None and name not in head]
        if missing:
            raise HyteError(f"{file}: a language that falls back on none needs {missing[0]} in its head.")
        date, percent = (head[name] if name in head else getattr(given, name) for name in ("date", "percent"))
        tag = head.get("tag", str(locale).replace("_", "-"))
        made[code] = Language(code, head["name"], back, locale, tag, date, percent, head.get("order", 99), texts)
        return made[code]

    for code in read:
        make(code)
    return dict(sorted(made.items(), key=lambda pair: (pair[1].order, pair[0])))


LANGUAGES = _all()
LANGS = tuple(LANGUAGES)
if TYPE_CHECKING:
    Code = str
else:
    Code = Literal[LANGS]  # for models that hold a language


def known(lang: str) -> Language:
    """A language by its code. Raises HyteError for one that is not there."""
    return LANGUAGES[one_of(lang, LANGS, "language")]


def chain(lang: str) -> tuple[str, ...]:
    """The language, and those whose texts stand in for its own, nearest first.

    >>> chain("sv")
    ('sv', 'fi')
    """
    back = known(lang).fallback
    return (lang, *(chain(back) if back is not None else ()))


_chosen: str | None = None  # set by set_language alone; dashboards, reports and commands always name their language


def set_language(lang: str | None) -> None:
    """Choose the language of figures, displays and sentences in this session.

    Parameters
    ----------
    lang : {"fi", "sv", "en"} or None
        None goes back to each function's own default, the one in its signature.

    Raises
    ------
    HyteError
        For another language.

    Notes
    -----
    For notebooks. An explicit ``lang`` always wins. Data sources keep their own ``lang``, since it decides what is
    fetched.

    Examples
    --------
    >>> import hyteanalysis as hyte
    >>> hyte.set_language("sv")
    >>> hyte.i18n.language()
    'sv'
    >>> hyte.set_language(None)
    """
    global _chosen
    _chosen = None if lang is None else one_of(lang, LANGS, "language")


def language() -> str:
    """The session's language; Finnish where none was chosen."""
    return _chosen or LANGS[0]


def spoken(function: Function) -> Function:
    """Let a function with ``lang`` speak the session's language where ``lang`` is not given."""
    code = function.__code__
    place = code.co_varnames.index("lang")  # given by position only where it is not keyword-only

    @wraps(function)
    def speaking(*args: Any, **values: Any) -> Any:
        if _chosen is not None and "lang" not in values and (place >= code.co_argcount or len(args) <= place):
            values["lang"] = _chosen
        return function(*args, **values)

    return cast(Function, speaking)
