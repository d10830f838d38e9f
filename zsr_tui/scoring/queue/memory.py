"""Memory of a process that runs models on the processor: kept from layer to layer, given back from time to time."""

from __future__ import annotations

import ctypes
import sys
import threading
import time

# <malloc.h> of glibc
_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -2, -3, -8
_KEEP = 512 * 1024 * 1024  # bytes that are freed and not given back to the system
GIVE_BACK_S = 60.0  # often enough that a server's memory does not grow, and too seldom to be felt


def keep_freed_memory() -> bool:
    """Lets glibc use freed memory again in place of asking the system for fresh pages at every layer of a model, each
    of which costs a page fault. For the whole process, from now on: the engine does it before anything else, other
    programs may. Does nothing where the C library is another; gives whether it was done."""
    library = _glibc()
    if library is None:
        return False
    settings = ((_M_ARENA_MAX, 1), (_M_MMAP_THRESHOLD, _KEEP), (_M_TRIM_THRESHOLD, _KEEP), (_M_TOP_PAD, 1 << 26))
    done = [bool(library.mallopt(name, value)) for name, value in settings]
    return all(done)


def give_back() -> None:
    """The pages that nothing lies in. What is kept for long lies between what is freed at once, so that without this
    a process under load has ever more of them."""
    library = _glibc()
    if library is not None:
        library.malloc_trim(0)


def give_back_in_background() -> None:
    """Every GIVE_BACK_S seconds, for the life of the process."""

    def repeated() -> None:
        while True:
            time.sleep(GIVE_BACK_S)
            give_back()

    if _glibc() is not None:
        threading.Thread(target=repeated, name="memory", daemon=True).start()


def _glibc() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    try:
        library = ctypes.CDLL(None)
        return library if library.mallopt and library.malloc_trim else None
    except (OSError, AttributeError):  # musl, for one
        return None
