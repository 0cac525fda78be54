"""Commands that compute: disparities, and whom an action would help most."""

from pathlib import Path
from typing import Annotated

import typer

from hyteanalysis.cli.inputs import Cells, Metadata, Seed, read, write


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
    seed: Seed = None,
) -> None:
    """Disparities between groups in any tidy file."""
    from hyteanalysis.inequality import disparity

    frame, metadata, origin = read(cells, indicators)
    gaps = disparity(
        frame, measure or "all", indicators=metadata, level=level, se=se, model=model, interval=interval,
        draws=draws, seed=seed,
    )  # fmt: skip
    write({"measures": gaps}, out, origin)


def benefit(
    action: Annotated[Path, typer.Argument(help="The action's YAML file.")],
    cells: Cells,
    out: Annotated[Path | None, typer.Option("-o", "--out", help=".xlsx, .json, or .csv (by group only).")] = None,
    indicators: Metadata = None,
    budget: Annotated[
        float | None, typer.Option(help="Euros to share: adds scenarios and the best allocation.")
    ] = None,
    draws: Annotated[int, typer.Option(help="Draws of the uncertain inputs.")] = 10_000,
    seed: Seed = None,
) -> None:
    """Which groups an action would help most, under its assumptions."""
    from hyteanalysis import actions
    from hyteanalysis.disclosure import Release

    if cells.is_dir():
        release = Release.open(cells)
        made = actions.impact(release, actions.Action.read(action), draws=draws, seed=seed)
        origin = f"release {release.id}"
    else:
        frame, metadata, origin = read(cells, indicators)
        made = actions.impact(frame, actions.Action.read(action), indicators=metadata, draws=draws, seed=seed)
    frames = {
        "by_group": made.by_group,
        "rankings": made.rankings(),
        "inequality": made.inequality,
        "plane": made.plane(),
        "assumptions": made.assumptions,
    }
    if budget is not None:
        frames["scenarios"] = actions.scenarios(made, budget=budget)
        frames["allocation"] = actions.allocate(made, budget=budget).frame
    write({"by_group": made.by_group} if out and out.suffix.lower() == ".csv" else frames, out, origin)
    for sentence in made.sentences("en"):
        typer.echo(sentence)
