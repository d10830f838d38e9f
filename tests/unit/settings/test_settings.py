"""What a user sets: the file, its profiles, the environment, and what is said of mistakes."""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path

import pytest

from zsr_tui import paths, settings
from zsr_tui.commands import parser
from zsr_tui.commands.open import open_application
from zsr_tui.domain import Problem
from zsr_tui.settings import showing
from zsr_tui.settings.file import TomlFile
from zsr_tui.settings.table import (
    CACHE_MB,
    DATASET,
    DEPTH,
    HUB_OFFLINE,
    INDEXES,
    MODELS,
    PRECISION,
    SETTINGS,
    SYSTEMS,
    THEME,
)

from .settings_guide import GUIDE, guide

FILE = """\
theme = "nord"
systems = [
  "bm25",
  "dense(x)",
]
models.precision = "fp16"
places.indexes = "built"

[keys]
align = "f6"
quit = "f10"

[servers.keys]
"api.jina.ai" = "JINA_API_KEY"

[profiles.work]
depth = 7
keys.align = "f7"
[profiles.work.models]
precision = "fp32"
"""


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file to be written; nothing is set in the environment, and nothing stays there."""
    for setting in SETTINGS:
        for name in filter(None, (setting.variable, *setting.also)):
            monkeypatch.setenv(name, "")
            monkeypatch.delenv(name)
    for name in ("ZSR_TUI_CONFIG", "ZSR_TUI_PROFILE", "ZSR_TUI_KEY_API_JINA_AI"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path))
    (tmp_path / "config").mkdir()
    return tmp_path / "config" / "config.toml"


def test_without_a_file_everything_is_as_it_always_was(file: Path) -> None:
    found = settings.begin()
    assert [found[setting] for setting in SETTINGS] == [setting.default for setting in SETTINGS]
    assert {row.source for row in showing.rows(found)} == {"default"}
    assert found.complaints == ()
    assert not any(setting.variable in os.environ for setting in SETTINGS if setting.variable)


def test_the_file_its_profile_the_environment_and_the_command_line_outrank_each_other(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text(FILE)
    found = settings.load()
    assert (found[THEME], found[SYSTEMS], found[DEPTH]) == ("nord", ("bm25", "dense(x)"), 100)
    assert (found[PRECISION], found.source(PRECISION)) == ("fp16", "line 6")
    assert found.source(SYSTEMS) == "line 2"
    assert found[INDEXES] == str(file.parent / "built")
    work = settings.load("work")
    assert (work[THEME], work[DEPTH]) == ("nord", 7)
    assert (work[PRECISION], work.source(PRECISION)) == ("fp32", "profile work, line 20")
    assert work.tables["keys"] == {"align": "f7", "quit": "f10"}
    assert (work.at("keys", "align"), work.at("keys", "quit")) == (f"{file}, line 18", f"{file}, line 11")
    monkeypatch.setenv("ZSR_TUI_PRECISION", "bf16")
    said = settings.load("work")
    assert (said[PRECISION], said.source(PRECISION)) == ("bf16", "ZSR_TUI_PRECISION")


def test_what_the_engine_reads_in_the_environment_is_there_after_the_start(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text(FILE + "[hub]\noffline = true\n[cache]\nmegabytes = 5\n[places]\nmodels = '~/hub'\n".replace(
        "[places]\nmodels", "[profiles.work.places]\nmodels"
    ))  # fmt: skip
    monkeypatch.setenv("ZSR_TUI_CACHE_MB", "9")
    monkeypatch.setenv("HF_HOME", "/elsewhere")
    monkeypatch.setenv("JINA_API_KEY", "secret")
    monkeypatch.delenv("ZSR_TUI_KEY_API_JINA_AI")
    found = settings.begin("work")
    assert os.environ["ZSR_TUI_PROFILE"] == "work"
    assert os.environ["ZSR_TUI_PRECISION"] == "fp32"
    assert os.environ["HF_HUB_OFFLINE"] == "1"
    assert paths.indexes_dir() == file.parent / "built"
    assert (os.environ["ZSR_TUI_CACHE_MB"], found[CACHE_MB]) == ("9", 9)
    assert "HF_HUB_CACHE" not in os.environ
    assert found.source(MODELS) == "HF_HOME"
    assert os.environ["ZSR_TUI_KEY_API_JINA_AI"] == "secret"
    assert settings.load()[HUB_OFFLINE]


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        pytest.param(
            "dpeth = 3", "{file}, line 1: there is no setting dpeth: did you mean depth?", id="a typing error"
        ),
        pytest.param(
            '# mine\nprecision = "fp32"',
            "{file}, line 2: there is no setting precision: did you mean models.precision?",
            id="outside of its table",
        ),
        pytest.param("[modles]\n", "{file}, line 1: there is no setting modles: did you mean models?", id="a table"),
        pytest.param("[xyzzy]\n", "{file}, line 1: there is no setting xyzzy.", id="nothing is near"),
        pytest.param(
            'theme = "nord"\ndepth = "ten"',
            '{file}, line 2: depth takes a whole number from 1 to 1,000, and not "ten".',
            id="a text for a number",
        ),
        pytest.param(
            "depth = true",
            "{file}, line 1: depth takes a whole number from 1 to 1,000, and not true.",
            id="truth is no number",
        ),
        pytest.param(
            '[models]\nprecision = "fp33"',
            '{file}, line 2: models.precision takes one of "fp32", "bf16", "fp16", and not "fp33".',
            id="none of the choices",
        ),
        pytest.param(
            'systems = ["a", "b", "c", "d", "e", "f"]',
            "{file}, line 1: systems takes a list of 1 to 5 texts, as in",
            id="six systems",
        ),
        pytest.param("models = 3", "{file}, line 1: models must be a table, as in [models].", id="no table"),
        pytest.param("keys = 3", "{file}, line 1: keys must be a table, as in [keys].", id="keys that are no table"),
        pytest.param(
            "profiles = 3", "{file}, line 1: profiles has a table for each, as in [profiles.work].", id="no profiles"
        ),
        pytest.param(
            "[profiles.work]\nliev = true",
            "{file}, line 2: there is no setting liev: did you mean live?",
            id="in a profile",
        ),
        pytest.param(
            '[servers.keys]\n"x.ai" = "sk-123"',
            "{file}, line 2: servers.keys: x.ai takes the name of an environment variable in quotes.",
            id="a key where its variable belongs",
        ),
        pytest.param("[keys\n", "{file} is not valid TOML (", id="no TOML"),
        pytest.param(f"depth = {'9' * 5000}", "{file} is not valid TOML (", id="a number of 5,000 digits"),
        pytest.param(
            f"depth = 0x{'f' * 5000}",
            "{file}, line 1: depth takes a whole number from 1 to 1,000, and not so large a number.",
            id="a number that cannot be written",
        ),
        pytest.param(f"a{'.a' * 20_000} = 1", "{file} is not valid TOML (line 1 has a key of more than", id="dots"),
        pytest.param(
            f"a{'.a' * 900} = 1", "{file}, line 1: there is no setting a", id="a key of more parts than are looked at"
        ),
        pytest.param(f"depth = {'[' * 3000}", "{file} is not valid TOML (it is nested too deeply)", id="nested"),
    ],
)
def test_a_mistake_is_one_sentence_that_says_where_it_is(file: Path, written: str, complaint: str) -> None:
    file.write_text(written)
    found = settings.load()
    assert len(found.complaints) == 1
    assert found.complaints[0].startswith(complaint.format(file=file))
    assert found[DEPTH] == 100
    with pytest.raises(Problem) as raised:
        parser.run(["corpora"])
    assert (raised.value.message, raised.value.exit_code) == (found.complaints[0], 2)
    assert file.read_text() == written


def test_only_commands_that_would_run_otherwise_stop_at_a_mistake(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text("dpeth = 3\nthmee = 4\n")
    with pytest.raises(Problem, match=r"depth.* There is 1 more: zsr-tui config shows them"):
        parser.run(["models"])
    assert parser.run(["locate"]) == 0
    assert parser.run(["config"]) == 2
    assert capsys.readouterr().err.count("did you mean") == 2
    file.write_text('theme = "nrod"\n[keys]\nalgin = "z"\n')
    assert parser.run(["models"]) == 0  # keys and colours are nothing to them
    assert parser.run(["config"]) == 2
    told = capsys.readouterr().err
    assert f"{file}, line 3: there is no action 'algin': did you mean align?" in told
    assert "There is no theme 'nrod': did you mean nord?" in told


def test_a_profile_that_there_is_not_is_told_with_the_nearest(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text(FILE)
    with pytest.raises(Problem, match="has no profile 'wrok': did you mean work") as raised:
        parser.run(["-P", "wrok", "config"])
    assert raised.value.exit_code == 2
    monkeypatch.setenv("ZSR_TUI_PROFILE", "zzz")
    with pytest.raises(Problem, match=r"has no profile 'zzz'; it has work\."):
        settings.load()


def test_another_file_can_be_named_and_must_be_there(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.toml"
    monkeypatch.setenv("ZSR_TUI_CONFIG", str(other))
    assert settings.load().complaints == (f"ZSR_TUI_CONFIG names {other}, and there is no such file.",)
    other.write_text('dataset = "nfcorpus"\n')
    assert settings.load()[DATASET] == "nfcorpus"


def test_the_command_line_s_profile_reaches_the_application(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text(FILE)
    opened: list[int] = []

    def noted(*_: object, settings: settings.Settings, **__: object) -> int:
        opened.append(settings[DEPTH])
        return 0

    assert open_application.__name__ in vars(parser)
    monkeypatch.setattr(parser, "open_application", noted)
    assert parser.run(["--profile", "work", "open"]) == 0
    assert opened == [7]


def test_what_holds_is_shown_with_where_it_comes_from(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(FILE)
    assert parser.run(["-P", "work", "config"]) == 0
    shown = {line.split()[0]: " ".join(line.split()[1:]) for line in capsys.readouterr().out.splitlines() if line}
    assert shown["depth"] == "7 profile work, line 17"
    assert shown["theme"] == '"nord" line 1'
    assert shown["live"] == "false default"
    assert shown["places.data"] == f"({paths.data_dir()}) default"
    assert shown["file:"] == f"{file}; profiles: work; in use: work"
    assert parser.run(["config", "--json"]) == 0
    rows = {row["setting"]: row for row in json.loads(capsys.readouterr().out)["settings"]}
    assert rows["systems"] == {"setting": "systems", "value": ["bm25", "dense(x)"], "from": "line 2"}


def test_the_file_to_start_from_changes_nothing_and_each_of_its_lines_is_accepted(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert parser.run(["config", "--default"]) == 0
    written = capsys.readouterr().out
    file.write_text(written)
    found = settings.load()
    assert found.complaints == ()
    assert [found[setting] for setting in SETTINGS] == [setting.default for setting in SETTINGS]
    uncommented = [line.removeprefix("# ") if " = " in line or "[p" in line else line for line in written.splitlines()]
    file.write_text("\n".join(uncommented))
    assert set(TomlFile(file).tables) > {"dataset", "keys", "profiles"}
    found = settings.load("work")
    assert found.complaints == ()
    assert [found.source(setting) for setting in SETTINGS if found.source(setting) == "default"] == []


def test_a_line_of_the_file_is_found_whatever_stands_before_it(file: Path) -> None:
    file.write_text('a = """\nb = 1\n"""\n\n# c = 2\nd = [\n 1,\n]\nc = 3\n[e]\n  f.g = 1\n')
    assert tomllib.loads(file.read_text())["c"] == 3
    lines = TomlFile(file).lines
    assert [lines.get((name,)) for name in "abcde"] == [1, None, 9, 6, 10]
    assert lines["e", "f", "g"] == 11


def test_lines_of_a_long_file_are_found(file: Path) -> None:
    file.write_text("[keys]\n" + "".join(f"x{n}.y.z = 'f{n}'\n" for n in range(1, 1900)) + "[[a]]\nb = 1\n")
    lines = TomlFile(file).lines
    assert [lines["keys", f"x{n}", "y", "z"] for n in range(1, 1900)] == list(range(2, 1901))
    assert (lines["keys",], lines["a",]) == (1, 1901)


def test_the_guide_has_the_table_of_settings() -> None:
    text = GUIDE.read_text("utf-8")
    assert guide(text) == text, "run: python -m tests.unit.settings.settings_guide"
