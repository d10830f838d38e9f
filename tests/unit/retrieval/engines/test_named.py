"""engines.toml, templates and addresses: what can be wrong with them is said with file, line and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from zsr_tui.domain import Problem
from zsr_tui.pipeline import Served, parse
from zsr_tui.retrieval.engines import named, opening, template


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path))
    (tmp_path / "config" / "templates").mkdir(parents=True)
    return tmp_path / "config"


def step_of(written: str) -> Served:
    step = parse(written)
    assert isinstance(step, Served)
    return step


WHOLE = """
[products]
kind = "es"
address = "https://search.lan:9200/proxy/"
index = "a b/c"
text = "body"
[notes]
kind = "qdrant"
address = "vectors"
index = "notes"
model = "a/b"
"""


def test_what_a_file_and_an_address_name(folder: Path) -> None:
    (folder / "engines.toml").write_text(WHOLE)
    engine = named.find(step_of("es(products)"))
    assert (engine.base, engine.path, engine.text) == ("https://search.lan:9200/proxy", "a%20b%2Fc", ("body",))
    assert named.find(step_of("qdrant(notes; vector=v)")).vector == "v"
    assert named.find(step_of("qdrant(notes)")).folder == folder / "vectors"
    written = named.find(step_of('anserini("http://HOST:80/x/v1/%2Fdata%2Findex/")'))
    assert (written.base, written.index, written.host) == ("http://host:80/x/v1", "/data/index", "host:80")
    portless = named.find(step_of("es(https://search.lan/docs)"))
    assert (portless.base, portless.index, portless.host) == ("https://search.lan", "docs", "search.lan")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param(
            "[a]\nkind = 'es'\nadress = 'x'",
            r"line 3: there is no adress of an engine: did you mean address\?",
            id="key",
        ),
        pytest.param("[a]\nkind = 'elastic'", r"line 2: kind must be one of es, .*", id="kind"),
        pytest.param("[a]\nkind = 'es'\naddress = 'http://h'", r"line 1: a needs index\.", id="index"),
        pytest.param("[a]\nkind = 'es'\nindex = 3", r"line 3: index takes a text in quotes\.", id="number"),
        pytest.param(
            "[a]\nkind = 'anserini'\ntemplate = 't.json'", "line 3: anserini takes no template", id="template"
        ),
        pytest.param("[a]\nkind = 'es'\nheaders = { a = 'not a name' }", "headers takes a table", id="headers"),
        pytest.param(
            "[a]\nkind = 'es'\nindex = 'i'\naddress = 'http://me:hunter2@h'", "neither a password", id="password"
        ),
        pytest.param("a = 3", "a must be a table with an engine", id="no table"),
        pytest.param("[a", "is not valid TOML", id="TOML"),
    ],
)
def test_a_file_that_cannot_be_used(folder: Path, text: str, says: str) -> None:
    (folder / "engines.toml").write_text(text)
    with pytest.raises(Problem, match=says) as caught:
        named.all_named()
    assert caught.value.message.startswith(str(folder / "engines.toml"))
    assert "hunter2" not in caught.value.message
    assert caught.value.usage


@pytest.mark.parametrize(
    ("notation", "says"),
    [
        pytest.param("es(product)", r"has no engine 'product': did you mean products\?", id="nearest"),
        pytest.param("es(zzz)", r"has no engine 'zzz': name one there, or write its address", id="none near"),
        pytest.param("opensearch(zzz)", r"as in opensearch\(http://host:9200/products\)", id="usual port"),
        pytest.param("qdrant(zzz)", r"as in qdrant\(http://host:6333/notes\)", id="port"),
        pytest.param("qdrant(/a/b)", r"a folder of Qdrant needs a name: .*/a/b as its address", id="folder"),
        pytest.param("opensearch(products)", r"of the kind es .*: write es\(products\) in place of", id="kind"),
        pytest.param("es(http://host:9200)", r"names no index: .*es\(http://host:9200/products\)", id="no index"),
        pytest.param("es(ftp://host/x)", "no URL of a server", id="scheme"),
        pytest.param("es(http://me:hunter2@host/x)", r"ZSR_TUI_KEY_HOST, or one that headers", id="password"),
    ],
)
def test_a_system_that_names_none(folder: Path, notation: str, says: str) -> None:
    (folder / "engines.toml").write_text(WHOLE)
    with pytest.raises(Problem, match=says) as caught:
        named.find(step_of(notation))
    assert "hunter2" not in caught.value.message
    assert caught.value.usage


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        pytest.param("../../etc/x.json", None, "is the name of a JSON file in", id="path"),
        pytest.param("x.toml", None, "is the name of a JSON file in", id="ending"),
        pytest.param(
            "x.json", None, r"x.json: no template is there yet, so write .* to .*templates.x\.json", id="absent"
        ),
        pytest.param("x.json", "{", "is not valid JSON", id="JSON"),
        pytest.param("x.json", "[]", "must hold an object", id="list"),
        pytest.param("x.json", "{}", "does not say where the query stands", id="no query"),
        pytest.param("x.json", '{"from": 3, "query": "{{query}}"}', "sets from, which zsr-tui sets", id="ours"),
    ],
)
def test_a_template_that_cannot_be_used(folder: Path, name: str, text: str | None, says: str) -> None:
    if text is not None:
        (folder / "templates" / name).write_text(text)
    with pytest.raises(Problem, match=says) as caught:
        opening.found(Served("es", "http://127.0.0.1:9/docs", template=name))  # before anything is searched
    assert caught.value.usage


def test_a_template_is_no_file_outside_of_its_folder_through_a_link_to_a_device(folder: Path) -> None:
    (folder / "templates" / "x.json").symlink_to("/dev/zero")
    with pytest.raises(Problem, match="cannot be read: it is a device"):
        template.read("x.json")
