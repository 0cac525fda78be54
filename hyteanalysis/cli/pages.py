"""Commands that open something (the dashboards, the tutorials, the synthetic example), and the languages they speak."""

import os
import shutil
from pathlib import Path
from typing import Annotated

import typer

from hyteanalysis import places
from hyteanalysis.cli.inputs import Lang
from hyteanalysis.errors import counted

app = typer.Typer()


@app.command()
def dashboard(
    release: Annotated[
        list[Path] | None,
        typer.Option(help="Release folder; may be repeated. Default: official figures, then the practice data."),
    ] = None,
    actions: Annotated[Path | None, typer.Option(help="Folder of actions. Default: the examples.")] = None,
    plan: Annotated[Path | None, typer.Option(help="Plan file.")] = None,
    lang: Lang = "fi",
    port: Annotated[int, typer.Option(help="Port; the next free one of ten is taken.")] = 8866,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")] = False,
    max_sessions: Annotated[int, typer.Option(min=1, help="Pages open at once.")] = 20,
    unapproved: Annotated[
        bool, typer.Option("--unapproved", help="Show releases that nobody has approved, marked as such.")
    ] = False,
    approvers: Annotated[
        Path | None, typer.Option(help="Public keys of those who may approve: only what one of them signed is shown.")
    ] = None,
    base_url: Annotated[str, typer.Option(help="Path under which a reverse proxy serves the pages.")] = "/",
    name: Annotated[list[str] | None, typer.Option(help="Host name of the reverse proxy; may be repeated.")] = None,
    organisation: Annotated[str, typer.Option(help="Whose service it is, for the accessibility statement.")] = "",
    feedback: Annotated[str, typer.Option(help="Address for feedback, for the accessibility statement.")] = "",
    log: Annotated[Path | None, typer.Option(help="File of the pages' errors. Default: a temporary one.")] = None,
) -> None:
    """Serve the dashboards with Voilà, on this machine; docs/hosting.md tells how to serve others."""
    from hyteanalysis.apps.kit.library import Library
    from hyteanalysis.apps.server import serve

    releases = release or [places.committed("releases", name) for name in ("real", "example")]
    for folder, fault in Library(releases, unapproved=unapproved, approvers=approvers).faults.items():
        typer.echo(f"hyte: {folder} is not shown: {fault} The pages say so in its stead.", err=True)
    typer.echo("Starting; the address follows when the pages are ready.", err=True)
    serve(
        releases,
        actions=actions or places.committed("actions"),
        plan=plan,
        lang=lang,
        port=port,
        browser=not no_browser,
        base_url=base_url,
        names=name or (),
        max_sessions=max_sessions,
        organisation=organisation,
        feedback=feedback,
        unapproved=unapproved,
        approvers=approvers,
        log=log,
    )


@app.command()
def lab(
    folder: Annotated[
        Path | None,
        typer.Argument(help="Folder to work in. Default: notebooks of the checkout, else hyteanalysis-notebooks here."),
    ] = None,
    port: Annotated[int, typer.Option(help="Port; the next free one is taken.")] = 8888,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")] = False,
) -> None:
    """Open JupyterLab on the tutorials; a folder of one's own gets those it lacks, and nothing in it is replaced."""
    from jupyterlab.labapp import LabApp

    if folder is None and places.installed():
        folder = Path("hyteanalysis-notebooks")  # what is written into the installed package is lost with its upgrade
    if folder is not None:
        shutil.copytree(places.notebooks(), folder, dirs_exist_ok=True, copy_function=_unless_there)
    asked = [str(folder or places.notebooks()), f"--port={port}"]
    asked += ["--no-browser"] if no_browser else []
    # Jupyter asks whether root is meant; it listens on this machine only, and asks for its token
    asked += ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    LabApp.launch_instance(asked)


def _unless_there(source: str, target: str) -> str:
    return target if os.path.exists(target) else shutil.copy2(source, target)


@app.command()
def example(
    out: Annotated[Path, typer.Argument(help="Folder to make: people/*.parquet, schema.yml, cells.parquet.")],
    people: Annotated[int, typer.Option(min=1, help="Person rows.")] = 100_000,
    seed: Annotated[int, typer.Option(help="The same seed makes the same people.")] = 1,
) -> None:
    """Make the synthetic population and its cells."""
    from hyteanalysis.sources import example as synthetic

    synthetic.write(out, people=people, seed=seed)
    typer.echo(f"{out}: a synthetic population; its figures describe no real area.")


@app.command()
def languages() -> None:
    """List the languages, and the texts that each lacks and says in the language it falls back on."""
    from hyteanalysis.i18n import LANGUAGES, missing

    for code, language in LANGUAGES.items():
        lacking = missing(code)
        said = f"{len(lacking)} missing, said in {language.fallback}" if lacking else "complete"
        typer.echo(f"{code}  {language.name}: {counted(len(language.texts), 'text')}, {said}")
        for key in lacking:
            typer.echo(f"    {key}")
