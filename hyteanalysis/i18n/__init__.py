"""Texts and number formats in Finnish, Swedish, English, and whatever language has a file beside theirs.

Every text a viewer sees is a key of ``fi.json``, ``sv.json`` and ``en.json``; what another language lacks is said in
the one that it falls back on. Numbers follow the house rules: decimal comma and no-break space in Finnish and Swedish,
decimal point and comma in English, minus U+2212, intervals with an en dash, dates 9.3.2026 in Finnish and Swedish and
9 March 2026 in English.
"""

from hyteanalysis.i18n.formats import (
    MINUS,
    NBSP,
    NO_NUMBER,
    Numeral,
    date,
    integer,
    interval,
    number,
    percent,
    when,
    with_interval,
)
from hyteanalysis.i18n.languages import LANGS, LANGUAGES, Code, chain, language, set_language, spoken
from hyteanalysis.i18n.names import Names
from hyteanalysis.i18n.texts import forms, keys, missing, own_text, text, told
from hyteanalysis.i18n.units import Unit

__all__ = [
    "LANGS",
    "LANGUAGES",
    "MINUS",
    "NBSP",
    "NO_NUMBER",
    "Code",
    "Names",
    "Numeral",
    "Unit",
    "chain",
    "date",
    "forms",
    "integer",
    "interval",
    "keys",
    "language",
    "missing",
    "number",
    "own_text",
    "percent",
    "set_language",
    "spoken",
    "text",
    "told",
    "when",
    "with_interval",
]
