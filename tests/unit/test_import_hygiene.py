"""What each process imports: the terminal paints before anything heavy is there, and never needs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import zsr_tui

HEAVY = {"torch", "transformers", "faiss", "pyserini", "jnius", "ir_datasets", "pandas", "numpy", "onnxruntime"}
PACKAGE = Path(zsr_tui.__file__).parent


def modules_after(*imports: str) -> set[str]:
    """Top-level and zsr_tui modules in a fresh interpreter after the imports."""
    code = f"import {', '.join(imports)}, json, sys; print(json.dumps(list(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=600)
    names = json.loads(done.stdout)
    return {name if name.startswith("zsr_tui") else name.split(".")[0] for name in names}


def ui_modules() -> list[str]:
    files = sorted(PACKAGE.joinpath("ui").rglob("*.py"))
    parts = [file.relative_to(PACKAGE.parent).with_suffix("").parts for file in files]
    return [".".join(part[:-1] if part[-1] == "__init__" else part) for part in parts]


def test_no_part_of_the_terminal_side_imports_what_only_the_engine_needs() -> None:
    loaded = modules_after(*ui_modules(), "zsr_tui.client.protocol", "zsr_tui.api.events")
    assert not loaded & HEAVY
    forbidden = ("engine", "corpora", "retrieval", "scoring", "evaluation", "judging")
    assert not {name for name in loaded for part in forbidden if name.startswith(f"zsr_tui.{part}")}


def test_the_application_imports_no_http_and_only_its_first_screen_before_it_paints() -> None:
    loaded = modules_after("zsr_tui.ui.app", "zsr_tui.ui.compare.screen")
    assert not {
        name for name in loaded if name.startswith(("zsr_tui.plots", "zsr_tui.sessions", "zsr_tui.ui.recording"))
    }
    assert not loaded & {"httpx", "httpcore", "anyio", "starlette", "uvicorn", "rapidfuzz"}
    later = {"setup", "help", "query_picker", "preparation", "confirm"}
    assert not {f"zsr_tui.ui.screens.{name}" for name in later} & loaded


@pytest.mark.parametrize("module", ["zsr_tui.cli", "zsr_tui.client.engine"])
def test_the_command_line_and_the_client_are_light(module: str) -> None:
    assert not modules_after(module) & HEAVY


def test_the_command_line_imports_no_terminal_framework() -> None:
    assert "textual" not in modules_after("zsr_tui.cli")
