"""Blocks of memory shared with a decoding process, used again once nothing in this process looks at them any more.

Fresh memory is dear: on a virtual machine the first touch of 60 pictures' worth of pages takes longer than many a
decoding. What an earlier file left in a block is no secret from the process: its own heap holds as much.
"""

from __future__ import annotations

import mmap
import os
import weakref
from collections import deque
from typing import Final

from countersign.media.limits import MIB
from countersign.media.messages import mapped, shared_file

_MOST_SPARE: Final = 2
_LARGEST_SPARE: Final = 128 * MIB


class Segments:
    """Takes and keeps shared blocks of one size. Thread-safe.

    Args:
        size: bytes of each block; only what is written to takes memory.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._spare: deque[int] = deque()
        self._owner = os.getpid()

    def take(self) -> int:
        """A block's descriptor, to be given back by `view` or `drop`."""
        if self._owner != os.getpid():
            # The server forked, and the parent goes on using these blocks.
            self._spare, self._owner = deque(), os.getpid()
        try:
            return self._spare.pop()
        except IndexError:
            return shared_file(self.size)

    def view(self, descriptor: int) -> mmap.mmap:
        """Map a block for reading; once the mapping and all arrays in it are gone, the block may be taken again."""
        memory = mapped(descriptor, self.size, writable=False)
        weakref.finalize(memory, self._give_back, descriptor, os.getpid()).atexit = False
        return memory

    def drop(self, descriptor: int) -> None:
        """Give up a block for good: whatever still maps it keeps it."""
        os.close(descriptor)

    def clear(self) -> None:
        """Give up all blocks that nobody uses now."""
        while self._spare:
            self.drop(self._spare.pop())

    def _give_back(self, descriptor: int, owner: int) -> None:
        small = os.fstat(descriptor).st_blocks * 512 <= _LARGEST_SPARE
        if owner == os.getpid() == self._owner and len(self._spare) < _MOST_SPARE and small:
            self._spare.append(descriptor)
        else:
            self.drop(descriptor)
