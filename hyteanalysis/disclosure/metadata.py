"""What goes with a release's numbers: metadata of the indicators, groups and areas in use, and of nothing else."""

import pandas as pd

from hyteanalysis import areas as areal
from hyteanalysis.cells import check_groups, check_indicators, parts, reference_groups
from hyteanalysis.errors import DisclosureError, one_of
from hyteanalysis.i18n import LANGS


def used_indicators(cells: pd.DataFrame, indicators: pd.DataFrame | None) -> pd.DataFrame:
    """Metadata of the indicators in use; without any, what the cells say."""
    used = pd.Index(cells["indicator"].unique())
    if indicators is not None:
        return check_indicators(indicators).set_index("indicator").loc[used].reset_index()
    told = cells.drop_duplicates("indicator").set_index("indicator")
    return pd.DataFrame(
        {
            "indicator": used,
            "title_en": used,
            "unit": "",
            "kind": "index",
            "scale": told["scale"].fillna(1.0).to_numpy() if "scale" in told else 1.0,
            "favourable": told["favourable"].fillna(False).astype(bool).to_numpy() if "favourable" in told else False,
        }
    )


def used_groups(cells: pd.DataFrame, own: pd.DataFrame | None) -> pd.DataFrame:
    """Labels of the groups and dimensions in use: the owner's first, then the common ones, then ids alone."""
    used = cells[["dimension", "group"]].drop_duplicates()
    single = {
        (part, one)
        for row in used.itertuples(index=False)
        for part, one in zip(parts(row.dimension), parts(row.group), strict=True)
    }
    single |= {("dimension", part) for part, _ in single}
    known = pd.concat([*([] if own is None else [check_groups(own)]), reference_groups()], ignore_index=True)
    known = known.drop_duplicates(["dimension", "group"])
    wanted = pd.DataFrame(sorted(single), columns=["dimension", "group"], dtype="str")
    return wanted.merge(known, on=["dimension", "group"], how="left", validate="one_to_one")


def used_areas(tree: pd.DataFrame, own: pd.DataFrame | None) -> pd.DataFrame:
    """Names of the areas in use: the owner's first, then the official ones, then the id."""
    if own is not None:
        one_of("area", own.columns, "areas= columns", DisclosureError)
    named = {f"label_{lang}": [areal.name(area, lang, own) for area in tree["area"]] for lang in LANGS}
    return tree.assign(**named).astype("str")


def joined(indicators: pd.DataFrame, column: str) -> str | None:
    """What all indicators say of their source or licence, each once."""
    said = list(dict.fromkeys(indicators[column].dropna())) if column in indicators else []
    return "; ".join(map(str, said)) or None
