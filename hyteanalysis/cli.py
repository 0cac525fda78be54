"""The command `hyte`: exits 0 on success, 1 with one clear line on bad input, 2 on bad usage."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from hyteanalysis import places
from hyteanalysis.errors import HyteError, SourceError, one_of

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Inequality between population groups: measures, disclosure-safe releases, dashboards, figures and reports.",
)

Cells = Annotated[Path, typer.Argument(help="Tidy cells (CSV, Excel, Parquet, HEAT template) or a release folder.")]
Metadata = Annotated[
    Path | None, typer.Option("--indicators", help="Indicator metadata; else NAME.indicators.* beside.")
]
Groups = Annotated[Path | None, typer.Option("--groups", help="Group labels; else NAME.groups.* beside.")]
Lang = Annotated[str, typer.Option(help="fi, sv or en.")]


@app.callback(invoke_without_command=True)
def _help(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command()
def dashboard(
    release: Annotated[
        list[Path] | None, typer.Option(help="Release folder; may be repeated. Default: the example.")
    ] = None,
    actions: Annotated[Path | None, typer.Option(help="Folder of actions. Default: the examples.")] = None,
    plan: Annotated[Path | None, typer.Option(help="Plan file. Default: the example.")] = None,
    lang: Lang = "fi",
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")] = 8866,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")] = False,
) -> None:
    """Serve the dashboards with Voilà."""
    from hyteanalysis.apps.server import serve

    serve(release or [places.committed("releases", "example")], lang=lang, port=port, browser=not no_browser)


@app.command()
def lab() -> None:
    """Open JupyterLab on the tutorials."""
    import subprocess

    raise typer.Exit(
        subprocess.run([sys.executable, "-m", "jupyterlab", str(places.notebooks())], check=False).returncode
    )


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
def measures(
    cells: Cells,
    measure: Annotated[
        list[str] | None, typer.Option("-m", "--measure", help="Code or name; repeat. Default: all.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help=".csv, .xlsx, .parquet or .json. Default: the screen.")
    ] = None,
    indicators: Metadata = None,
    level: Annotated[float, typer.Option(help="Confidence level.")] = 0.95,
    se: Annotated[str, typer.Option(help="propagated or model.")] = "propagated",
    model: Annotated[str | None, typer.Option(help="logit, linear or log, for SII and RII.")] = None,
    interval: Annotated[str, typer.Option(help="plain or corrected.")] = "plain",
    draws: Annotated[int, typer.Option(help="Draws of simulated intervals.")] = 10_000,
    seed: Annotated[int | None, typer.Option(help="Seed of simulated intervals.")] = None,
) -> None:
    """Disparities between groups in any tidy file."""
    from hyteanalysis.inequality import disparity

    frame, metadata, origin = _input(cells, indicators)
    gaps = disparity(
        frame, measure or "all", indicators=metadata, level=level, se=se, model=model, interval=interval,
        draws=draws, seed=seed,
    )  # fmt: skip
    _output(gaps.assign(disclosure=origin), out)


@app.command()
def release(
    cells: Cells,
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder of the release.")],
    indicators: Metadata = None,
    groups: Groups = None,
    areas: Annotated[Path | None, typer.Option(help="Names and parents of own areas.")] = None,
    policy: Annotated[str, typer.Option(help="thl, statfin, open, or a YAML file.")] = "thl",
    previous: Annotated[
        list[Path] | None, typer.Option(help="Earlier release to protect together with; repeat.")
    ] = None,
    synthetic: Annotated[bool, typer.Option("--synthetic", help="Mark every shown figure as practice data.")] = False,
) -> None:
    """Make a disclosure-checked release, the only thing dashboards and reports accept."""
    from hyteanalysis import disclosure
    from hyteanalysis.sources import read_groups, read_table

    frame, metadata, _ = _input(cells, indicators)
    made = disclosure.release(
        frame,
        metadata,
        policy=_policy(policy),
        groups=read_groups(groups or cells) if groups or cells.is_file() else None,
        areas=read_table(areas) if areas else None,
        previous=[disclosure.Release.open(folder) for folder in previous or ()],
        synthetic=synthetic,
    )
    made.save(out)
    hidden = int((made.cells["status"] == "suppressed").sum())
    typer.echo(f"{out}: {len(made.cells)} cells, {hidden} of them suppressed (policy {policy}).")


@app.command()
def figure(
    kind: Annotated[str, typer.Argument(help="equiplot, trend, …")],
    release: Annotated[Path, typer.Option(help="Release folder.")],
    out: Annotated[Path, typer.Option("-o", "--out", help=".svg, .png or .pdf; alt text and table go beside it.")],
    indicator: Annotated[str | None, typer.Option(help="Indicator id.")] = None,
    dimension: Annotated[str | None, typer.Option(help="Dimension id, such as education.")] = None,
    area: Annotated[list[str] | None, typer.Option(help="Area code; repeat.")] = None,
    period: Annotated[str | None, typer.Option(help="Default: the newest.")] = None,
    lang: Lang = "fi",
) -> None:
    """One figure for a report, with its text alternative and table beside it."""
    from hyteanalysis import disclosure, figures

    draw = getattr(figures, one_of(kind, figures.KINDS, "figure kind"))
    bundle = draw(
        disclosure.Release.open(release), indicator=indicator, dimension=dimension, areas=area, period=period, lang=lang
    )
    bundle.save(out)
    typer.echo(f"{out}: {bundle.title}")


def _input(cells: Path, indicators: Path | None) -> tuple[Any, Any, str]:
    """Cells and metadata of a file or a release folder, and what may be said of their disclosure."""
    from hyteanalysis.sources import read_indicators, read_table

    if cells.is_dir():
        from hyteanalysis.disclosure import Release

        opened = Release.open(cells)
        return opened.cells, opened.indicators, f"release {opened.id}"
    metadata = read_indicators(indicators or cells)
    if indicators and metadata is None:
        raise SourceError(f"{indicators} holds no indicator metadata (columns indicator, title, unit, kind, scale …).")
    return read_table(cells), metadata, "raw cells, not disclosure-checked"


def _policy(name: str) -> Any:
    from hyteanalysis.disclosure import Policy

    return Policy.read(Path(name)) if name.endswith((".yml", ".yaml")) else Policy.from_profile(name)


def _output(frame: Any, out: Path | None) -> None:
    from hyteanalysis.sources import write_table

    if out is None:
        typer.echo(frame.to_string(index=False))
    else:
        write_table(frame, out)
        typer.echo(f"{out}: {len(frame)} rows ({', '.join(frame['disclosure'].unique())})")


def _one_line(error: Exception) -> str:
    first, *rest = str(error).splitlines() or [type(error).__name__]
    return f"{first} {rest[0]}" + (f" (and {len(rest) - 1} more)" if len(rest) > 1 else "") if rest else first


def main() -> None:
    """Run `hyte`; a refusal is one line on standard error."""
    try:
        app()
    except (HyteError, OSError) as error:
        typer.echo(f"hyte: {_one_line(error)}", err=True)
        sys.exit(1)
