"""Texts of the interface in each language, with their plural forms, and texts that the data's owner gave."""

from collections.abc import Iterator, Mapping
from typing import Any

from hyteanalysis.errors import HyteError, one_of
from hyteanalysis.i18n.formats import Numeral
from hyteanalysis.i18n.languages import LANGS, LANGUAGES, Forms, Language, chain, known


def keys(lang: str) -> Mapping[str, str]:
    """All keys that a language has a text of its own for, each with its text; of plural forms the general one."""
    return {key: list(_spread(said))[-1] for key, said in known(lang).texts.items()}


def forms(key: str, lang: str) -> tuple[str, ...]:
    """All plural forms of a text, the general one last; one text where nothing is counted.

    >>> forms("figure.areas", "en")
    ('{number} area', '{number} areas')
    """
    return tuple(_spread(_found(key, lang)[0]))


def missing(lang: str) -> list[str]:
    """Keys that other languages have and this one lacks: shown in the language it falls back on.

    >>> missing("sv")
    []
    """
    everything = dict.fromkeys(key for one in LANGUAGES.values() for key in one.texts)
    return [key for key in everything if key not in known(lang).texts]


def text(key: str, lang: str, **values: Any) -> str:
    """The text of a key in a language, its ``{placeholders}`` filled with ``values``.

    Where the text has plural forms (``{"number": {"one": …, "other": …}}`` by the placeholder that counts), CLDR's rule
    of the language chooses among them. A key that the language lacks is said in the one that it falls back on.

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
    >>> from hyteanalysis.i18n import integer
    >>> [text("figure.areas", "en", number=integer(number, "en")) for number in (1, 2)]
    ['1 area', '2 areas']
    """
    said, language = _found(key, lang)
    try:
        while not isinstance(said, str):
            ((counted, of),) = said.items()
            said = of.get(_category(values[counted], language), of["other"])
        return said.format(**values) if values else said
    except (KeyError, IndexError) as error:
        raise HyteError(f"text {key!r} needs a value for {error}; given: {', '.join(values) or 'none'}") from None


def own_text(row: Mapping[str, Any], stem: str, lang: str) -> tuple[str, str]:
    """A text that the data's owner gave (title, label): in ``lang``, else in the language there is, named beside it.

    >>> own_text({"title_fi": "Yksinäisyys"}, "title", "sv")
    ('Yksinäisyys', 'fi')
    """
    for candidate in dict.fromkeys((*chain(lang), *LANGS)):
        value = row.get(f"{stem}_{candidate}")
        if isinstance(value, str) and value.strip():
            return value.strip(), candidate
    return "", lang


def told(row: Mapping[str, Any], name: str, lang: str) -> tuple[str, str]:
    """The same of what may stand in one column without a language (source, notes), which is then taken as ``lang``.

    >>> told({"source": "Tilastokeskus", "source_sv": "Statistikcentralen"}, "source", "sv")
    ('Statistikcentralen', 'sv')
    >>> told({"source": "Tilastokeskus"}, "source", "sv")
    ('Tilastokeskus', 'sv')
    """
    said = own_text(row, name, lang)
    plain = row.get(name)
    return said if said[0] or not isinstance(plain, str) else (plain.strip(), lang)


def _found(key: str, lang: str) -> tuple[Forms, Language]:
    """A text and the language it stands in."""
    for code in chain(lang):
        language = LANGUAGES[code]
        if key in language.texts:
            return language.texts[key], language
    one_of(key, LANGUAGES[code].texts, "text key")
    raise AssertionError(key)


def _category(value: Any, language: Language) -> str:
    """CLDR's category of a number as it is written; ``other`` for what is no single number, such as an interval."""
    if isinstance(value, Numeral):
        return str(language.locale.plural_form(value.value))
    digits = str(value)
    return str(language.locale.plural_form(int(digits))) if digits.isdecimal() else "other"


def _spread(said: Forms) -> Iterator[str]:
    """Every form of a text, the general one last."""
    if isinstance(said, str):
        yield said
        return
    ((_, of),) = said.items()
    for category in sorted(of, key="other".__eq__):
        yield from _spread(of[category])
