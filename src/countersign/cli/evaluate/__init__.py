"""``countersign evaluate``: measure error rates on your own recordings."""

import click

from countersign.cli.evaluate.calibrate import calibrate
from countersign.cli.evaluate.make_trials import make_trials
from countersign.cli.evaluate.run import run


@click.group()
def evaluate() -> None:
    """Measure error rates on your own recordings."""


evaluate.add_command(run)
evaluate.add_command(make_trials)
evaluate.add_command(calibrate)
