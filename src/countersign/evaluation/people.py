"""Which people may be looked at while choosing, and which are kept for reporting.

Choosing a threshold, a model or a trick on the people that a figure is then reported on makes the figure worthless.
So every person of every data set belongs to one side for good, by a hash of the name that nobody chose.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum, unique


@unique
class Side(StrEnum):
    """A half of the people of a data set."""

    DEVELOP = "develop"
    REPORT = "report"


def side_of(person: str) -> Side:
    """The side a person is on.

    Args:
        person: the folder or speaker name as the data set spells it, without the data set's own name.
    """
    digest = hashlib.sha256(f"countersign:{person}".encode()).digest()
    return Side.DEVELOP if digest[0] % 2 == 0 else Side.REPORT
