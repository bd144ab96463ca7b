"""The command line: ``countersign``.

Commands are imported when they are called, so that ``countersign --help`` does not wait for matplotlib.
"""

from __future__ import annotations

import os
from importlib import import_module

import click

from countersign.core.errors import CountersignError

# One call, one thread: matrix products that spread over all cores wait for each other in a loop while face, voice and words
# are looked at side by side, and take three times as much of the processor. NumPy reads this when it is first imported.
for _variable in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")

_COMMANDS = {
    "applications": ("countersign.cli.applications:applications", "Register applications that log people in here."),
    "attack": ("countersign.cli.attack:attack", "Make presentation attacks from recordings, to test with."),
    "audit": ("countersign.cli.audit:audit", "Verify and export the audit log."),
    "bench": ("countersign.cli.bench:bench", "Time every stage of a login."),
    "demo": ("countersign.cli.demo.command:demo", "Let sample people enrol and each try to log in as each."),
    "doctor": ("countersign.cli.doctor:doctor", "Say what is unsafe about this installation."),
    "evaluate": ("countersign.cli.evaluate:evaluate", "Measure error rates on files of trials."),
    "fingerprint": (
        "countersign.cli.fingerprint:fingerprint",
        "Show what a replay memory knows files by; compare them.",
    ),
    "keys": ("countersign.cli.keys:keys", "Create, list, rotate and retire the keys that protect references."),
    "models": ("countersign.cli.models:models", "List, pull and verify models, and show their licences."),
    "serve": ("countersign.cli.serve:serve", "Serve accounts, pages and API."),
    "users": ("countersign.cli.users:users", "List, lock and erase accounts; make an operator."),
}


class _LazyGroup(click.Group):
    """A group whose commands are imported when they are asked for; errors with a code end the command, not in a trace."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in _COMMANDS:
            return None
        module, _, attribute = _COMMANDS[cmd_name][0].partition(":")
        command = getattr(import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{module}:{attribute} is no command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        with formatter.section("Commands"):
            formatter.write_dl([(name, _COMMANDS[name][1]) for name in sorted(_COMMANDS)])

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except CountersignError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_LazyGroup)
@click.version_option(package_name="countersign")
def main() -> None:
    """Log in with face and voice, judged on your own server."""
