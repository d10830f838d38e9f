"""What the documents name is there, and what is there is named."""

from __future__ import annotations

import ast
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import get_args, get_type_hints

import click
import pytest

from zsr_tui.commands.parser import cli
from zsr_tui.evaluation.report.writing import FORMATS
from zsr_tui.retrieval.manifest import Manifest
from zsr_tui.settings.table import SETTINGS
from zsr_tui.ui.keys.table import ACTIONS

from .blocks import ROOT, RUN, blocks

EVERY = sorted(path for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "indexes" / "README.md"])
FOR_READERS = "\n".join(path.read_text("utf-8") for path in EVERY if path.name != "CHANGELOG.md")
CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
OF_TESTS = {"ZSR_TUI_SHARED", "ZSR_TUI_FIGURES", "ZSR_TUI_LOSSES", "ZSR_TUI_DOCUMENTS"}  # CONTRIBUTING.md says them
OF_SHELLS = {"_ZSR_TUI_COMPLETE", "_ZSR_TUI_LINE"}  # set by the completion that is printed
BY_DEFAULT = {"--resume"}  # its opposite is what anybody writes
OF_OTHERS = {"--snapshot-update", "--kills", "--run-tests", "--only"}  # pytest's and benchmarks'


@cache
def literals() -> frozenset[str]:
    """Every text in the program's code, the parts of f-strings, too."""
    return frozenset(
        " ".join(node.value.split())
        for path in ROOT.glob("zsr_tui/**/*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def test_variables() -> None:
    used = {name for text in literals() for name in re.findall(r"(?<![A-Z_])_?ZSR_TUI_[A-Z_]*[A-Z]", text)}
    used |= {setting.variable for setting in SETTINGS if setting.variable.startswith("ZSR_TUI_")}
    named = set(re.findall(r"(?<![A-Z_])ZSR_TUI_[A-Z_]*[A-Z]", FOR_READERS))
    families = {name for name in used | named if name.startswith("ZSR_TUI_KEY")}  # one for each server
    prefixes = {"ZSR_TUI_GENERATION", "ZSR_TUI_JUDGING"}  # joined with a setting's name
    unknown = named - used - families - OF_TESTS
    assert not unknown, f"no code reads {unknown}: mend the document"
    missing = used - named - families - OF_SHELLS - prefixes
    assert not missing, f"nobody can know {missing}: say it in docs/user-guide.md or docs/scoring.md"


def test_commands_and_options() -> None:
    options = {"zsr-tui": {option for parameter in cli.params for option in parameter.opts}}
    for name, command in cli.commands.items():
        every = [each for each in command.params if isinstance(each, click.Option)]
        options[name] = {option for each in every for option in (*each.opts, *each.secondary_opts)} | {"--help", "-h"}
        assert f"zsr-tui {name}" in FOR_READERS, f"zsr-tui {name} is in no document: say it in docs/user-guide.md"
    known = set().union(*options.values())
    named = set(re.findall(r"(?<![\w-])--[a-z][\w-]*", FOR_READERS))
    missing = {each for each in known - named - BY_DEFAULT if each.startswith("--") and each != "--help"}
    assert not missing, f"no document names {missing}: say them in docs/user-guide.md (Command line)"
    for place, code in inline():
        if called := re.match(r"zsr-tui ([a-z]+)\b(.*)", code):
            command, rest = called.groups()
            assert command in cli.commands, f"{place}: there is no zsr-tui {command}"
            wrong = set(re.findall(r"(?<![\w-])--[a-z][\w-]*", rest)) - options[command] - options["zsr-tui"]
            assert not wrong, f"{place}: zsr-tui {command} has no {wrong}"
        elif "decisions/" not in place and re.fullmatch(r"--[a-z][\w-]*( .*)?", code):  # those name what was left
            assert code.split()[0] in known | OF_OTHERS | benchmark_options(), f"{place}: nothing has {code}"


def test_settings() -> None:
    keys = {setting.key for setting in SETTINGS}
    tables = {key.partition(".")[0] for key in keys if "." in key}
    for place, code in inline():
        if place.split(",")[0] in RUN and re.fullmatch(rf"({'|'.join(tables)})\.(?!toml|log)\w+", code):
            assert code in keys, f"{place}: there is no setting {code}"
    missing = [key for key in keys if f"`{key}`" not in FOR_READERS]
    assert not missing, f"run python -m tests.unit.settings.settings_guide: {missing}"


def test_keys_that_the_guide_names_are_keys_of_an_action() -> None:
    """In its text; its tables are made from the table of actions (`tests/unit/ui/keys`)."""
    bound = {key for action in ACTIONS for key in action.keys}
    text = (ROOT / "docs" / "user-guide.md").read_text("utf-8")
    for number in re.findall(r"\bF(\d\d?)\b", text):
        assert f"f{number}" in bound | {"f2", "f10"}, f"no action has F{number}"
    typed = {"c", "e", "j", "s", "u"}  # the terminal's own: copying, text fields, what the program leaves alone
    for letter in re.findall(r"\bCtrl\+([A-Z])\b", text):
        assert f"ctrl+{letter.lower()}" in bound or letter.lower() in typed, f"no action has Ctrl+{letter}"


def test_reports() -> None:
    helped = next(each for each in cli.commands["evaluate"].params if each.name == "reports").help
    table = FOR_READERS.partition("### Reports")[2].partition("## Keys")[0]
    for ending in FORMATS:
        assert ending in helped, f"zsr-tui evaluate --help does not name {ending}"
        assert f"`{ending}`" in table, f"the guide's table of reports does not name {ending}"


@pytest.mark.parametrize("path", EVERY, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    text = path.read_text("utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"https?:|mailto:", target):
            continue
        file, _, anchor = target.partition("#")
        there = (path.parent / file) if file else path
        assert there.exists(), f"{path.name}: {target} is not there"
        if anchor:
            assert anchor in anchors(there), f"{path.name}: {there.name} has no heading #{anchor}"


def test_files_of_the_repository_that_are_named_are_there() -> None:
    for place, code in inline():
        found = re.fullmatch(r"(?:python )?((?:zsr_tui|tests|benchmarks|docs)/[\w./-]*\w)(?: .*)?", code)
        if found and "CHANGELOG" not in place:
            name = found[1]
            assert any(ROOT.glob(f"{name}*")) or any(ROOT.glob(f"zsr_tui/{name}*")), f"{place}: there is no {name}"
        elif re.fullmatch(r"zsr_tui(\.\w+)+", code):
            parts = code.split(".")
            names = ["/".join(parts), "/".join(parts[:-1]), "/".join(parts[:-2])]
            assert any(ROOT.glob(f"{name}*") for name in names if "/" in name), f"{place}: there is no {code}"


def test_files_that_the_program_writes_are_named_as_it_names_them() -> None:
    """`engine.log`, `batch-sizes.json` and the like, in any document."""
    shown = "\n".join(block.text for path in EVERY for block in blocks(str(path.relative_to(ROOT))))
    known = literals()
    for place, code in inline():
        if re.fullmatch(r"[a-z][\w-]*\.(json|toml|log|sock|sqlite|lock)(\.1)?", code):
            name = code.removesuffix(".1")
            assert any(name in text for text in known) or name in shown or there(name), f"{place}: what is {code}?"


def test_every_kind_of_index_is_in_the_readme_of_their_folder() -> None:
    text = (ROOT / "indexes" / "README.md").read_text("utf-8")
    kinds = get_args(get_type_hints(Manifest)["kind"])
    assert {"bm25", "dense", "sparse"} < set(kinds)
    for kind in (*kinds, "prebuilt"):
        assert f"/{kind}/" in text, f"indexes/README.md does not say what {kind}/ holds"


def test_every_picture_is_shown_and_every_page_is_linked() -> None:
    linked = {Path(target.partition("#")[0]).name for target in re.findall(r"\]\(([^)\s]+)\)", FOR_READERS)}
    pictures = {path.name for path in ROOT.glob("docs/*.png")}
    assert not pictures - linked, f"no document shows {pictures - linked}"
    pages = {path.name for path in ROOT.glob("docs/**/*.md")}
    assert not pages - linked, f"no document links to {pages - linked}"


def test_sentences_under_troubleshooting_are_the_program_s() -> None:
    table = (ROOT / "docs" / "user-guide.md").read_text("utf-8").partition("## Troubleshooting")[2]
    quoted = re.findall(r'^\| "?([^|]*)" ', table, re.MULTILINE)
    assert len(quoted) > 5
    for sentence in (part for line in quoted for part in line.split('", "')):
        words = sentence.replace(" ...", "").strip('"').split()
        halves = ((" ".join(words[:place]), " ".join(words[place:])) for place in range(len(words)))
        assert any(said(one) and said(other) for one, other in halves), f"the program never says: {sentence}"


@cache
def said(words: str) -> bool:
    """In one text of the program, whose first letter may be a capital at the beginning of a sentence."""
    return any(words.strip(";:, ").lower() in text.lower() for text in literals())


def inline() -> list[tuple[str, str]]:
    """The code in the documents' sentences, with its place; not that of blocks."""
    found = []
    for path in EVERY:
        text = re.sub(r"```.*?```", lambda block: "\n" * block[0].count("\n"), path.read_text("utf-8"), flags=re.DOTALL)
        for number, line in enumerate(text.splitlines(), start=1):
            found += [(f"{path.relative_to(ROOT)}, line {number}", code) for code in CODE.findall(line)]
    return found


@cache
def benchmark_options() -> frozenset[str]:
    return frozenset(
        option
        for path in ROOT.glob("benchmarks/*.py")
        for option in re.findall(r'"(--[a-z][\w-]*)"', path.read_text("utf-8"))
    )


def there(name: str) -> bool:
    return (
        (ROOT / name).exists()
        or any(ROOT.glob(f"zsr_tui/**/{name}"))
        or any(ROOT.glob(f"tests/documents/reader/**/{name}"))
    )


@cache
def anchors(path: Path) -> frozenset[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.*)$", path.read_text("utf-8"), re.MULTILINE)
    return frozenset(slug(heading) for heading in headings)


def slug(heading: str) -> str:
    kept = "".join(c for c in heading.lower() if c in " -_" or unicodedata.category(c)[0] in "LN")
    return kept.replace(" ", "-")
