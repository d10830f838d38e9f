"""Whose judgments and notes are kept here."""

from __future__ import annotations

import getpass
import os

import pytest

from zsr_tui.person import own_name


def test_the_name_is_the_one_that_was_set_or_that_of_the_account(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ZSR_TUI_WHO", "LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("USER", "anna")
    assert own_name() == "anna"
    monkeypatch.setenv("ZSR_TUI_WHO", " Anna B. ")
    assert own_name() == "Anna B."


def test_an_account_without_a_name_has_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise OSError("no username set in the environment")

    monkeypatch.delenv("ZSR_TUI_WHO", raising=False)
    monkeypatch.setattr(getpass, "getuser", nobody)
    assert own_name() == f"user {os.getuid()}"
