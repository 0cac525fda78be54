"""Texts and number formats in Finnish, Swedish and English.

Every text a viewer sees is a key of ``fi.json``, ``sv.json`` and ``en.json``. Numbers follow the house rules: decimal
comma and no-break space in Finnish and Swedish, decimal point and comma in English, minus U+2212, intervals with an
en dash, dates 9.3.2026 in Finnish and Swedish and 9 March 2026 in English.
"""

import json
import math
from collections.abc import Mapping
from datetime import date as Date
from functools import cache
from importlib.resources import files
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal

from hyteanalysis.errors import HyteError, one_of

LANGS = ("fi", "sv", "en")
NBSP = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"
NO_NUMBER = ".."  # the statistical offices' mark for a number that is not given, whatever the reason

_LOCALE = {"fi": "fi_FI", "sv": "sv_FI", "en": "en_GB"}
_DATE = {"fi": "d.M.y", "sv": "d.M.y", "en": "d MMMM y"}

__all__ = [
    "LANGS",
    "NO_NUMBER",
    "date",
    "integer",
    "interval",
    "keys",
    "number",
    "own_text",
    "percent",
    "text",
]


@cache
def _texts(lang: str) -> dict[str, str]:
    """One language's file, read once."""
    one_of(lang, LANGS, "language")
    loaded: dict[str, str] = json.loads(files(__name__).joinpath(f"{lang}.json").read_text(encoding="utf-8"))
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


def number(value: float, lang: str, decimals: int = 1) -> str:
    """A number with a fixed number of decimals; ``..`` where there is none.

    >>> number(-1234.56, "fi"), number(1234.56, "en", 0)
    ('−1\\xa0234,6', '1,235')
    """
    one_of(lang, LANGS, "language")
    if value is None or value != value:
        return NO_NUMBER
    if math.isinf(value):
        return ("" if value > 0 else MINUS) + "∞"
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    shown: str = format_decimal(float(value), format=pattern, locale=_LOCALE[lang])
    shown = shown.replace("-", MINUS).replace("\N{NARROW NO-BREAK SPACE}", NBSP)
    return shown.lstrip(MINUS) if not any(digit in shown for digit in "123456789") else shown


def integer(value: float, lang: str) -> str:
    """A whole number.

    >>> integer(12345.6, "fi")
    '12\\xa0346'
    """
    return number(value, lang, 0)


def percent(value: float, lang: str, decimals: int = 1) -> str:
    """A percentage; ``value`` is in per cent (22.1, not 0.221).

    >>> percent(22.1, "fi"), percent(22.1, "en")
    ('22,1\\xa0%', '22.1%')
    """
    shown = number(value, lang, decimals)
    if shown == NO_NUMBER:
        return shown
    return f"{shown}%" if lang == "en" else f"{shown}{NBSP}%"


def interval(lower: float, upper: float, lang: str, decimals: int = 1) -> str:
    """Two limits with an en dash; spaced where a minus sign stands beside it.

    >>> interval(12.1, 15.4, "fi"), interval(-1.2, 3, "en")
    ('12,1–15,4', '−1.2\\xa0–\\xa03.0')
    """
    low, high = number(lower, lang, decimals), number(upper, lang, decimals)
    if NO_NUMBER in (low, high):
        return NO_NUMBER
    between = f"{NBSP}{DASH}{NBSP}" if MINUS in low + high else DASH
    return f"{low}{between}{high}"


def date(value: Date | str, lang: str) -> str:
    """A day, given as a date or as ISO text.

    >>> date("2026-03-09", "fi"), date("2026-03-09", "en")
    ('9.3.2026', '9 March 2026')
    """
    one_of(lang, LANGS, "language")
    if isinstance(value, str):
        try:
            value = Date.fromisoformat(value[:10])
        except ValueError:
            raise HyteError(f"date must be ISO text such as '2026-03-09'; not {value!r}") from None
    shown: str = format_date(value, format=_DATE[lang], locale=_LOCALE[lang])
    return shown


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
