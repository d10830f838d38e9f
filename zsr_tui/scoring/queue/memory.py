"""Memory of a process that runs models on the processor."""

from __future__ import annotations

import ctypes
import sys

# <malloc.h> of glibc
_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -2, -3, -8
_KEEP = 512 * 1024 * 1024  # bytes that are freed and not given back to the system


def keep_freed_memory() -> bool:
    """Lets glibc use freed memory again in place of asking the system for fresh pages at every layer of a model, each
    of which costs a page fault. For the whole process, from now on: the engine does it before anything else, other
    programs may. Does nothing where the C library is another; gives whether it was done."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # musl, for one
        return False
    settings = ((_M_ARENA_MAX, 1), (_M_MMAP_THRESHOLD, _KEEP), (_M_TRIM_THRESHOLD, _KEEP), (_M_TOP_PAD, 1 << 26))
    done = [bool(mallopt(name, value)) for name, value in settings]
    return all(done)
