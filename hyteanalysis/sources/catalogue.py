"""The indicators chosen for a wellbeing report, by theme and age group."""

from functools import cache
from importlib.resources import files

import pandas as pd

from hyteanalysis.cells import check_indicators


@cache
def _stored() -> pd.DataFrame:
    with files("hyteanalysis.reference").joinpath("indicators.csv").open(encoding="utf-8") as table:
        return check_indicators(pd.read_csv(table, keep_default_na=False, na_values=[""]))


def catalogue() -> pd.DataFrame:
    """Sotkanet indicators for a wellbeing report.

    Answers: *which official indicators tell how people are, is a high value good, and does it describe people or what
    is done?*

    Returns
    -------
    DataFrame
        Indicator metadata (``indicator, title_fi, title_sv, title_en, unit, kind, scale, favourable, purpose`` …) with
        ``id`` (Sotkanet's number), ``theme``, ``age_group`` and ``hyte_coefficient`` (true where the indicator's
        subject was among the outcomes of the municipalities' wellbeing coefficient as announced in 2018; empty where
        that is not known; the set is revised).

    Examples
    --------
    >>> import hyteanalysis as hyte
    >>> chosen = hyte.sources.catalogue()
    >>> chosen.loc[chosen["id"] == 4404, ["title_fi", "theme", "purpose"]].squeeze().tolist()
    ['Päivittäin tupakoivien osuus (%)', 'lifestyle', 'outcome']
    """
    return _stored().copy()
