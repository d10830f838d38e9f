"""The table of imports in docs/architecture.md, made from the contracts of import-linter in pyproject.toml.

`python -m tests.documents.import_table` renews it.
"""

from __future__ import annotations

import re
import tomllib
from typing import Any

from .blocks import ROOT
from .made import put

PAGE = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- imports: made by tests/documents/import_table.py -->\n", "<!-- end of imports -->\n"


def table() -> str:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    lines = ["| contract | what may not be imported |", "|---|---|"]
    return "\n".join([*lines, *(f"| {each['name']} | {_said(each)} |" for each in contracts)])


def _said(contract: dict[str, Any]) -> str:
    if contract["type"] == "forbidden":
        said = f"{_names(contract['source_modules'])}: none of {_names(contract['forbidden_modules'])}"
        ignored = (each.split(" -> ") for each in contract.get("ignore_imports", []))
        excepted = "; ".join(f"{_names([importer])} may import {_names([imported])}" for importer, imported in ignored)
        return f"{said}. But {excepted}" if excepted else said
    assert contract["type"] == "layers", f"say in import_table.py what a contract of type {contract['type']} holds"
    inside = f"in {_names(contract['containers'])}, " if "containers" in contract else ""
    return f"{inside}each only what stands to its right: {' → '.join(map(_layer, contract['layers']))}"


def _layer(layer: str) -> str:
    """`a | b` know nothing of each other, `a : b` may."""
    parts = [part for part in re.split(r"\s*([|:])\s*", layer) if part]
    if len(parts) == 1:
        return _names(parts)
    return f"({' '.join('or' if part == '|' else 'and' if part == ':' else _names([part]) for part in parts)})"


def _names(modules: list[str]) -> str:
    return ", ".join(f"`{module.removeprefix('zsr_tui.').replace('.**', '')}`" for module in modules)


def page(text: str) -> str:
    """The page's text with the table in its place."""
    return put(text, BEGIN, f"{table()}\n", END)


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
