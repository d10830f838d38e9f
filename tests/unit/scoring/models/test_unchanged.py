"""A model that was found is taken as it is until something that decides what it is has changed."""

import json

import pytest

from zsr_tui.scoring.models import unchanged, weights

from ..made_up import BERT, model_folder


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path / "home"))
    return model_folder(
        tmp_path / "model", {"1_Pooling/config.json": {"pooling_mode_mean_tokens": True}, "vocab.txt": b"[PAD]"}
    )


@pytest.fixture
def found(folder):
    return unchanged.found(weights.resolve(str(folder), download=False))


def test_what_has_not_changed_is_still_the_same(found):
    assert found.still


def test_a_changed_file_is_noticed(found, folder):
    (folder / "config.json").write_text(json.dumps({**BERT, "max_position_embeddings": 256}))
    assert not found.still


def test_a_changed_file_of_a_subfolder_is_noticed(found, folder):
    (folder / "1_Pooling" / "config.json").write_text('{"pooling_mode_cls_token": true}')
    assert not found.still


@pytest.mark.parametrize("name", ["modules.json", "1_Pooling/more.json"])
def test_a_new_file_is_noticed(found, folder, name):
    (folder / name).write_text("[]")
    assert not found.still


def test_a_file_that_is_gone_is_noticed(found, folder):
    (folder / "vocab.txt").unlink()
    assert not found.still


def test_settings_are_part_of_it(found, monkeypatch):
    monkeypatch.setenv("ZSR_TUI_PRECISION", "bf16")
    assert not found.still


def test_the_users_own_entries_are_part_of_it(found, tmp_path):
    own = tmp_path / "home" / "config"
    own.mkdir(parents=True, exist_ok=True)
    (own / "models.toml").write_text("")
    assert not found.still
