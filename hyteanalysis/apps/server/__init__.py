"""The dashboard server; the only part of the package that imports Voilà, and only when it is asked to serve."""

from typing import Any

__all__ = ["serve"]


def __getattr__(name: str) -> Any:
    if name != "serve":  # the process that kernels are forked from is in this room and needs no Voilà
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from hyteanalysis.apps.server.application import serve

    return serve
