"""The command line: ``countersign``."""

import click


@click.group()
@click.version_option(package_name="countersign")
def main() -> None:
    """Log in with face and voice, answering a one-time challenge."""
