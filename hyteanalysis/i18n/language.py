"""The session's language: what a function speaks where its caller names none."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from hyteanalysis.errors import one_of
from hyteanalysis.i18n.texts import LANGS

Function = TypeVar("Function", bound=Callable[..., Any])

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
    return _chosen or "fi"


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
