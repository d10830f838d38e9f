"""Downloads from the Hugging Face hub, into its own cache, with every problem as one sentence."""

from __future__ import annotations

import errno
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from zsr_tui import paths
from zsr_tui.domain import Problem
from zsr_tui.progress import Cancelled, CancelToken, Meter, Report
from zsr_tui.scoring.models import catalogue, checkpoint, located, trust
from zsr_tui.scoring.models.reference import Reference

_TIMEOUT = 10.0  # seconds for the first answer of the hub
_failed: dict[str, Problem] = {}  # why the last try to download it came to nothing, by what was to be downloaded


def download(weights: Reference, report: Report, cancel: CancelToken) -> Path:
    """The folder of the model's files, of which only those that are needed are fetched.

    An interrupted download goes on where it stopped. `cancel` takes effect at the next piece of a file.
    """

    parts: list[dict[str, str]] = []

    def choose(names: list[str]) -> tuple[tuple[str, ...], ...]:
        files = checkpoint.select(names, code=trust.allows(weights), parts=parts)
        if files is None:
            raise Problem(
                f"{weights.text} on the Hugging Face hub holds no weights that can be run: it needs safetensors, "
                "pytorch_model.bin, a single ONNX file or a LoRA adapter.",
                usage=True,
            )
        # the weights last: a folder that has them lacks no small file that the repository has
        return (*files.others, *files.heads), files.weights

    place = _fetched(weights, choose, report, cancel)
    own = not located.takes_a_tokenizer(weights)
    if not checkpoint.is_complete(place, tokenizer=own) and (named := checkpoint.parts(place)):
        parts += named  # its modules' folders may be called as nobody could know before
        place = _fetched(weights, choose, report, cancel)
    if not checkpoint.is_complete(place, tokenizer=own):
        raise Problem(
            f"{weights.text} on the Hugging Face hub is not a model that can be run: config.json, the tokenizer or "
            "parts of the weights are missing there.",
            detail=str(place),
        )
    return place


def download_tokenizer(tokenizer: Reference, report: Report, cancel: CancelToken) -> Path:
    """The folder of a model's tokenizer, without its weights."""
    place = _fetched(tokenizer, lambda names: (tuple(checkpoint.tokenizer_files(names)),), report, cancel)
    if located.tokenizer_snapshot(tokenizer) is None:
        raise Problem(f"{tokenizer.text} on the Hugging Face hub has no tokenizer.", detail=str(place), usage=True)
    return place


def _fetched(
    weights: Reference,
    choose: Callable[[list[str]], tuple[tuple[str, ...], ...]],
    report: Report,
    cancel: CancelToken,
) -> Path:
    """The repository's folder with the files that `choose` takes out of all names, one group after the other."""
    try:
        folder = _snapshot(weights, choose, report, cancel)
    except Problem as problem:
        _failed[weights.text] = problem
        raise
    _failed.pop(weights.text, None)
    return folder


def _snapshot(
    weights: Reference,
    choose: Callable[[list[str]], tuple[tuple[str, ...], ...]],
    report: Report,
    cancel: CancelToken,
) -> Path:
    from huggingface_hub import HfApi, snapshot_download

    endpoint = os.environ.get("HF_ENDPOINT")
    cancel.check()
    try:
        info = HfApi(endpoint=endpoint).model_info(
            weights.place, revision=weights.revision or None, files_metadata=True, timeout=_TIMEOUT
        )
        sizes = {each.rfilename: each.size or 0 for each in info.siblings or ()}
        groups = [group for group in choose(list(sizes)) if group]
        total = sum(sizes[name] for group in groups for name in group)
        _check_room(weights, total)
        bar = _meter_bar(Meter(report, f"Downloading {weights.text}", total, "bytes"), cancel)
        folder = ""
        for group in groups:
            folder = snapshot_download(
                weights.place,
                revision=weights.revision or None,
                cache_dir=paths.hub_dir(),
                allow_patterns=list(group),
                endpoint=endpoint,
                tqdm_class=bar,
            )
        return Path(folder)
    except (Problem, Cancelled):
        raise
    except Exception as error:
        if cancel.cancelled:
            raise Cancelled from error
        raise _problem(weights, error) from error


