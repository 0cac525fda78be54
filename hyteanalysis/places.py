"""Where dashboards, example data and fetched files lie: the checkout, else inside the installed wheel."""

import os
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parent


def _kept(name: str) -> Path:
    """A folder of the repository: beside the package in a checkout, inside it in a wheel."""
    beside = _CHECKOUT / name
    return beside if (_CHECKOUT / "pyproject.toml").is_file() and beside.is_dir() else _PACKAGE / name


def installed() -> bool:
    """Whether the package stands in an environment, without its checkout."""
    return notebooks().parent == _PACKAGE


def dashboards() -> Path:
    """The folder that Voilà serves."""
    return _kept("dashboards")


def notebooks() -> Path:
    """The tutorials that `hyte lab` opens."""
    return _kept("notebooks")


def committed(*parts: str) -> Path:
    """A file or folder of the committed data, such as ``committed("releases", "example")``."""
    return _kept("data").joinpath(*parts)


def fetched(*parts: str) -> Path:
    """A file or folder of fetched data: under ``$HYTE_DATA``, else in ``data`` of the folder one stands in."""
    return Path(os.environ.get("HYTE_DATA", "data")).joinpath("raw", *parts)
