"""The register of areas: which exist in a year, their names, centre points, population, and classes."""

from functools import cache
from importlib.resources import files

import pandas as pd

from hyteanalysis.errors import HyteError, one_of
from hyteanalysis.i18n import LANGS, chain

YEARS = range(2013, 2027)  # the years whose area division the reference tables hold


def known_year(year: int) -> int:
    """The year itself, if its area division is known."""
    if year not in YEARS:
        raise HyteError(
            f"The area division of {year} is not known; known are {YEARS[0]}–{YEARS[-1]}. "
            "Name the year of the division your codes follow, which may differ from the year of the figures."
        )
    return int(year)


@cache
def reference_table(name: str) -> pd.DataFrame:
    """One reference table as stored; an empty year means open: before the first known year, or still in force."""
    with files("hyteanalysis.reference").joinpath(f"{name}.csv").open(encoding="utf-8") as file:
        frame = pd.read_csv(file, keep_default_na=False, na_values=[""])
    whole = ["first_year", "last_year", "population", "population_year"]
    return frame.astype({column: "Int64" for column in whole if column in frame})


def in_force(frame: pd.DataFrame, year: int) -> pd.DataFrame:
    """The rows valid in a year, without their years of validity."""
    valid = (frame["first_year"].fillna(YEARS[0]) <= year) & (frame["last_year"].fillna(YEARS[-1]) >= year)
    return frame[valid].drop(columns=["first_year", "last_year"]).reset_index(drop=True)


def reference(year: int | None = None) -> pd.DataFrame:
    """Official areas with their names, centre points and population.

    Answers: *which areas are there, what are they called, where do they lie and how big are they?*

    Parameters
    ----------
    year : int, optional
        Areas of this year's division, 2013–2026. None: every area that existed in any of these years.

    Returns
    -------
    DataFrame
        ``area, level, label_fi, label_sv, label_en, first_year, last_year, lon, lat, population, population_year``,
        from the whole country down. ``first_year, last_year`` are empty where open: there already in 2013, still there
        in 2026. ``lon, lat`` (WGS 84 degrees) are the centroid of the land area (computed in EPSG:3067 from the
        boundaries of 2024), empty for areas abolished before. ``population`` is that of ``population_year`` within that
        year's borders: for most areas 2022; the rows of a division add up to it only where every row has that year.

    Raises
    ------
    HyteError
        If the year's division is not known.

    Notes
    -----
    Wellbeing services counties and collaborative areas exist by law since 2023. Their figures are back-cast, so they
    are listed for every year. Sources: Statistics Finland, classifications, boundaries and population; THL, Sotkanet
    regions (names of sub-regions). CC BY 4.0; see ``reference/README.md``.

    Examples
    --------
    >>> from hyteanalysis import areas
    >>> towns = areas.reference(2025)
    >>> towns.loc[towns["area"] == "KU285", ["level", "label_fi", "label_sv", "population", "population_year"]]
                level label_fi label_sv  population  population_year
    222  municipality    Kotka    Kotka       50617             2022
    """
    if year is None:
        return reference_table("areas").copy()
    kept = in_force(reference_table("areas"), known_year(year))[["area"]]
    return kept.merge(reference_table("areas"), on="area", validate="one_to_one")


@cache
def labels() -> dict[str, dict[str, str]]:
    """Names by area and language."""
    frame = reference_table("areas").set_index("area")
    return {lang: frame[f"label_{lang}"].to_dict() for lang in LANGS if f"label_{lang}" in frame}


def name(code: str, lang: str, areas: pd.DataFrame | None = None) -> str:
    """Name of an area for a reader.

    Parameters
    ----------
    code : str
        Area code or own id.
    lang : str
        ``fi``, ``sv`` or ``en``.
    areas : DataFrame, optional
        Own names: ``area`` and any of ``label_fi, label_sv, label_en``. They go before the official names; a name given
        in other languages only is shown in the first of fi, sv, en that is there.

    Returns
    -------
    str
        The name. A postal area shows its five digits, an unknown id shows itself: a page with a bare id is better than
        no page. Whether a code exists is :func:`check_codes`'s to say.

    Examples
    --------
    >>> from hyteanalysis import areas
    >>> areas.name("HVA10", "sv"), areas.name("KU285", "fi"), areas.name("PNO48100", "en"), areas.name("harbour", "en")
    ('Kymmenedalens välfärdsområde', 'Kotka', '48100', 'harbour')
    """
    one_of(lang, LANGS, "language")
    if areas is not None:
        row = areas[areas["area"] == code]
        for column in dict.fromkeys(f"label_{other}" for other in (*chain(lang), *LANGS)):
            if column in row and len(found := row[column].dropna()) and found.iloc[0]:
                return str(found.iloc[0])
    official = next(labels()[one] for one in chain(lang) if one in labels())
    return official.get(code, code.removeprefix("PNO") if code.removeprefix("PNO").isdigit() else code)


def classes(year: int = 2025) -> pd.DataFrame:
    """Urban–rural and language class of every municipality in a year.

    Answers: *what kind of municipality do people live in?* – a dimension that any municipal figure can be grouped by.

    Parameters
    ----------
    year : int
        Year of the division and of both classifications, 2013–2026.

    Returns
    -------
    DataFrame
        ``area, urbanity, language_class``, a row a municipality. ``urbanity``: ``urban``, ``semi-urban``, ``rural``
        (Statistics Finland's statistical grouping of municipalities). ``language_class``: ``fi``, ``fi-majority``
        (bilingual, Finnish-speaking majority), ``sv-majority``, ``sv``.

    Raises
    ------
    HyteError
        If the year's division is not known.

    Examples
    --------
    >>> from hyteanalysis import areas
    >>> areas.classes(2025)["language_class"].value_counts().to_dict()
    {'fi': 259, 'fi-majority': 18, 'sv': 16, 'sv-majority': 15}
    """
    return in_force(reference_table("area_classes"), known_year(year))
