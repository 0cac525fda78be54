"""Numbers, intervals, percentages and dates by the house rules."""

import math
from datetime import date as Date
from decimal import Decimal
from functools import lru_cache

from babel.dates import format_date
from babel.numbers import format_decimal

from hyteanalysis.errors import HyteError
from hyteanalysis.i18n.languages import known

NBSP = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"
NO_NUMBER = ".."  # the statistical offices' mark for a number that is not given, whatever the reason


class Numeral(str):
    """A number as it is written; it still knows its amount, by which :func:`text` chooses a plural form.

    Attributes
    ----------
    value : Decimal
        The amount with the decimals that are shown, without its sign: 1,0 is not counted as 1 is.
    """

    value: Decimal

    @classmethod
    def of(cls, shown: str, decimals: int) -> "Numeral":
        """The numeral of what is shown."""
        numeral = cls(shown)
        numeral.value = Decimal(int("".join(filter(str.isdecimal, shown)))).scaleb(-decimals)
        return numeral


def number(value: float, lang: str, decimals: int = 1) -> str:
    """A number with a fixed number of decimals; ``..`` where there is none.

    >>> number(-1234.56, "fi"), number(1234.56, "en", 0)
    ('−1\\xa0234,6', '1,235')
    """
    known(lang)
    if value is None or value != value:
        return NO_NUMBER
    if math.isinf(value):
        return ("" if value > 0 else MINUS) + "∞"
    return _formatted(float(value), lang, decimals)


@lru_cache(maxsize=20_000)  # a page says the same few thousand numbers over and over
def _formatted(value: float, lang: str, decimals: int) -> Numeral:
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    shown: str = format_decimal(value, format=pattern, locale=known(lang).locale)
    shown = shown.replace("-", MINUS).replace("\N{NARROW NO-BREAK SPACE}", NBSP)
    shown = shown.lstrip(MINUS) if not any(digit in shown for digit in "123456789") else shown
    return Numeral.of(shown, decimals)


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
    return shown if shown == NO_NUMBER else known(lang).percent.format(number=shown)


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


def with_interval(value: float, lower: float, upper: float, lang: str, decimals: int = 1) -> str:
    """A number and, where both limits are known, its interval in brackets.

    >>> with_interval(110, 60, 170, "fi", 0), with_interval(110, float("nan"), 170, "fi", 0)
    ('110 (60–170)', '110')
    """
    shown = number(value, lang, decimals)
    return shown if shown == NO_NUMBER else shown + in_brackets(interval(lower, upper, lang, decimals))


def in_brackets(limits: str) -> str:
    """Limits as they follow a number; nothing where they are not known."""
    return "" if limits == NO_NUMBER else f" ({limits})"


def when(period: str) -> str:
    """A period as people read it.

    >>> when("2021-2023"), when("2025")
    ('2021–2023', '2025')
    """
    return period.replace("-", DASH)


def date(value: Date | str, lang: str) -> str:
    """A day, given as a date or as ISO text.

    >>> date("2026-03-09", "fi"), date("2026-03-09", "en")
    ('9.3.2026', '9 March 2026')
    """
    language = known(lang)
    if isinstance(value, str):
        try:
            value = Date.fromisoformat(value[:10])
        except ValueError:
            raise HyteError(f"date must be ISO text such as '2026-03-09'; not {value!r}") from None
    shown: str = format_date(value, format=language.date, locale=language.locale)
    return shown
