"""Names of a release's indicators, areas, dimensions and groups in a language."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hyteanalysis.i18n.texts import own_text

if TYPE_CHECKING:
    import pandas as pd

_CROSS = " × "


class Names:
    """What a viewer reads in place of ids; an id without a name is shown as it is.

    Parameters
    ----------
    indicators, groups, areas : DataFrame
        The metadata of a release. Names of dimensions are groups of the dimension ``dimension``.
    """

    def __init__(self, indicators: "pd.DataFrame", groups: "pd.DataFrame", areas: "pd.DataFrame") -> None:
        self._indicators = {row["indicator"]: row for row in _rows(indicators, "title")}
        self._areas = {row["area"]: row for row in _rows(areas, "label")}
        self._groups = {(row["dimension"], row["group"]): row for row in _rows(groups, "label")}
        self._places = {key: i for i, key in enumerate(self._groups)}

    def indicator(self, indicator: str, lang: str) -> str:
        """The title of an indicator."""
        return own_text(self._indicators.get(indicator, {}), "title", lang)[0] or indicator

    def indicator_language(self, indicator: str, lang: str) -> str:
        """The language that :meth:`indicator` answers in, where the owner gave the title in one language only."""
        return own_text(self._indicators.get(indicator, {}), "title", lang)[1]

    def area(self, area: str, lang: str) -> str:
        """The name of an area."""
        return own_text(self._areas.get(area, {}), "label", lang)[0] or area

    def knows_area(self, area: str) -> bool:
        """Whether the area is among those named."""
        return area in self._areas

    def place(self, dimension: str, group: str) -> tuple[int, ...]:
        """Where a group stands in the metadata, part by part; unknown ones stand last."""
        pairs = zip(dimension.split(_CROSS), group.split(_CROSS), strict=False)
        return tuple(self._places.get(pair, len(self._places)) for pair in pairs)

    def group(self, dimension: str, group: str, lang: str) -> str:
        """The label of a group; crossed groups join their parts' labels."""
        own = own_text(self._groups.get((dimension, group), {}), "label", lang)[0]
        if own:
            return own
        dimensions, groups = dimension.split(_CROSS), group.split(_CROSS)
        if len(groups) > 1 and len(dimensions) == len(groups):
            return ", ".join(self.group(*pair, lang) for pair in zip(dimensions, groups, strict=True))
        return group

    def dimension(self, dimension: str, lang: str) -> str:
        """The name of a dimension; crossed dimensions join their parts' names."""
        return _CROSS.join(
            own_text(self._groups.get(("dimension", part), {}), "label", lang)[0] or part
            for part in dimension.split(_CROSS)
        )


def _rows(frame: "pd.DataFrame", stem: str) -> list[Mapping[str, Any]]:
    """Rows as mappings, keys and texts only."""
    columns = [column for column in frame.columns if column.startswith(stem) or column in _IDS]
    rows: list[Mapping[str, Any]] = frame[columns].to_dict("records")
    return rows


_IDS = ("indicator", "area", "dimension", "group")
