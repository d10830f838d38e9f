"""zsr-tui serve: one engine for several. This process becomes the engine's."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

SERVING = (sys.executable, "-P", "-m", "zsr_tui.engine.serving")  # -P: nothing of the current folder is the engine's


def run(**given: Any) -> int:
    """Returns only where the engine cannot be started. Raises `click.UsageError` for what does not go together."""
    _check(given)
    sys.stdout.flush()
    os.execv(SERVING[0], [*SERVING, *_arguments(given)])


def _check(given: dict[str, Any]) -> None:
    if given["socket"] and given["listen"]:
        raise click.UsageError("Give either --socket PATH or --listen HOST:PORT.")
    if given["listen"] and not given["token_file"]:
        raise click.UsageError(
            "On a port everybody of this machine could ask: give --token-file, with a name and a token on each line."
        )
    if not given["listen"]:
        for name in ("tls_cert", "tls_key", "plain"):
            if given[name]:
                raise click.UsageError(f"--{name.replace('_', '-')} is for --listen.")
    elif given["socket_mode"] is not None:
        raise click.UsageError("--socket-mode is for a socket, not for --listen.")


def _arguments(given: dict[str, Any]) -> list[str]:
    words = []
    for name, value in given.items():
        option = f"--{name.replace('_', '-')}"
        if value is True:
            words.append(option)
        elif isinstance(value, tuple):
            words += [f"{option}={_text(each)}" for each in value]
        elif value is not None and value is not False:
            words.append(f"{option}={_text(value)}")
    return words


def _text(value: object) -> str:
    return str(value.expanduser().absolute()) if isinstance(value, Path) else str(value)
