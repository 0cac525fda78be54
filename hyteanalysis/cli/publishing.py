"""Commands by which numbers leave the house: a release and its audit."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from hyteanalysis.cells import KEYS
from hyteanalysis.cli.inputs import Cells, Groups, Metadata, made_up, read
from hyteanalysis.errors import counted

app = typer.Typer()


@app.command()
def release(
    cells: Cells,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Folder of the release.")] = None,
    indicators: Metadata = None,
    groups: Groups = None,
    areas: Annotated[Path | None, typer.Option(help="Names and parents of own areas.")] = None,
    policy: Annotated[str, typer.Option(help="thl, statfin, open, or a YAML file.")] = "thl",
    previous: Annotated[
        list[Path] | None, typer.Option(help="Earlier release to protect together with; repeat.")
    ] = None,
    approve: Annotated[
        str | None, typer.Option(help="Who approves this very content for dashboards; without -o, of a release there.")
    ] = None,
    synthetic: Annotated[
        bool,
        typer.Option(
            "--synthetic", help="Mark every shown figure as practice data; so are cells whose schema says it."
        ),
    ] = False,
) -> None:
    """Make a disclosure-checked release, the only thing dashboards and reports accept; or approve one that is there."""
    from hyteanalysis import disclosure
    from hyteanalysis.sources import read_groups, read_table

    if out is None:
        if not (approve and cells.is_dir()):
            raise typer.BadParameter("name the folder to write with -o, or a release folder to --approve")
        disclosure.approve(cells, approve)
        typer.echo(f"{cells}: approved by {approve}.")
        return
    frame, metadata, _ = read(cells, indicators)
    made = disclosure.release(
        frame,
        metadata,
        policy=disclosure.Policy.read(Path(policy))
        if policy.endswith((".yml", ".yaml"))
        else disclosure.Policy.from_profile(policy),
        groups=read_groups(groups or cells) if groups or cells.is_file() else None,
        areas=read_table(areas) if areas else None,
        previous=[disclosure.Release.open(folder) for folder in previous or ()],
        synthetic=synthetic or made_up(cells),
        progress=sys.stderr.isatty(),
    )
    made.save(out)
    if approve:
        disclosure.approve(out, approve)
    hidden = int((made.cells["status"] == "suppressed").sum())
    typer.echo(f"{out}: {counted(len(made.cells), 'cell')}, {hidden} of them suppressed (policy {policy}).")


@app.command()
def audit(
    release: Annotated[Path, typer.Argument(help="Release folder.")],
    previous: Annotated[list[Path] | None, typer.Option(help="Earlier release that readers have too; repeat.")] = None,
) -> None:
    """Attack a release from its files alone; exit 0 only if nothing unsafe is shown or can be worked out."""
    from hyteanalysis import disclosure

    opened = disclosure.Release.open(release)
    earlier = [disclosure.Release.open(folder) for folder in previous or ()]
    found = disclosure.audit(opened, previous=earlier, progress=sys.stderr.isatty())
    told = found.summary
    if found.safe:
        typer.echo(
            f"{release}: safe. {told['suppressed']} of {told['cells']} numbers are hidden, {told['attacked']} were "
            f"attacked, none can be worked out too closely (policy {opened.policy.name})."
        )
        return
    typer.echo(
        f"{release}: NOT SAFE. {counted(len(found.unsafe), 'number is', 'numbers are')} shown "
        "or can be worked out too closely:"
    )
    typer.echo(found.unsafe[[*KEYS, "low", "high", "reason"]].to_string(index=False))
    raise typer.Exit(1)
