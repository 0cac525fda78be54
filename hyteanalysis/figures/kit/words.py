"""The words around a figure: subtitle, source, the mark of practice data, notes."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from hyteanalysis import __version__
from hyteanalysis.findings.sentences import state_text
from hyteanalysis.i18n import text, told

if TYPE_CHECKING:
    from hyteanalysis.disclosure import Release
    from hyteanalysis.findings import Finding


# gives a text alternative without its last sentence, given a function that shortens one name
Alternative = Callable[[Callable[[str], str]], str]


def source(release: "Release", indicator: str | None, lang: str) -> str:
    """Whose numbers these are and what calculated the rest."""
    meta = release.indicators
    own = [told(row, "source", lang)[0] for row in meta[meta["indicator"] == indicator].to_dict("records")]
    return cited("".join(own) or release.source or text("figure.source.unknown", lang), lang)


def cited(source: str, lang: str) -> str:
    """A source, and the version of what calculated the rest."""
    return text("figure.source", lang, source=source.rstrip(" ."), version=".".join(__version__.split(".")[:2]))


def mark(release: "Release", lang: str) -> str:
    """What stands on every figure of practice data."""
    return text("figure.synthetic", lang) if release.synthetic else ""


def subtitle(parts: Iterable[str]) -> str:
    """The statistic: what, grouped how, where, when, in which unit."""
    return " · ".join(part for part in parts if part)


def notes(found: "Finding", lang: str) -> tuple[str, ...]:
    """What the reader must know of a finding's numbers that are not shown plainly."""
    told = [state for state in found.states if state not in ("no_data", "reversed", "many_groups")]
    return tuple(state_text(found, state, lang) for state in told)
