"""The command `hyte fetch`: official data into a file of tidy cells, with its metadata beside it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hyteanalysis import places
from hyteanalysis.errors import SourceError, counted

if TYPE_CHECKING:
    from hyteanalysis.sources.fetched import Fetched

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Official data into tidy cells: resumable, kept on disk, polite. Repeat a command that was interrupted.",
)

Out = Annotated[Path | None, typer.Option("-o", "--out", help=".parquet or .csv. Default: in the folder data/raw.")]
BaseUrl = Annotated[str | None, typer.Option("--base-url", help="Another address of the service.")]
Refresh = Annotated[bool, typer.Option("--refresh", help="Ask again for what is kept on disk.")]
Stale = Annotated[bool, typer.Option("--stale", help="Use an old copy where the service fails, marked with its age.")]
Timeout = Annotated[float | None, typer.Option("--timeout", min=0.1, help="Seconds without a byte before a retry.")]
Areas = Annotated[list[str] | None, typer.Option("--areas", help="kunta, hva, maakunta, maa … or area codes; repeat.")]
Years = Annotated[list[str] | None, typer.Option("--years", help="2009, 2015:2024 or 2015,2020; repeat.")]


@app.command()
def sotkanet(
    ids: Annotated[list[str] | None, typer.Argument(help="Indicator ids, as --indicators.", show_default=False)] = None,
    indicators: Annotated[list[str] | None, typer.Option("--indicators", help="Indicator ids; repeat.")] = None,
    years: Years = None,
    areas: Areas = None,
    genders: Annotated[str, typer.Option(help="Which to keep.")] = "total,female,male",
    families: Annotated[
        bool, typer.Option("--families", help="Fetch the same indicators by education and age too.")
    ] = False,
    out: Out = None,
    base_url: BaseUrl = None,
    refresh: Refresh = False,
    stale: Stale = False,
    timeout: Timeout = None,
) -> None:
    """Indicators of THL's Sotkanet. Find their ids with `hyte fetch search WORDS`."""
    from hyteanalysis import sources

    wanted = words_of([*(indicators or []), *(ids or [])])
    if not wanted or not years:
        raise typer.BadParameter("name at least one indicator (--indicators 4404) and the years (--years 2015:2024)")
    fetched = sources.sotkanet(
        wanted, areas=words_of(areas or ["hva"]), years=years_of(years), genders=words_of([genders]), families=families,
        base_url=base_url, refresh=refresh, stale=stale, timeout=timeout,
    )  # fmt: skip
    _save(fetched, out or places.fetched("sotkanet.parquet"))


@app.command()
def statfin(
    table: Annotated[str, typer.Argument(help="Subject and table, such as vaerak/11re.")],
    areas: Areas = None,
    years: Years = None,
    by: Annotated[
        list[str] | None, typer.Option("--by", help="sex, age, language, education, or a variable's name; repeat.")
    ] = None,
    contents: Annotated[list[str] | None, typer.Option("--contents", help="Code or name of contents; repeat.")] = None,
    where: Annotated[
        list[str] | None, typer.Option("--where", help="VARIABLE=VALUE instead of the total; repeat.")
    ] = None,
    lang: Annotated[str, typer.Option(help="Language of names: fi, sv or en.")] = "fi",
    database: Annotated[str, typer.Option(help="StatFin, StatFin_Passiivi, Kuntien_avainluvut …")] = "StatFin",
    out: Out = None,
    base_url: BaseUrl = None,
    refresh: Refresh = False,
    stale: Stale = False,
    timeout: Timeout = None,
) -> None:
    """A table of Statistics Finland."""
    from hyteanalysis import sources

    fetched = sources.statfin(
        table, areas=words_of(areas) if areas else None, years=years_of(years) if years else None, by=by or (),
        contents=contents, where=pairs_of(where or []), lang=lang, database=database,
        base_url=base_url, refresh=refresh, stale=stale, timeout=timeout,
    )  # fmt: skip
    _save(fetched, out or places.fetched(f"statfin-{table.rpartition('/')[2].removesuffix('.px')}.parquet"))


@app.command()
def eurostat(
    table: Annotated[str, typer.Argument(help="Code of the table, such as hlth_silc_14.")],
    by: Annotated[list[str] | None, typer.Option("--by", help="Dimension whose values become groups; repeat.")] = None,
    geo: Annotated[list[str] | None, typer.Option("--geo", help="Country or union; repeat. Default: FI, EU27.")] = None,
    years: Years = None,
    where: Annotated[list[str] | None, typer.Option("--where", help="DIMENSION=CODE instead of the total.")] = None,
    favourable: Annotated[bool, typer.Option("--favourable", help="A high value is good.")] = False,
    out: Out = None,
    base_url: BaseUrl = None,
    refresh: Refresh = False,
    stale: Stale = False,
    timeout: Timeout = None,
) -> None:
    """A table of Eurostat, of Finland beside the European Union."""
    from hyteanalysis import sources
    from hyteanalysis.sources.eurostat import COUNTRY, UNION

    fetched = sources.eurostat(
        table, by=by or (), geo=geo or (COUNTRY, UNION), years=years_of(years) if years else None,
        where=pairs_of(where or []), favourable=favourable, base_url=base_url, refresh=refresh, stale=stale,
        timeout=timeout,
    )  # fmt: skip
    _save(fetched, out or places.fetched(f"eurostat-{table}.parquet"))


