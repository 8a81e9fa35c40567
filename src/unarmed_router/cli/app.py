"""The commands together, and how their errors reach the user: clear lines, and an exit code."""

from __future__ import annotations

import inspect
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated

import typer

import unarmed_router
from unarmed_router.cli import (
    boundaries,
    calibrate,
    compare,
    coverage,
    demo,
    ledger,
    locate,
    network,
    policy,
    roster,
    route,
    simulate,
    staffing,
    warmup,
)
from unarmed_router.cli.exit_codes import BAD_INPUT, FAILURE, INTERRUPTED, OK
from unarmed_router.cli.letters import say_every_letter
from unarmed_router.counted import counted
from unarmed_router.errors import (
    ConfigurationError,
    LedgerBusyError,
    LedgerFullError,
    LedgerLostError,
    PluginError,
    ProcessLostError,
    ServerRefusedError,
    UnarmedRouterError,
)

__all__ = ["app", "main"]

_OF_A_PATH = (
    FileExistsError,
    FileNotFoundError,
    IsADirectoryError,
    NotADirectoryError,
    PermissionError,
)
"""What goes wrong with a path that was named, and not with the machine."""

_OF_THE_MACHINE = (
    LedgerBusyError,
    LedgerFullError,
    LedgerLostError,
    PluginError,
    ProcessLostError,
    ServerRefusedError,
)
"""What no better input mends: the same command may work later."""

app = typer.Typer(
    name="unarmed-router",
    help="Send a crisis call to the nearest eligible unarmed team.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["--help", "-h"]},
    epilog="Exit codes: 0 team recommended, or done; 3 referral, or a check found a fault; "
    "2 bad input; 1 failure; 130 interrupted. --debug anywhere shows the traceback of an error.",
)
app.command(name="route")(route.route)
app.command(name="locate")(locate.locate)
app.command(name="demo")(demo.demo)
app.command(name="simulate")(simulate.simulate)
app.command(name="compare")(compare.compare)
app.command(name="staffing")(staffing.staffing)
app.command(name="coverage")(coverage.coverage)
app.command(name="warmup")(warmup.warmup)
app.add_typer(boundaries.app, name="boundaries")
network.app.command(name="calibrate")(calibrate.calibrate)
network.app.command(name="speeds")(calibrate.speeds)
app.add_typer(network.app, name="network")
app.add_typer(policy.app, name="policy")
app.add_typer(roster.app, name="roster")
app.add_typer(ledger.app, name="ledger")


def _list_whole_sentences(group: typer.Typer) -> None:
    """List each command with its first sentence on as many lines as it takes, not cut short."""
    for command in group.registered_commands:
        first, _, _ = inspect.cleandoc(command.callback.__doc__ or "").partition("\n\n")
        command.short_help = " ".join(first.split())
    for below in group.registered_groups:
        if below.typer_instance is not None:
            below.short_help = below.typer_instance.info.help
            _list_whole_sentences(below.typer_instance)


_list_whole_sentences(app)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"unarmed-router {unarmed_router.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[  # acted on by its callback
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Send a crisis call to the nearest eligible unarmed team."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        What follows the program's name; ``sys.argv[1:]`` when not given.

    Returns
    -------
    int
        The exit code.
    """
    say_every_letter()
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in given
    try:
        # Without standalone mode typer hands back the exit code and raises its own usage errors.
        code = app([a for a in given if a != "--debug"], standalone_mode=False)
    except BrokenPipeError:
        # The reader has gone away, as in `unarmed-router ... | head`: nothing is left to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILURE
    except Exception as error:  # the last place an error can be told in one line
        return _told(error, debug=debug)
    except KeyboardInterrupt:
        return INTERRUPTED
    return code if isinstance(code, int) else OK


def _listed(error: UnarmedRouterError) -> str:
    """Write an error; several faults of one file stand below each other."""
    if isinstance(error, ConfigurationError) and len(error.faults) > 1:
        head = f"{error.source}: {counted(len(error.faults), 'fault')}"
        return "\n- ".join([head, *error.faults])
    return str(error)


def _told(error: Exception, *, debug: bool) -> int:
    """Tell an error on standard error, a line for each fault, and choose the exit code."""
    if debug:
        traceback.print_exception(error, file=sys.stderr)
    if isinstance(error, typer.Abort):
        return INTERRUPTED
    if isinstance(error, UnarmedRouterError):
        typer.echo(f"error: {_listed(error)}", err=True)
        return FAILURE if isinstance(error, _OF_THE_MACHINE) else BAD_INPUT
    # Usage errors, whose class depends on the version of typer, know how to say what is wrong.
    usage = getattr(error, "format_message", None)
    if usage is not None:
        message = usage()
        is_help = message.startswith("Usage:")  # a group without a command shows its help
        typer.echo(message if is_help else f"error: {message} (see --help)", err=True)
        return BAD_INPUT
    if isinstance(error, OSError) and error.filename is not None:
        remedy = "check the path and the space left on its disk"
        if isinstance(error, _OF_A_PATH):
            remedy = "check the path, and who may read and write there"
        typer.echo(f"error: {error.filename}: {error.strerror}; {remedy}", err=True)
        return BAD_INPUT if isinstance(error, _OF_A_PATH) else FAILURE
    hint = "" if debug else "; run it again with --debug for the traceback"
    typer.echo(f"error: {type(error).__name__}: {error}{hint}", err=True)
    return FAILURE
