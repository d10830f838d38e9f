"""zsr-tui completion: what bash, zsh and fish need to complete commands, options and what they take.

The walk over the parser is click's; bash gets the words as they stand in its line, for its own are broken at each @, =
and : of a notation. No library of a model is imported, and nothing is started.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click
from click.shell_completion import BashComplete, CompletionItem, FishComplete, ShellComplete, get_completion_class

from zsr_tui.domain import Problem
from zsr_tui.edge import Printed
from zsr_tui.text import printable

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_ZSR_TUI_COMPLETE"  # as click calls it; where it is set, a shell asks
_LINE = "_ZSR_TUI_LINE"
_BREAKS = "@=><;|&(:"  # at which readline's words end, outside of quotes
_MEASURES = (
    "nDCG@10",
    "nDCG@100",
    "RR@10",
    "RR",
    "AP",
    "AP@100",
    "R@10",
    "R@100",
    "R@1000",
    "P@10",
    "Judged@10",
    "Bpref",
)


def run(shell: str | None) -> int:
    """Prints the script. Raises `Problem` where no shell is named and $SHELL is none of them."""
    name = shell or Path(os.environ.get("SHELL", "")).name
    if name not in SHELLS:
        raise Problem(f"name the shell: zsr-tui completion {'|'.join(SHELLS)}.", usage=True)
    print(_of(name).source(), end="")
    return 0


def answer() -> int:
    """What a shell asks for, in the environment. The tabs of the answer are the shell's."""
    found = _of(os.environ[VARIABLE].removesuffix("_complete")).complete()
    write = sys.stdout.steer if isinstance(sys.stdout, Printed) else sys.stdout.write
    write("\t".join(map(printable, found.split("\t"))) + "\n")
    return 0


def _of(shell: str) -> ShellComplete:
    from zsr_tui.commands.parser import cli

    kind = {"bash": Bash, "fish": Fish}.get(shell) or get_completion_class(shell)
    if kind is None:
        raise Problem(f"there is no completion for the shell {shell!r}.", usage=True)
    return kind(cli, {}, "zsr-tui", VARIABLE)


class Bash(BashComplete):
    """bash from 4.4 on."""

    source_template = """\
%(complete_func)s() {
    local type value
    COMPREPLY=()
    while IFS=, read -r type value; do
        case $type in
            file) compopt -o default ;;
            dir) compopt -o dirnames ;;
            plain) COMPREPLY+=("$value") ;;
        esac
    done < <(LINE "$1" 2>/dev/null)
}
complete -o nosort -F %(complete_func)s %(prog_name)s
""".replace("LINE", f'{_LINE}="${{COMP_LINE:0:COMP_POINT}}" %(complete_var)s=bash_complete')

    def source(self) -> str:
        return self.source_template % self.source_vars()

    def get_completion_args(self) -> tuple[list[str], str]:
        words, self._quoted = words_of(os.environ[_LINE])
        return words[1:-1], words[-1]

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        """readline replaces what stands behind the last of its breaks: only that is sent."""
        found = super().get_completions(args, incomplete)
        option, _, value = incomplete.partition("=")
        typed = value if option.startswith("--") else incomplete
        broken = "" if self._quoted else typed[: max(map(typed.rfind, _BREAKS)) + 1]
        return [
            item if item.type != "plain" else CompletionItem(self._as_typed(item.value.removeprefix(broken)))
            for item in found
        ]

    def _as_typed(self, value: str) -> str:
        """With the quotes that bash needs around a notation."""
        return value if self._quoted or not re.search(r"[\s()>%;,]", value) else f'"{value}"'


class Fish(FishComplete):
    """With values that may have commas in them."""

    source_template = """\
function %(complete_func)s
    for line in (env COMP_WORDS=(commandline -cp) COMP_CWORD=(commandline -t) %(complete_var)s=fish_complete \\
            %(prog_name)s 2>/dev/null)
        set -l found (string split -m 1 , -- $line)
        switch $found[1]
            case dir
                __fish_complete_directories $found[2]
            case file
                __fish_complete_path $found[2]
            case plain
                echo $found[2]
        end
    end
end
complete --no-files --command %(prog_name)s --arguments "(%(complete_func)s)"
"""


def words_of(line: str) -> tuple[list[str], bool]:
    """The words of a line that a person has typed up to here, the last of which is begun (or empty), and whether it is
    in quotes."""
    end = "\N{NULL}"
    reader = shlex.shlex(line + end, posix=True, punctuation_chars=False)
    reader.whitespace_split, reader.commenters = True, ""
    words: list[str] = []
    try:
        words += reader
        quoted = False
    except ValueError:  # quotes that are not closed
        words.append(reader.token or "")
        quoted = True
    words[-1] = words[-1].removesuffix(end)
    return words, quoted


# what the options take


