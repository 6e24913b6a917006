"""The command line. Exit codes: 0 done, 1 the work failed, 2 the call or the configuration is wrong."""

from __future__ import annotations

import io
import os
import sys
import traceback
from collections.abc import Sequence

import click

from journeys.cli import (
    catalogue,
    check,
    effects,
    forget,
    funnel_statistics,
    funnels,
    identity,
    init,
    paths,
    patterns,
    refresh,
    report,
    rollback,
    sessions,
    status,
    touchpoints,
    ways,
)
from journeys.errors import JourneysError
from journeys.version import VERSION


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that cannot show a character shows its code
            stream.reconfigure(errors="backslashreplace")
    sys.exit(_run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    try:
        code = commands.main(arguments, prog_name="journeys", standalone_mode=False)
    except JourneysError as error:
        _let_go(error)
        click.echo(f"JourneysError {error}", err=True)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return 2
    except SystemExit:  # click's way to end when the reader of its help, such as `head`, has gone
        return 0
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped; what was published before stays", err=True)
        return 1
    except Exception as error:  # the last resort: one line for the operator, the rest only when asked for
        if os.environ.get("JOURNEYS_DEBUG"):
            raise
        _let_go(error)
        click.echo(
            f"JourneysError [unexpected] {type(error).__name__}: {error}\n"
            "  do       run again with JOURNEYS_DEBUG=1 to see where; what was published before stays",
            err=True,
        )
        return 1
    return code if isinstance(code, int) else 0  # a command that has told its error itself ends with its code


def _let_go(error: BaseException | None) -> None:
    """Empty the frames that an error holds: a database connection found there at exit is reported at length."""
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="journeys")
def commands() -> None:
    """Customer journeys from event logs, every night, with numbers that agree."""


for _command in (
    refresh.demo, init.init, refresh.refresh, refresh.backfill, refresh.serve, check.check, status.status,
    rollback.rollback, forget.forget,
    sessions.sessions, *funnels.COMMANDS, *funnel_statistics.COMMANDS, *paths.COMMANDS, *ways.COMMANDS,
    *patterns.COMMANDS, *touchpoints.COMMANDS, effects.effects, catalogue.catalogue, identity.identity, report.report,
):  # fmt: skip
    commands.add_command(_command)
