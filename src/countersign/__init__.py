"""Countersign: log in with face and voice, answering a one-time challenge.

The folders below are the rooms one login runs through, in that order; ``docs/architecture.md`` draws the way.
"""

from importlib.metadata import version

__version__ = version("countersign")
