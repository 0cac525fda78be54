"""The dashboard server; the only part of the package that imports Voilà."""

from hyteanalysis.apps.server.serving import serve

__all__ = ["serve"]
