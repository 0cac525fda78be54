"""Commands that compute: disparities, and whom an action would help most."""

import sys
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from hyteanalysis.cli.inputs import Cells, Metadata, Seed, read, write
from hyteanalysis.errors import one_of


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
    area: Annotated[
        list[str] | None, typer.Option(help="Area codes of one level; repeat. Default: the level with most areas.")
    ] = None,
    period: Annotated[str | None, typer.Option(help="Default: the newest with numbers.")] = None,
    budget: Annotated[
        float | None, typer.Option(help="Euros to share: adds scenarios and the best allocation.")
    ] = None,
    draws: Annotated[int, typer.Option(help="Draws of the uncertain inputs.")] = 10_000,
    seed: Seed = None,
    lang: Annotated[str, typer.Option(help="Language of the answer: fi, sv or en.")] = "en",
) -> None:
    """Which groups an action would help most: an estimate under its assumptions."""
    from hyteanalysis import actions, i18n
    from hyteanalysis.disclosure import Release

    one_of(lang, i18n.LANGS, "language")
    described = actions.Action.read(action)
    if cells.is_dir():
        source: Release | pd.DataFrame = Release.open(cells)
        metadata, origin = None, f"release {source.id}"
    else:
        source, metadata, origin = read(cells, indicators)
    made = actions.impact(source, described, indicators=metadata, areas=area, period=period, draws=draws, seed=seed)
    if out and out.suffix.lower() == ".csv":
        frames = {"by_group": made.by_group}
    else:
        frames = actions.report_frames(made, budget=budget, lang=lang, progress=sys.stderr.isatty())
    write(frames, out, origin)
    for sentence in made.sentences(lang):
        typer.echo(sentence)