@app.command()
def thl(
    cube: Annotated[str, typer.Argument(help="subject/hydra/cube. Without --indicator: shows its dimensions.")],
    indicator: Annotated[str | None, typer.Option("--indicator", help="Dimension that is the indicator.")] = None,
    area: Annotated[str, typer.Option(help="Dimension that is the area.")] = "region",
    period: Annotated[str, typer.Option(help="Dimension that is the period.")] = "time",
    by: Annotated[list[str] | None, typer.Option("--by", help="DIMENSION=OURS, such as bg=disability; repeat.")] = None,
    where: Annotated[list[str] | None, typer.Option("--where", help="DIMENSION=VALUE instead of the whole.")] = None,
    areas: Areas = None,
    periods: Annotated[list[str] | None, typer.Option("--periods", help="Labels of periods; repeat.")] = None,
    indicators: Annotated[list[str] | None, typer.Option("--indicators", help="Labels or sids; repeat.")] = None,
    kind: Annotated[str, typer.Option(help="proportion, mean or count.")] = "proportion",
    favourable: Annotated[bool, typer.Option("--favourable", help="A high value is good.")] = False,
    lang: Annotated[str, typer.Option(help="Language of names: fi, sv or en.")] = "fi",
    out: Out = None,
    base_url: BaseUrl = None,
    refresh: Refresh = False,
    stale: Stale = False,
    timeout: Timeout = None,
) -> None:
    """Facts of one of THL's cubes, with confidence limits and respondents."""
    from hyteanalysis import sources

    if indicator is None:
        tree = sources.thl_dimensions(cube, lang=lang, base_url=base_url, refresh=refresh, stale=stale, timeout=timeout)
        typer.echo(tree.drop(columns="parent").to_string(index=False))
        return
    fetched = sources.thl(
        cube, area=area, period=period, indicator=indicator, by=pairs_of(by or []), where=pairs_of(where or []),
        areas=words_of(areas) if areas else None, periods=periods, indicators=indicators, kind=kind,
        favourable=favourable, lang=lang, base_url=base_url, refresh=refresh, stale=stale, timeout=timeout,
    )  # fmt: skip
    _save(fetched, out or places.fetched(f"thl-{cube.rpartition('/')[2]}.parquet"))


@app.command()
def boundaries(
    level: Annotated[str, typer.Argument(help="kunta, seutukunta, maakunta, hva or postinumero.")] = "kunta",
    year: Annotated[int, typer.Option(help="Year of the division.")] = 2025,
    scale: Annotated[str, typer.Option(help="4500k or 1000k.")] = "4500k",
    base_url: BaseUrl = None,
    refresh: Refresh = False,
    stale: Stale = False,
    timeout: Timeout = None,
) -> None:
    """Boundaries of areas, used by maps at once."""
    from hyteanalysis import sources
    from hyteanalysis.areas import level as level_of

    shapes = sources.boundaries(
        level, year, scale=scale, base_url=base_url, refresh=refresh, stale=stale, timeout=timeout
    )
    kept = places.fetched("boundaries", f"{level_of(shapes['area'].iloc[0])}.gpkg")
    typer.echo(f"{kept}: {counted(len(shapes), 'area')} of {year}.")


@app.command()
def search(
    words: Annotated[list[str], typer.Argument(help="Words in Finnish, Swedish or English.")],
    lang: Annotated[str | None, typer.Option(help="Look in titles of this language only: fi, sv or en.")] = None,
    base_url: BaseUrl = None,
    refresh: Refresh = False,
    stale: Stale = False,
    timeout: Timeout = None,
) -> None:
    """Sotkanet's indicators whose title holds all the words."""
    from hyteanalysis import sources

    found = sources.search_sotkanet(
        " ".join(words), lang=lang, base_url=base_url, refresh=refresh, stale=stale, timeout=timeout
    )
    for one, title in zip(found["id"], found[f"title_{lang or 'fi'}"], strict=True):
        typer.echo(f"{one}\t{title}")
    typer.echo(f"{counted(len(found), 'indicator')}.", err=True)


def words_of(given: list[str]) -> list[str]:
    """Options that were repeated or joined by commas."""
    return [word for one in given for word in one.replace(",", " ").split()]


def pairs_of(given: list[str]) -> dict[str, str]:
    """Options of the form NAME=VALUE."""
    for one in given:
        if "=" not in one:
            raise SourceError(f"{one!r}: write NAME=VALUE.")
    return {name.strip(): value.strip() for name, _, value in (one.partition("=") for one in given)}


def years_of(given: list[str]) -> list[int]:
    """Years of ``2009``, ``2015:2024`` (both ends) and lists of them."""
    years: list[int] = []
    for one in words_of(given):
        first, _, last = one.partition(":")
        if not (first.isdigit() and (last.isdigit() or ":" not in one)):
            raise SourceError(f"--years takes 2009, 2015:2024 or 2015,2020; not {one!r}.")
        if int(last or first) < int(first):
            raise SourceError(f"--years {one}: the first year is after the last. Write {last}:{first}.")
        years += range(int(first), int(last or first) + 1)
    return years


def _save(fetched: "Fetched", out: Path) -> None:
    fetched.save(out)
    missing = int((fetched.cells["status"] == "missing").sum())
    told = f", {missing} of them not published" if missing else ""
    typer.echo(
        f"{out}: "
        f"{counted(len(fetched.cells), 'cell')} of {counted(fetched.cells['indicator'].nunique(), 'indicator')}{told}."
    )
    for row in fetched.indicators.dropna(subset="notes").itertuples():
        typer.echo(f"{row.indicator}: {row.notes}", err=True)
