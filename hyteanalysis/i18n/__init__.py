"""Texts and number formats in Finnish, Swedish and English.

Every text a viewer sees is a key of ``fi.json``, ``sv.json`` and ``en.json``. Numbers follow the house rules: decimal
comma and no-break space in Finnish and Swedish, decimal point and comma in English, minus U+2212, intervals with an
en dash, dates 9.3.2026 in Finnish and Swedish and 9 March 2026 in English.
"""

from hyteanalysis.i18n.formats import (
    MINUS,
    NBSP,
    NO_NUMBER,
    date,
    integer,
    interval,
    number,
    percent,
    when,
    with_interval,
)
from hyteanalysis.i18n.language import language, set_language, spoken
from hyteanalysis.i18n.names import Names
from hyteanalysis.i18n.texts import LANGS, keys, own_text, text
from hyteanalysis.i18n.units import Unit

__all__ = [
    "LANGS",
    "MINUS",
    "NBSP",
    "NO_NUMBER",
    "Names",
    "Unit",
    "date",
    "integer",
    "interval",
    "keys",
    "language",
    "number",
    "own_text",
    "percent",
    "set_language",
    "spoken",
    "text",
    "when",
    "with_interval",
]
