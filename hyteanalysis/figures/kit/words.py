"""The words around a figure: subtitle, source, text alternative, "What does this mean?"."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from hyteanalysis import __version__
from hyteanalysis.findings.sentences import state_text
from hyteanalysis.i18n import text

if TYPE_CHECKING:
    from hyteanalysis.disclosure import Release
    from hyteanalysis.findings import Finding


ALT_LIMIT = 250

# gives a text alternative without its last sentence, given a function that shortens one name
Alternative = Callable[[Callable[[str], str]], str]


def source(release: "Release", indicator: str | None, lang: str) -> str:
    """Whose numbers these are and what calculated the rest."""
    meta = release.indicators
    own = meta.loc[meta["indicator"] == indicator, "source"].dropna() if "source" in meta else meta["indicator"][:0]
    said = str(own.iloc[0]) if len(own) else release.source or text("figure.source.unknown", lang)
    return cited(said, lang)


def cited(source: str, lang: str) -> str:
    """A source, and the version of what calculated the rest."""
    return text("figure.source", lang, source=source.rstrip(" ."), version=".".join(__version__.split(".")[:2]))


def mark(release: "Release", lang: str) -> str:
    """What stands on every figure of practice data."""
    return text("figure.synthetic", lang) if release.synthetic else ""


def subtitle(parts: Iterable[str]) -> str:
    """The statistic: what, grouped how, where, when, in which unit."""
    return " · ".join(part for part in parts if part)


def alt(write: Alternative, lang: str) -> str:
    """A text alternative within its limit.

    Parameters
    ----------
    write : callable
        Given a function that shortens one name, gives the text without its last sentence.

    Names are shortened, longest room first, until the whole fits; numbers are never cut.
    """
    end = " " + text("figure.alt.end", lang)
    for room in (200, 120, 80, 60, 45, 35, 28, 22, 16, 10, 6):

        def short(name: str, room: int = room) -> str:
            return name if len(name) <= room else name[: room - 1].rstrip() + "…"

        said = " ".join(write(short).split(" ")) + end
        if len(said) <= ALT_LIMIT:
            return said
    return said[: ALT_LIMIT - len(end) - 1].rsplit(" ", 1)[0] + "…" + end


def notes(found: "Finding", lang: str) -> tuple[str, ...]:
    """What the reader must know of a finding's numbers that are not shown plainly."""
    told = [state for state in found.states if state not in ("no_data", "reversed")]
    return tuple(state_text(found, state, lang) for state in told)


def long_text(kind: str, lang: str, limits: str) -> str:
    """What the figure shows, how to read it, what it does not tell."""
    return "\n\n".join(
        [
            text(f"figure.long.{kind}.shows", lang),
            text(f"figure.long.{kind}.read", lang),
            text(f"figure.long.{limits}", lang),
        ]
    )
