"""Options that several commands of the command line share, and what a shell completes them with."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from typing import Any, ParamSpec

import click
from click.core import ParameterSource

from zsr_tui.domain import LARGEST_GRADE, RELEVANT_FROM, Problem, relevant_from
from zsr_tui.edge import say

P = ParamSpec("P")


def completed(kind: str) -> Callable[..., Any]:
    """What a shell may complete a value with: a function of `zsr_tui.commands.completion`."""

    def complete(context: click.Context, option: click.Parameter, typed: str) -> Any:
        from zsr_tui.commands import completion

        return getattr(completion, kind)(context, option, typed)

    return complete


def filled(context: click.Context, option: click.Parameter, given: Any) -> Any:
    """Refuses what was given as an empty text: left out and given empty would look the same."""
    values = given if isinstance(given, tuple) else (given,)
    typed = option.name is not None and context.get_parameter_source(option.name) is ParameterSource.COMMANDLINE
    if typed and any(isinstance(each, str) and not each.strip() for each in values):
        raise click.UsageError(f"{option.opts[-1]} is empty: give it a value, or leave it out.", context)
    return given


class Command(click.Command):
    """An option that takes one value takes it once: the last of two would win unseen."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        _, _, order = self.make_parser(ctx).parse_args(args=[*args])
        for option in dict.fromkeys(order):
            if not isinstance(option, click.Option) or option.multiple or option.is_flag or option.count:
                continue
            if (times := order.count(option)) > 1:
                raise click.UsageError(f"{option.opts[-1]} is given {times} times, and takes one value.", ctx)
        return super().parse_args(ctx, args)


class Group(click.Group):
    """Of such commands."""

    command_class = Command
    group_class = type


def dataset(*, required: bool, without: str = "") -> Callable[[Any], Any]:
    """`without` says what is meant where it is not given."""
    known = (
        "demo, an ir_datasets id (beir/scifact/test), a folder or zip in BEIR layout, or files of yours (CSV, JSON "
        "lines, Markdown, ...), with settings in brackets behind them: 'a.csv(text=body)'"
    )
    text = f"{known}; {without}." if without else f"{known}."
    return click.option("--dataset", required=required, help=text, shell_complete=completed("datasets"))


def systems(*, required: bool) -> Callable[[Any], Any]:
    text = "A system in the notation, or a model's name; give it several times to compare."
    return click.option(
        "--system",
        "systems",
        multiple=True,
        required=required,
        help=text,
        shell_complete=completed("systems"),
        callback=filled,
    )


def depth(default: str) -> Callable[[Any], Any]:
    """`default` is told: what it is without the option is the command's."""
    text = f"Rows of each list.  [default: {default}]"
    return click.option("--k", "depth", default=None, type=click.IntRange(1, 1000), help=text)


def _run_in(precision: str | None) -> None:
    """The engine, which this process starts, takes its settings from the environment."""
    if precision and os.environ.get("ZSR_TUI_ENGINE", "").strip():
        raise click.UsageError("--precision is chosen where the engine is started, and this one is --engine's.")
    if precision:
        os.environ["ZSR_TUI_PRECISION"] = precision


def _relevant_from(grade: int | None) -> None:
    if grade is not None and os.environ.get("ZSR_TUI_ENGINE", "").strip():
        raise click.UsageError("--relevant-from is chosen where the engine is started, and this one is --engine's.")
    if grade is not None:
        os.environ[RELEVANT_FROM] = str(grade)
    try:
        relevant_from()
    except Problem as problem:  # what the environment has is no grade
        raise click.UsageError(problem.message) from problem


def _put(variable: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    """The client takes it from the environment."""

    def put(context: click.Context, option: click.Parameter, given: str | None) -> None:
        if filled(context, option, given):
            os.environ[variable] = str(given)

    return put


def asking(command: Callable[..., Any]) -> Callable[..., Any]:
    """For a command that asks an engine: which one, in place of one of its own."""
    for option in (
        click.option(
            "--token-file",
            type=click.Path(),
            expose_value=False,
            is_eager=True,
            callback=_put("ZSR_TUI_TOKEN_FILE"),
            help="With --engine: a file with your token, if it asks for one (or ZSR_TUI_TOKEN).",
        ),
        click.option(
            "--engine",
            metavar="PATH|URL",
            expose_value=False,
            is_eager=True,
            callback=_put("ZSR_TUI_ENGINE"),
            help="Ask the engine of zsr-tui serve: its socket, http(s)://HOST:PORT or ssh://HOST (ZSR_TUI_ENGINE).",
        ),
    ):
        command = option(command)
    return command


def of_this_machine(command: Callable[P, int]) -> Callable[P, int]:
    """For a command that asks no engine, which it says where one is named."""

    @functools.wraps(command)
    def said(*args: P.args, **kwargs: P.kwargs) -> int:
        if address := os.environ.get("ZSR_TUI_ENGINE", "").strip():
            say(f"this is about this machine: the engine at {address} is not asked.")
        return command(*args, **kwargs)

    return said


def combining(command: Callable[..., Any]) -> Callable[..., Any]:
    """Retrievers with rerankers, and weights of fused pairs."""
    for option in (
        click.option(
            "--sweep",
            "sweeps",
            multiple=True,
            callback=filled,
            shell_complete=completed("systems"),
            help="The measure by the weight of a fused pair, from the stored lists: 'linear(bm25, dense(MODEL))', "
            "whose two parts are systems of the evaluation.",
        ),
        click.option(
            "--depth",
            "rerank_depth",
            default=100,
            show_default=True,
            type=click.IntRange(1, 1000),
            help="How many documents of each --retriever a --reranker gets.",
        ),
        click.option(
            "--reranker",
            "rerankers",
            multiple=True,
            callback=filled,
            shell_complete=completed("rerankers"),
            help="A model that reranks each --retriever; give it several times for all combinations.",
        ),
        click.option(
            "--retriever",
            "retrievers",
            multiple=True,
            callback=filled,
            shell_complete=completed("systems"),
            help="A system that is evaluated alone and with each --reranker.",
        ),
    ):
        command = option(command)
    return command


DATASET, SYSTEMS = dataset(required=True), systems(required=True)
QUERY = click.option("--query", default=None, help="The text of a query.")
QID = click.option("--qid", default=None, help="A query of the dataset, by its id.")
PRECISION = click.option(
    "--precision",
    type=click.Choice(["fp32", "bf16", "fp16"]),
    expose_value=False,
    callback=lambda _context, _option, chosen: _run_in(chosen),
    help="Of models that torch runs, in place of the device's own (ZSR_TUI_PRECISION).",
)
RELEVANT_GRADE = click.option(
    "--relevant-from",
    type=click.IntRange(1, LARGEST_GRADE),
    metavar="GRADE",
    expose_value=False,
    callback=lambda _context, _option, grade: _relevant_from(grade),
    help="A judged document counts as relevant from this grade on, where a measure knows no grades.  "
    "[default: the setting relevant_from, 1]",
)
ON = click.option(
    "--on",
    default="",
    callback=filled,
    metavar="ray://HOST:PORT",
    help="Run models on the nodes of a Ray cluster, which have zsr-tui installed; docs/cluster.md.",
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
KEEP_SELF = click.option(
    "--keep-self",
    is_flag=True,
    help="Keep the document that is the query itself (by default dropped, and said).",
)