def datasets(_context: click.Context, _option: click.Parameter, typed: str) -> list[CompletionItem[str]]:
    """Ids of the catalogue and what was opened before; files and folders where a path is begun."""
    if typed.startswith((".", "/", "~")):
        return [CompletionItem(typed, type="file")]
    from zsr_tui import corpora

    try:
        ids = [info.id for info in corpora.list_corpora()]
    except Problem:  # the command itself says what is wrong
        return []
    return _beginning(typed, ids)


def systems(context: click.Context, _option: click.Parameter, typed: str) -> list[CompletionItem[str]]:
    """Systems in the notation, at the place in it where the text ends."""
    before, operand, inside = _place(typed)
    found = _candidates(before, inside)
    if operand and "index=".startswith(operand[:6]) and inside in ("bm25", "dense", "sparse"):
        found = _indexes(inside, context.params.get("dataset"))
    return [CompletionItem(before + each) for each in found if each.startswith(operand)]


def rerankers(_context: click.Context, _option: click.Parameter, typed: str) -> list[CompletionItem[str]]:
    return _beginning(typed, _candidates(">>", ""))


def models(_context: click.Context, _option: click.Parameter, typed: str) -> list[CompletionItem[str]]:
    return _beginning(typed, _families())


def measures(_context: click.Context, _option: click.Parameter, typed: str) -> list[CompletionItem[str]]:
    """The usual ones: there are many more."""
    return _beginning(typed, _MEASURES)


def chosen(context: click.Context, _option: click.Parameter, typed: str) -> list[CompletionItem[str]]:
    """The systems and run files that stand in the line."""
    named: list[Any] = [*context.params.get("systems", ()), *context.params.get("runs", ())]
    return _beginning(typed, map(str, named))


def profiles(_context: click.Context, _option: click.Parameter, typed: str) -> list[CompletionItem[str]]:
    from zsr_tui import settings

    try:
        return _beginning(typed, settings.load().profiles)
    except Problem:  # the command itself says what is wrong
        return []


def sessions(_context: click.Context, _option: click.Parameter, typed: str) -> list[CompletionItem[str]]:
    """The logs that are kept, the latest first; files and folders where a path is begun."""
    if typed.startswith((".", "/", "~")):
        return [CompletionItem(typed, type="file")]
    from zsr_tui import paths
    from zsr_tui.commands.replay import LAST
    from zsr_tui.sessions.log import logs

    return _beginning(typed, [LAST, *(file.name for file in logs(paths.sessions_dir()))])


def _beginning(typed: str, names: Iterable[str]) -> list[CompletionItem[str]]:
    return [CompletionItem(name) for name in names if name.startswith(typed)]


def _place(typed: str) -> tuple[str, str, str]:
    """What stands before the operand that is begun, that operand, and the function whose operand it is."""
    start, inside = 0, list[str]()
    for found in re.finditer(r"(\w*)\(\s*|\)|[,;]\s*|>>\s*", typed):
        match found[0][-1] if found[0] == ")" else found[0].strip()[-1]:
            case "(":
                inside.append(found[1])
            case ")":
                inside = inside[:-1]
        start = found.end()
    return typed[:start], typed[start:], inside[-1] if inside else ""


def _candidates(before: str, inside: str) -> Iterator[str]:
    from zsr_tui.scoring.models.families import COMPARING, ENCODERS, RERANKERS

    families = _families()
    encoders = {kind: [name for name, family in families.items() if family == of] for kind, of in ENCODERS.items()}
    if before.rstrip().endswith(">>"):
        yield from (name for name, family in families.items() if family in RERANKERS + COMPARING)
    elif inside in encoders:
        yield from (f"{name})" for name in encoders[inside])
    elif not before or inside in ("rrf", "linear"):
        yield "bm25"
        yield from _engines()
        yield from families if not before else ()  # a model alone is a system, too
        yield from (f"{kind}({name})" for kind, names in encoders.items() for name in names)


def _engines() -> Iterator[str]:
    """The engines of others that have a name."""
    from zsr_tui.retrieval.engines.named import all_named

    try:
        yield from (str(engine.step) for engine in all_named().values())
    except Problem:  # the command itself says what is wrong
        return


def _indexes(step: str, dataset: str | None) -> Iterator[str]:
    """What `index` may be: the ways of searching vectors, and the prebuilt indexes of the dataset in the line."""
    from zsr_tui import corpora
    from zsr_tui.pipeline import METHODS

    yield from (f"index={method})" for method in METHODS if step == "dense")
    if dataset:
        from zsr_tui.retrieval.prebuilt.opening import infos

        try:
            published = infos(corpora.collection_of(corpora.normalise(dataset)))
        except Problem:  # the command itself says what is wrong
            return
        yield from (f"index={each.name})" for each in published if each.system.startswith(step))


def _families() -> dict[str, str]:
    """Family by model: those of the catalogue and the user's own."""
    from zsr_tui.scoring.models.entries import all_entries

    try:
        return {entry.name: entry.family for entry in all_entries().values()}
    except Problem:  # the command itself says what is wrong
        return {}
