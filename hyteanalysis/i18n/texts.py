"""Texts of the three languages, and texts that the data's owner gave."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from hyteanalysis.errors import HyteError, one_of

LANGS = ("fi", "sv", "en")


@cache
def _texts(lang: str) -> dict[str, str]:
    """One language's file, read once."""
    one_of(lang, LANGS, "language")
    loaded: dict[str, str] = json.loads(files("hyteanalysis.i18n").joinpath(f"{lang}.json").read_text(encoding="utf-8"))
    return loaded


def keys(lang: str) -> Mapping[str, str]:
    """All keys of a language with their texts."""
    return dict(_texts(lang))


def text(key: str, lang: str, **values: Any) -> str:
    """The text of a key in a language, its ``{placeholders}`` filled with ``values``.

    Parameters
    ----------
    key : str
        A dotted key, such as ``finding.worst``.
    lang : {"fi", "sv", "en"}
    **values
        One value a placeholder; numbers are formatted by the caller, in the same language.

    Raises
    ------
    HyteError
        For an unknown key or language, or a placeholder without a value.

    Examples
    --------
    >>> text("figure.source", "fi", source="THL, Terve Suomi 2022", version="0.1")
    'Lähde: THL, Terve Suomi 2022; laskenta: hyteanalysis 0.1.'
    """
    texts = _texts(lang)
    if key not in texts:
        one_of(key, texts, "text key")
    if not values:
        return texts[key]
    try:
        return texts[key].format(**values)
    except (KeyError, IndexError) as error:
        raise HyteError(f"text {key!r} needs a value for {error}; given: {', '.join(values)}") from None


def own_text(row: Mapping[str, Any], stem: str, lang: str) -> tuple[str, str]:
    """A text that the data's owner gave (title, label): in ``lang``, else in the language there is, named beside it.

    >>> own_text({"title_fi": "Yksinäisyys"}, "title", "sv")
    ('Yksinäisyys', 'fi')
    """
    for candidate in dict.fromkeys((one_of(lang, LANGS, "language"), *LANGS)):
        value = row.get(f"{stem}_{candidate}")
        if isinstance(value, str) and value.strip():
            return value.strip(), candidate
    return "", lang
