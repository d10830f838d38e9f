"""What an engine's process does before anything else is imported."""

from __future__ import annotations

import os
from pathlib import Path

LARGEST_LOG = 5_000_000  # bytes; then it becomes engine.log.1


def redirect_output(log: Path) -> None:
    """Everything printed goes to the log: tqdm, the JVM and C libraries print."""
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        if log.exists() and log.stat().st_size > LARGEST_LOG:
            log.replace(log.with_name(f"{log.name}.1"))
        file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    except OSError:  # a search needs no log; nobody is told of one that is not there
        file = os.open(os.devnull, os.O_WRONLY)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.close(file)


def prepare_libraries() -> None:
    """What they print, and what they keep, before they are imported. The user's own settings stay."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")
    # oneDNN keeps the kernels of 1,024 shapes, of which each new sum of tokens makes some: hundreds of megabytes that
    # nobody asks for again. Within a batch every layer has the same few, on each core.
    most = str(max(32, 12 * (os.cpu_count() or 1)))
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", most)
    os.environ.setdefault("LRU_CACHE_CAPACITY", most)  # torch's own, of the same
