"""Commands that open something: the dashboards, the tutorials, the synthetic example."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from hyteanalysis import places
from hyteanalysis.cli.inputs import Lang


def dashboard(
    release: Annotated[
        list[Path] | None, typer.Option(help="Release folder; may be repeated. Default: the example.")
    ] = None,
    actions: Annotated[Path | None, typer.Option(help="Folder of actions. Default: the examples.")] = None,
    plan: Annotated[Path | None, typer.Option(help="Plan file.")] = None,
    lang: Lang = "fi",
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")] = 8866,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")] = False,
    max_sessions: Annotated[int, typer.Option(min=1, help="Pages open at once.")] = 20,
) -> None:
    """Serve the dashboards with Voilà."""
    from hyteanalysis.apps.server import serve

    serve(
        release or [places.committed("releases", "example")],
        actions=actions or places.committed("actions"),
        plan=plan,
        lang=lang,
        port=port,
        browser=not no_browser,
        max_sessions=max_sessions,
    )


def lab() -> None:
    """Open JupyterLab on the tutorials."""
    raise typer.Exit(
        subprocess.run([sys.executable, "-m", "jupyterlab", str(places.notebooks())], check=False).returncode
    )


def example(
    out: Annotated[Path, typer.Argument(help="Folder to make: people/*.parquet, schema.yml, cells.parquet.")],
    people: Annotated[int, typer.Option(min=1, help="Person rows.")] = 100_000,
    seed: Annotated[int, typer.Option(help="The same seed makes the same people.")] = 1,
) -> None:
    """Make the synthetic population and its cells."""
    from hyteanalysis.sources import example as synthetic

    synthetic.write(out, people=people, seed=seed)
    typer.echo(f"{out}: a synthetic population; its figures describe no real area.")
