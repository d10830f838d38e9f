"""What a process keeps of its freed memory, and that it gives it back."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.waiting import DEADLINE
from zsr_tui.scoring.queue.memory import keep_freed_memory

# Blocks of 64 KiB with something small behind each: freed, no end of the heap is free.
SCRIPT = """
import ctypes
import psutil
from zsr_tui.scoring.queue import memory

def held():
    return psutil.Process().memory_info().rss >> 20

assert memory.keep_freed_memory()
library = ctypes.CDLL(None)
library.malloc.restype = ctypes.c_void_p
library.malloc.argtypes, library.free.argtypes = [ctypes.c_size_t], [ctypes.c_void_p]
blocks = []
for _ in range(4000):
    blocks.append(library.malloc(64 << 10))
    ctypes.memset(blocks[-1], 1, 64 << 10)
    library.malloc(64)
full = held()
for block in blocks:
    library.free(block)
kept = held()
memory.GIVE_BACK_S = 0.05
memory.give_back_in_background()
while held() > full - 200:
    pass
print(full - kept)
"""


@pytest.mark.skipif(not keep_freed_memory(), reason="the C library is not glibc")
def test_freed_memory_is_kept_and_from_time_to_time_given_back_from_between_what_stays() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, timeout=DEADLINE)
    assert int(done.stdout) < 50
