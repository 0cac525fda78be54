"""How far long work is: a bar where somebody waits, on a terminal or in a notebook; nothing in a file or a log."""

import sys
from collections.abc import Iterable
from typing import Any

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
