"""A kind of figure is a plain function and one declaration; this file holds the declarations.

The command ``hyte figure``, the pages' panels, ``docs/figures.md`` and the common tests read them.
"""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeVar

from hyteanalysis.figures.kit.bundle import FigureBundle

Of = Literal["release", "impact", "result", "plan"]
Need = Literal["areas", "indicators", "one area", "periods", "order", "ages", "crossed", "budget"]
Draw = TypeVar("Draw", bound=Callable[..., FigureBundle])

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "figures.md"
SUBJECTS: dict[Of, str] = {
    "release": "Of a release",
    "plan": "Of a release and a plan",
    "impact": "Of what an action does, made from a release",
    "result": "Of a researcher's fitted result, under a policy",
}
NEEDS: dict[Need, str] = {
    "areas": "several areas of one kind, which it compares",
    "indicators": "all indicators of an area, which stand together",
    "one area": "one area",
    "periods": "two periods or more",
    "order": "ordered groups",
    "ages": "populations by age and one more dimension",
    "crossed": "a crossed dimension",
    "budget": "a sum of money",
}


@dataclass(frozen=True)
class Kind:
    """What the command, the pages, the documentation and the common tests know of a kind of figure.

    Attributes
    ----------
    name : str
        As the function is called.
    draw : callable
    of : {"release", "impact", "result", "plan"}
        What it is drawn of.
    needs : frozenset
        What must be there, or be named: keys of ``NEEDS``.
    explains : bool
        Whether it says why a gap is there, rather than how large it is.
    """

    name: str
    draw: Callable[..., FigureBundle]
    of: Of
    needs: frozenset[Need]
    explains: bool

    @cached_property
    def takes(self) -> frozenset[str]:
        """Names of the options, such as ``indicator``, ``width``."""
        return frozenset(list(inspect.signature(self.draw).parameters)[1:])

    def only(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Those of the options that it takes."""
        return {name: value for name, value in options.items() if name in self.takes}

    @property
    def question(self) -> str:
        """The question it answers."""
        return (self.draw.__doc__ or "").partition("\n")[0]


REGISTRY: dict[str, Kind] = {}


def figure(kind: str, *, of: Of, needs: Iterable[Need] = (), explains: bool = False) -> Callable[[Draw], Draw]:
    """Declare a kind of figure: the decorated function draws it; attributes are those of :class:`Kind`."""

    def declare(draw: Draw) -> Draw:
        if kind in REGISTRY:
            raise ValueError(f"figure {kind} is declared twice")
        REGISTRY[kind] = Kind(kind, draw, of, frozenset(needs), explains)
        return draw

    return declare


def reference_page() -> str:
    """``docs/figures.md``, as the declarations say."""
    parts = ["# Figures, one by one\n", _HEAD]
    for of, heading in SUBJECTS.items():
        rows = [_row(kind) for kind in REGISTRY.values() if kind.of == of]
        parts.append("\n".join([f"## {heading}\n", "| Kind | Answers | Needs |", "|---|---|---|", *rows, ""]))
    return "\n".join(parts)


def write() -> None:
    """Write ``docs/figures.md`` anew."""
    DOCUMENT.write_text(reference_page(), encoding="utf-8")


_HEAD = """Made from the declarations in `hyteanalysis/figures/`; a test holds this page against them.
`python -c "from hyteanalysis.figures.kit import registry; registry.write()"` writes it anew.

`hyte.figures.KIND(…)` gives a `FigureBundle`: the figure with its table, its text alternative, its source and notes.
`hyte figure KIND --release DIR … -o FILE` writes one, of a release, a plan or an action.
"""


def _row(kind: Kind) -> str:
    needs = "; ".join(said for need, said in NEEDS.items() if need in kind.needs)
    return f"| `{kind.name}` | {kind.question} | {needs} |"
