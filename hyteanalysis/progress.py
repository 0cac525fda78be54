"""How far long work is: a bar where somebody waits, steps told to a page that may stop it, nothing else."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from hyteanalysis.errors import HyteError

WHOLE = 1000  # parts of the whole work
_SHARES = (0.25, 0.40, 0.35)  # of numbers, figures drawn, file written

Progress = Callable[[int, int, str], bool | None]


class Cancelled(HyteError):
    """The report was stopped by whoever waited for it; nothing was written."""


class Steps:
    """Counts pieces of work in three parts: numbers, figures, the file.

    Parameters
    ----------
    progress : callable, optional
        Called as ``progress(done, total, words)`` before each piece; answering False stops the work.
    """

    def __init__(self, progress: Progress | None = None) -> None:
        self._progress = progress
        self._part, self._expected, self._seen, self._name = -1, 1, 0, ""

    def part(self, name: str, expected: int) -> None:
        """Begin the next part, of about ``expected`` pieces."""
        self._part = min(self._part + 1, len(_SHARES) - 1)
        self._expected, self._seen, self._name = max(expected, 1), 0, name
        self._tell(name)

    def __call__(self, words: str) -> None:
        """One piece of work."""
        self._seen += 1
        self._tell(f"{self._name}: {words}")

    def finish(self, words: str) -> None:
        """All is done."""
        if self._progress is not None:
            self._progress(WHOLE, WHOLE, words)

    def _tell(self, words: str) -> None:
        if self._progress is None:
            return
        before = sum(_SHARES[: self._part])
        inside = _SHARES[self._part] * min(self._seen / self._expected, 1.0)
        if self._progress(round(WHOLE * (before + inside)), WHOLE, words) is False:
            raise Cancelled("the report was stopped; nothing was written")


@contextmanager
def told(progress: Progress | bool | None) -> Iterator[Progress]:
    """What tells how far the work is: the caller's own function, else a bar where somebody waits."""
    if callable(progress):
        yield progress
        return
    look = "{l_bar}{bar}| {postfix}"
    with bar(total=WHOLE, what="report", unit="step", shown=progress, bar_format=look) as line:

        def tell(done: int, total: int, words: str) -> None:
            line.set_postfix_str(words[:60], refresh=False)
            line.update(WHOLE * done / total - line.n)

        yield tell


PATIENCE = 1.0  # seconds before a bar is shown: quick work shows none


def bar(
    things: Iterable[Any] | None = None,
    *,
    what: str,
    unit: str,
    total: int | None = None,
    shown: bool | None = None,
    **look: Any,
) -> Any:
    """A ``tqdm`` bar over ``things``, or one of ``total`` pieces to be updated.

    Parameters
    ----------
    things : iterable, optional
    what, unit : str
        What is done, and what is counted.
    total : int, optional
    shown : bool, optional
        None: after a second, where somebody waits. True: at once, wherever. False: never.
    **look
        As ``tqdm`` takes them.

    Examples
    --------
    >>> sum(bar([1, 2, 3], what="adding", unit="number", shown=False))
    6
    """
    seen = watched() if shown is None else shown
    if seen and in_notebook():
        from tqdm.notebook import tqdm as kind
    else:
        from tqdm import tqdm as kind
    delay = PATIENCE if shown is None else 0.0
    return kind(things, total=total, desc=what, unit=unit, disable=not seen, delay=delay, **look)


def watched() -> bool:
    """Whether somebody waits: a notebook's cell, or a terminal."""
    return in_notebook() or sys.stderr.isatty()


def in_notebook() -> bool:
    """Whether a Jupyter kernel runs this; IPython is not imported to find out."""
    shell = sys.modules.get("IPython")
    here = shell.get_ipython() if shell is not None else None
    return getattr(here, "kernel", None) is not None