def _check_room(weights: Reference, size: int) -> None:
    """Before the first byte of `size`; what an earlier try has left counts as room."""
    place = paths.hub_dir()
    place.mkdir(parents=True, exist_ok=True)
    blobs = place / f"models--{weights.place.replace('/', '--')}" / "blobs"
    there = sum(file.stat().st_size for file in blobs.glob("*"))
    if size - there > (free := shutil.disk_usage(place).free):
        raise Problem(
            f"{weights.text} takes {size / 1e9:.1f} GB and the disk of {place} has {free / 1e9:.1f} GB left: free some "
            "space or set HF_HOME to another disk."
        )


def not_here(weights: Reference) -> Problem:
    """For work that must not download: that it is not there, and if this program has tried to get it, why."""
    why = _failed.get(weights.text) or Problem(
        f"{weights.text} is not on this machine yet: 'zsr-tui index' downloads it, and so does Compare."
    )
    problem = Problem(why.message, detail=why.detail, usage=why.usage)
    problem.kind = "not-downloaded"
    return problem


def _problem(weights: Reference, error: Exception) -> Problem:
    from huggingface_hub import errors

    detail = f"{type(error).__name__}: {error}"
    name = weights.text
    if isinstance(error, errors.GatedRepoError):
        return Problem(
            f"{name} is gated: accept its terms at https://huggingface.co/{weights.place}, then log in with "
            "'hf auth login' or set HF_TOKEN.",
            detail=detail,
        )
    if isinstance(error, errors.RevisionNotFoundError):
        return Problem(
            f"{weights.place} has no revision {weights.revision!r} on the Hugging Face hub.", detail=detail, usage=True
        )
    if isinstance(error, errors.RepositoryNotFoundError):
        near = ", ".join(catalogue.nearest(weights.place))
        return Problem(
            f"the Hugging Face hub has no model {weights.place}, or it is private and needs HF_TOKEN; the nearest "
            f"names of the catalogue are {near}.",
            detail=detail,
            usage=True,
        )
    if _is_full(error):
        return Problem(
            f"the disk is full: {name} does not fit into {paths.hub_dir()}; free some space "
            "or set HF_HOME to another disk.",
            detail=detail,
        )
    if isinstance(error, PermissionError):
        return Problem(f"{paths.hub_dir()} cannot be written: set HF_HOME to a folder that can.", detail=detail)
    status = getattr(getattr(error, "response", None), "status_code", None)
    reason = f"answered with status {status}" if status else "cannot be reached"
    if isinstance(error, errors.OfflineModeIsEnabled):
        reason = "is switched off by HF_HUB_OFFLINE"
    embedded = " and ".join(catalogue.EMBEDDED)
    return Problem(
        f"the Hugging Face hub {reason}, and {name} is not on this machine: download it elsewhere and give its folder, "
        f"set HF_HOME to a cache that holds it, or use the built-in models {embedded}.",
        detail=detail,
    )


def _is_full(error: BaseException | None) -> bool:
    """Whether a full disk stands behind it."""
    while error is not None and not (isinstance(error, OSError) and error.errno == errno.ENOSPC):
        error = error.__cause__ or error.__context__
    return error is not None


def _meter_bar(meter: Meter, cancel: CancelToken) -> type:
    """A progress bar class for huggingface_hub that draws nothing and tells `meter` of bytes.

    The hub makes a bar that counts files, one for bytes that arrive and one for bytes that are written; the last is
    the one that also knows of files that were there already.
    """
    from tqdm.auto import tqdm

    lock = threading.Lock()

    class Bar(tqdm):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            self._counts = kwargs.get("unit") == "B" and not str(kwargs.get("desc")).startswith("Downloading bytes")
            kwargs.pop("name", None)
            super().__init__(*args, **{**kwargs, "disable": True})

        def update(self, n: float | None = 1) -> bool | None:
            cancel.check()
            if self._counts:
                with lock:
                    meter.advance(int(n or 0))
            return super().update(n)

    return Bar
