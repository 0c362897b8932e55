"""``heatward``: gathers the commands, and imports each only when it is used."""

from __future__ import annotations

import importlib
import sys
from importlib.util import find_spec

import click

from heatward_node.errors import EXIT_CONFIGURATION, ConfigurationError

from . import __version__
from .errors import HeatwardError
from .locale import message, terminal_texts

COMMANDS = {
    "run": message("run the collector: ingest, view, evaluate, web"),
    "status": message("show every stage from node to view, and what to do where one is wrong"),
    "backup": message("back up everything while it runs: evidence, registry, cases, keys"),
    "restore": message("begin from a backup; the nodes refill what it lacks"),
    "support-bundle": message("one archive for whoever helps, without names or homes"),
    "check-config": message("check a configuration file without starting anything"),
    "registry": message("places, heat network, sensors: import, export, check"),
    "enrolment": message("certificates of nodes: found the authority, list, revoke"),
    "node-kit": message("cards for nodes: make, label, check"),
    "people": message("accounts and roles: add, list, links, tokens, the log"),
    "outdoor": message("outdoor temperatures: import, fetch, show"),
    "ledger": message("the evidence: verify it, show it"),
    "timeseries": message("the view of the evidence: rebuild it, verify it"),
    "supervise": message("papers of cases: order as PDF, register as XLSX, text for a group"),
    "evidence": message("evidence packs: make one as PDF and zip, verify one without a network"),
    "rounds": message("today's round of measurements on site: which doors, and why"),
    "spot-checks": message("measurements on site: add one, compare it, correct a sensor by it"),
    "complaints": message("complaints of residents: import, add, show beside the readings"),
    "assess": message("assess suppliers by month or season: pass rates with bounds, red cards"),
    "refund": message("refunds of a season: days under every tier, amounts, what they rest on"),
    "case": message("cases: list, show, act on, explain"),
    "alert": message("alerts: test the channels"),
    "dashboards": message("Grafana: give it the dashboards, write them, draw the map"),
    "judge": message("judge recorded readings from files: findings and verdicts"),
    "replay": message("play a recording through the whole line"),
    "demo": message("play a demo district through the whole line"),
    "simulate": message("simulate buildings with labelled events"),
    "score": message("score the detection of suppressed heating"),
    "bench": message("measure this machine"),
    "torture": message("faults on the whole line with real servers, and what became of the books"),
}
"""Every command and its one-line help; ``a-b`` lives in ``commands/a_b.py`` as ``a_b``."""

WHAT = message("Heatward: room temperatures as evidence, verdicts and alerts.")


class LazyCommands(click.Group):
    """A group whose help needs no import of what it lists."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Return the installed commands in the order in which one meets them."""
        return [name for name in COMMANDS if find_spec(_module_of(name)) is not None]

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Import the room of one command."""
        if name not in self.list_commands(context):
            return None
        module = importlib.import_module(_module_of(name))
        command: click.Command = getattr(module, name.replace("-", "_"))
        return command

    def format_help_text(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what the program is, in the language of the terminal."""
        with formatter.indentation():
            formatter.write_paragraph()
            formatter.write_text(terminal_texts()(WHAT))

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands in the language of the terminal."""
        say = terminal_texts()
        with formatter.section(say("Commands")):
            formatter.write_dl(
                [(name, say(COMMANDS[name])) for name in self.list_commands(context)]
            )


def _module_of(name: str) -> str:
    return f"{__package__}.commands.{name.replace('-', '_')}"


@click.group(cls=LazyCommands)
@click.version_option(__version__, prog_name="heatward")
def heatward() -> None:
    """Gather the commands; see ``WHAT``."""


def main() -> None:
    """Run the command line; an expected error is one message, not a traceback."""
    try:
        heatward()
    except ConfigurationError as error:
        click.echo(str(error), err=True)
        sys.exit(EXIT_CONFIGURATION)
    except HeatwardError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
