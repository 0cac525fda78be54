"""Commands by which numbers leave the house: a release and its audit."""

import sys
from pathlib import Path
from typing import Annotated, Any

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
    hierarchy: Annotated[Path | None, typer.Option(help="area, parent: which area lies in which.")] = None,
    policy: Annotated[str, typer.Option(help="thl, statfin, open, or a YAML file.")] = "thl",
    relations: Annotated[
        Path | None, typer.Option(help="YAML file of what adds up: indicators, part_of, groups, periods, independent.")
    ] = None,
    exhaustive: Annotated[
        list[str] | None, typer.Option(help="Indicators that add up to the population, with commas between; repeat.")
    ] = None,
    keep: Annotated[
        list[str] | None, typer.Option(help="method or note: a text column that tells nothing of hidden numbers.")
    ] = None,
    previous: Annotated[
        list[Path] | None, typer.Option(help="Earlier release to protect together with; repeat.")
    ] = None,
    maker: Annotated[str | None, typer.Option(help="Who makes it, and so cannot approve it.")] = None,
    approve: Annotated[
        str | None, typer.Option(help="Without -o: who approves the very content of a release that is there.")
    ] = None,
    sign: Annotated[Path | None, typer.Option(help="With --approve: the approver's own Ed25519 key (PEM).")] = None,
    synthetic: Annotated[
        bool,
        typer.Option("--synthetic", help="Mark every shown figure as practice data, where the cells' schema says it."),
    ] = False,
    approver: Annotated[
        str | None,
        typer.Option(help="With --synthetic, of cells without such a schema: who answers for it."),
    ] = None,
    advise: Annotated[
        bool, typer.Option("--advise", help="Say what was hidden, and which level to leave out to show most.")
    ] = False,
) -> None:
    """Make a disclosure-checked release, the only thing dashboards and reports accept; or approve one that is there."""
    from hyteanalysis import disclosure
    from hyteanalysis.sources import read_groups, read_table

    if out is None and not advise:
        if not (approve and cells.is_dir()):
            raise typer.BadParameter("name the folder to write with -o, or a release folder to --approve")
        disclosure.approve(cells, approve, key=sign)
        typer.echo(f"{cells}: approved by {approve}{', signed' if sign else ''}.")
        return
    if approve or sign:
        raise typer.BadParameter("make the release first; then another person approves it (without -o)")
    practice = made_up(cells) or _practice(cells)
    if synthetic and not practice and not (approver and approver.strip()):
        raise typer.BadParameter(
            "--synthetic is for cells of made-up people, whose schema says so; else name who answers for it: --approver"
        )
    frame, metadata, _ = read(cells, indicators)
    options: dict[str, Any] = {
        "policy": disclosure.Policy.read(Path(policy))
        if policy.endswith((".yml", ".yaml"))
        else disclosure.Policy.from_profile(policy),
        "groups": read_groups(groups or cells) if groups or cells.is_file() else None,
        "areas": read_table(areas) if areas else None,
        "hierarchy": read_table(hierarchy) if hierarchy else None,
        "relations": disclosure.Relations.read(relations) if relations else None,
        "exhaustive": [tuple(one.strip() for one in group.split(",")) for group in exhaustive or ()],
        "previous": [disclosure.Release.open(folder) for folder in previous or ()],
        "progress": sys.stderr.isatty(),
    }
    if advise:
        typer.echo(disclosure.advice(frame, metadata, **options).to_string(index=False))
    if out is None:
        return
    made = disclosure.release(
        frame,
        metadata,
        keep=keep or (),
        synthetic=synthetic or made_up(cells),
        synthetic_by="the schema of the cells" if practice else approver if synthetic else None,
        maker=maker,
        **options,
    )
    made.save(out)
    hidden = int((made.cells["status"] == "suppressed").sum())
    typer.echo(f"{out}: {counted(len(made.cells), 'cell')}, {hidden} of them suppressed (policy {policy}).")


def _practice(cells: Path) -> bool:
    """Whether cells lie beside the schema of made-up people, as the example maker writes them."""
    from hyteanalysis.sources.microdata.schema import Schema

    schema = cells.with_name("schema.yml")
    return schema.is_file() and bool(Schema.read(schema).declared.get("synthetic"))


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
