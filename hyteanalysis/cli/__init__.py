"""The command `hyte`: exits 0 on success, 1 with one clear line on bad input, 2 on bad usage."""

import sys

import typer

from hyteanalysis.errors import HyteError

try:
    from hyteanalysis.cli import analysis, fetching, looking, official, pages, planning, publishing, reporting
except HyteError as error:  # a faulty file of a further language is met as soon as the languages are read
    raise SystemExit(f"hyte: {error}") from None

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Inequality between population groups: measures, disclosure-safe releases, dashboards, figures and reports.",
)
for room in (looking, official, pages, analysis, publishing, reporting):
    app.add_typer(room.app)
app.add_typer(fetching.app, name="fetch")
app.add_typer(planning.app, name="plan")
app.add_typer(analysis.actions_app, name="action")
app.add_typer(analysis.evidence_app, name="evidence")


@app.callback(invoke_without_command=True)
def _help(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


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
