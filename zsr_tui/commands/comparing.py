"""The options of `parity`, as `parser` has those of the commands that search and measure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from zsr_tui.api.parity import DEPTH, QUERIES
from zsr_tui.commands import options


@click.command()
@click.argument("a", callback=options.filled, shell_complete=options.completed("models"))
@click.argument("b", callback=options.filled, shell_complete=options.completed("models"))
@options.DATASET
@click.option(
    "--queries",
    type=click.IntRange(1),
    default=QUERIES,
    show_default=True,
    help="How many judged queries are drawn; all queries count where none is judged.",
)
@click.option(
    "--k",
    "depth",
    type=click.IntRange(1, 1000),
    default=DEPTH,
    show_default=True,
    help="BM25's first documents of each query that are scored; as many judged ones at most, and long and short ones.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Which queries and documents are drawn.")
@click.option(
    "--tolerance",
    type=click.FloatRange(min=0),
    default=None,
    help="How far two scores may be apart.  [default: a share of the spread of A's scores, by the precisions: 0.01 % "
    "for fp32, 0.5 % for fp16 and a server that does not say, 2 % for bf16 and int8]",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write all pairs with their scores: .tsv or .jsonl.",
)
@click.option("--yes", is_flag=True, help="Send a server the requests that this costs, unasked.")
@options.PRECISION
@options.JSON
@options.asking
def parity(**given: Any) -> int:
    """Score the same pairs with A and B: where do they differ?

    And what have those that differ in common, as far as the numbers show it? Exit code 0 if they are equal, 1 if they
    differ.

    \b
    A and B are models, or systems of which the last model is meant:
      ms-marco-minilm-l12-int8               as 'zsr-tui models' has it
      http://localhost:8000/v1/rerank#model  a server
      'org/name; precision=fp16'             with settings: precision, max_length
      my-qwen                                of models.toml, with its own prompt
    """
    from zsr_tui.commands import parity as command

    return command.run(command.Options(**given))


COMMANDS = (parity,)
