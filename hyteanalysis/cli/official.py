"""The command `hyte official`: from the services to an approved release of an area's official figures."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hyteanalysis.cli.fetching import Years, pairs_of, words_of, years_of
from hyteanalysis.errors import counted

if TYPE_CHECKING:
    from hyteanalysis.sources.questions import Question

app = typer.Typer()

APPROVAL = "hyteanalysis: numbers that their producers have published"
SPAN = 10  # years back from this one, where none are named


@app.command()
def official(
    areas: Annotated[list[str], typer.Argument(help="Codes or names: HVA10, Kotka, KU091 …")],
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder of the release.")],
    themes: Annotated[list[str] | None, typer.Option("--themes", help="health, lifestyle …; repeat.")] = None,
    years: Years = None,
    base_url: Annotated[
        list[str] | None, typer.Option("--base-url", help="SERVICE=URL (sotkanet, eurostat, boundaries); repeat.")
    ] = None,
    update: Annotated[bool, typer.Option("--update", help="Ask again for what is kept; for a timer.")] = False,
) -> None:
    """Official figures of areas, their municipalities, county, peers and the country, as an approved release."""
    import datetime

    import hyteanalysis as hyte
    from hyteanalysis.sources.fetched import Fetched, write_table
    from hyteanalysis.sources.official import official_boundaries

    now = datetime.datetime.now(tz=datetime.UTC).year
    before = hyte.Release.open(out) if out.exists() else None
    addresses = pairs_of(base_url or [])

    def tell(one: "Question", state: str) -> None:
        typer.echo(f"{one.id} {one.title.get('fi', '')}: {state}", err=True)

    got = hyte.sources.official(
        areas, years=years_of(years) if years else range(now - SPAN, now + 1),
        themes=words_of(themes) if themes else None, base_urls=addresses, update=update, tell=tell,
        earlier=Fetched(before.cells, before.indicators, before.groups) if before else None,
    )  # fmt: skip
    no_map = official_boundaries(addresses.get("boundaries"))
    made = hyte.release(
        got.fetched.cells, got.fetched.indicators, policy=hyte.Policy.from_profile("open"), groups=got.fetched.groups
    )
    if before is None or before.id != made.id:
        made.save(out)
    if not hyte.Release.open(out).approved:
        hyte.disclosure.approve(out, APPROVAL)
    if before is None or not got.changes.empty:
        write_table(got.changes, out.with_name(f"{out.name}.changes.csv"))
    write_table(got.tables, out.with_name(f"{out.name}.tables.csv"))
    columns = ["indicator", "state", "newest", "cells", "why"]
    typer.echo(got.tables[columns].to_string(index=False, max_colwidth=70))
    if no_map:
        typer.echo(f"Boundaries did not come: {no_map}", err=True)
    typer.echo(f"{out}: {counted(len(made.cells), 'cell')}, {counted(len(got.changes), 'change')}.")
