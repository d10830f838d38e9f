"""Where prebuilt indexes lie: where pyserini would put them, so that it finds ours, and we find its."""

from __future__ import annotations

from pathlib import Path

from zsr_tui import paths
from zsr_tui.retrieval.prebuilt.lists import Prebuilt

_PACKED = ".tar.gz"


def folder(prebuilt: Prebuilt) -> Path:
    """Its name is pyserini's."""
    return paths.prebuilt_dir() / f"{prebuilt.file.removesuffix(_PACKED)}.{prebuilt.md5}"


def is_here(prebuilt: Prebuilt) -> bool:
    return folder(prebuilt).is_dir()
