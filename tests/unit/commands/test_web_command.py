"""zsr-tui web, as far as no server is started."""

from __future__ import annotations

import sys

import pytest

from zsr_tui.commands import parser
from zsr_tui.domain import Problem


def test_without_its_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "textual_serve", None)
    for name in [name for name in sys.modules if name.startswith("zsr_tui.web.")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(Problem, match=r"the package textual_serve: \S+ -m pip install 'zsr-tui\[web\]'") as failure:
        parser.run(["web"])
    assert failure.value.exit_code == 1
