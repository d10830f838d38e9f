"""The command lines in a block, each parsed as the program parses it and none of them run."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from unittest.mock import patch

import click

from zsr_tui.commands.parser import cli


def command_lines(text: str, program: str = "zsr-tui") -> Iterator[list[str]]:
    """The arguments of each call of a program: of lines of a shell, of a sample's lines behind `$`, of a unit of
    systemd."""
    lines = text.replace("\\\n", " ").splitlines()
    typed = [line.strip()[2:] for line in lines if line.strip().startswith("$ ")]
    for line in typed or lines:
        for call in re.finditer(rf"(?:^|[\s/(=`|])({re.escape(program)})(?=$|[\s)])", line):
            yield arguments(line[call.end(1) :])


def arguments(line: str) -> list[str]:
    """The words up to the end of the command."""
    reader = shlex.shlex(line, posix=True, punctuation_chars="|&;<>()")
    reader.whitespace_split = True
    found: list[str] = []
    for word in reader:
        if set(word) <= set("|&;<>()"):
            break
        found.append(word)
    return found


def parse(words: list[str]) -> None:
    """Raises `click.ClickException` for what the program would refuse."""
    context = click.Context(cli, info_name="zsr-tui")
    _, rest, _ = cli.make_parser(context).parse_args(args=[*words])
    if rest:
        command = cli.get_command(context, rest[0])
        if command is None:
            raise click.UsageError(f"there is no command {rest[0]!r}")
        with patch.dict(os.environ):  # --engine goes there
            command.make_context(rest[0], rest[1:], parent=context)
