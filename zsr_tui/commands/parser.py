"""The options of the command line: parsing only. What a command does is imported when it is called."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from zsr_tui import __version__
from zsr_tui.commands import comparing, judging, machine, options
from zsr_tui.commands.open import open_application
from zsr_tui.settings import Settings, begin

# They say themselves what is wrong with the settings, or need none.
LENIENT = {"open", "tour", "config", "completion", "doctor", "locate"}


def run(arguments: list[str]) -> int:
    """Parse and run. Wrong usage is said as click says it; `Problem` and interruption are the caller's."""
    try:
        code = cli(arguments, prog_name="zsr-tui", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except click.Abort as error:
        raise KeyboardInterrupt from error
    return code if isinstance(code, int) else 0


@click.group(cls=options.Group, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="zsr-tui")
@click.option(
    "-P",
    "--profile",
    default=None,
    shell_complete=options.completed("profiles"),
    help="A profile of your settings (ZSR_TUI_PROFILE).",
)
@click.pass_context
@options.asking
def cli(context: click.Context, profile: str | None) -> int | None:
    """Compare BM25, dense and reranked rankings side by side.

    Without a command, opens the application on what was chosen last (at first: the demo corpus).
    """
    context.obj = found = begin(profile)
    if context.invoked_subcommand is None:
        return open_application(settings=found)
    if context.invoked_subcommand not in LENIENT:
        found.check()
    return None


@cli.command("open")
@click.argument("finding", required=False, type=click.Path(path_type=Path))
@options.dataset(required=False, without="without it what was chosen last")
@options.systems(required=False)
@options.QUERY
@options.QID
@options.depth("the setting depth")
@options.KEEP_SELF
@options.PRECISION
@options.RELEVANT_GRADE
@click.option(
    "--session",
    default=None,
    callback=options.filled,
    shell_complete=options.completed("sessions"),
    help="Where a session was left: the file of its log, or last for the latest one.",
)
@click.pass_obj
@options.asking
def open_(settings: Settings, query: str | None, qid: str | None, session: str | None, **given: Any) -> int:
    """Open the application.

    FINDING is a file that somebody made of what was on the screen: it is shown as it was.
    """
    if query is not None and qid is not None:
        raise click.UsageError("Give either --query TEXT or --qid ID.")
    named = "--session" if session is not None else "a finding" if given["finding"] is not None else ""
    told = [query, qid, *(value for name, value in given.items() if name != "finding" or session is not None)]
    if named and any(each not in (None, (), False) for each in told):
        raise click.UsageError(f"{named} says itself what is opened: leave the rest out.")
    return open_application(settings=settings, query=query, qid=qid, session=session, **given)


@cli.command()
@click.pass_obj
@options.asking
def tour(settings: Settings) -> int:
    """Open the application on the demo corpus, with a tour.

    Five steps, each of which says what to press and goes on when you have done it.
    """
    return open_application(settings=settings, tour=True)


@cli.command()
@options.DATASET
@options.SYSTEMS
@options.QUERY
@options.QID
@click.option(
    "--queries",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    help="A file of queries (- is the standard input): id, tab and text on each line, or BEIR's queries.jsonl. Prints "
    "a TREC run of the one system, or with --json a line for each query, as soon as it is answered.",
)
@options.depth("10; with --queries 1000")
@options.KEEP_SELF
@options.PRECISION
@options.RELEVANT_GRADE
@options.JSON
@options.asking
def search(query: str | None, qid: str | None, queries: Path | None, **given: Any) -> int:
    """Search with several systems and print their lists.

    One query, or those of a file.
    """
    if [query, qid, queries].count(None) != 2:
        raise click.UsageError("Give one of --query TEXT, --qid ID and --queries FILE.")
    if queries is not None:
        from zsr_tui.commands import batch

        return batch.run(queries=queries, **given)
    from zsr_tui.commands import search as command

    return command.run(query=query or "", qid=qid, **given)


@cli.command()
@options.DATASET
@click.option(
    "--system",
    required=True,
    callback=options.filled,
    shell_complete=options.completed("systems"),
    help="A system in the notation, or a model's name.",
)
@options.QUERY
@options.QID
@click.option(
    "--doc",
    "doc_id",
    required=True,
    callback=options.filled,
    help="The document, by its id; it need not be in the system's list.",
)
@click.option(
    "--against",
    default="",
    callback=options.filled,
    help="A second document, by its id: both are explained, and their difference.",
)
@click.option(
    "--against-system",
    default="",
    callback=options.filled,
    shell_complete=options.completed("systems"),
    help="A second system: the same document in both.",
)
@click.option(
    "--stage",
    default="",
    callback=options.filled,
    help="A stage of the system, in the notation, in place of its last one.",
)
@click.option("--words", type=click.IntRange(1), default=None, help="Leave out the words of this part, by its number.")
@click.option("--gradient", is_flag=True, help="Gradient x input in place of occlusion, where the network allows it.")
@click.option("--yes", is_flag=True, help="Send a server the requests that its explanation costs, unasked.")
@options.KEEP_SELF
@options.PRECISION
@options.RELEVANT_GRADE
@options.JSON
@options.asking
def explain(query: str | None, qid: str | None, **given: Any) -> int:
    """Say why a system gave a document its score.

    Term by term, or by leaving out sentences and words.
    """
    if (query is None) == (qid is None):
        raise click.UsageError("Give either --query TEXT or --qid ID.")
    if given["against"] and given["against_system"]:
        raise click.UsageError("Give either --against ID or --against-system SYSTEM.")
    from zsr_tui.commands import explain as command

    return command.run(command.Options(query=query or "", qid=qid, **given))


@cli.command()
@options.DATASET
@options.systems(required=False)
@options.combining
@click.option(
    "--run",
    "runs",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A run file of any program as one more system: TREC (.run, .trec, .txt, .gz) or the JSON of ranx.",
)
@click.option(
    "--measure",
    "measures",
    multiple=True,
    default=("nDCG@10", "RR@10", "AP", "R@100", "R@1000", "Judged@10"),
    show_default=True,
    shell_complete=options.completed("measures"),
    help="A measure as ir_measures spells it; give it several times. Differences are printed for the first.",
)
@click.option(
    "--baseline",
    default="1",
    shell_complete=options.completed("chosen"),
    help="What differences are taken against: a system, or its place.  [default: 1]",
)
@click.option(
    "--test",
    type=click.Choice(["t", "randomisation"]),
    default="t",
    show_default=True,
    help="The paired test of the differences; p is corrected by Holm-Bonferroni over the systems.",
)
@click.option(
    "--subset",
    default="",
    help="Only some judged queries: a number (the first so many), a file with a query id on each line, or a text that "
    "they hold. first:, ids: or text: in front says which is meant.",
)
@click.option("--limit", type=click.IntRange(1), default=None, help="Only the first N judged queries.")
@click.option("--k", "depth", default=1000, show_default=True, type=click.IntRange(1), help="Depth of each ranking.")
@click.option(
    "--resume/--no-resume",
    default=True,
    show_default=True,
    help="Go on with the same evaluation where it stopped, or show it if it is finished; or begin it anew.",
)
@click.option(
    "--report",
    "reports",
    multiple=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a report: .html, .md, .tex, .csv, .json, .parquet, .svg or .png; give it several times.",
)
@click.option(
    "--spreadsheet",
    is_flag=True,
    help="In a .csv report, put an apostrophe before each text that a spreadsheet would compute (=, +, -, @).",
)
@click.option(
    "--explain",
    is_flag=True,
    help="In a .html, .md or .json report, explain the top and the missed documents of the chosen queries.",
)
@click.option(
    "--judgments",
    default="dataset",
    show_default=True,
    help="Whose judgments count, the first one first: dataset, own, model, or several, as in own+dataset.",
)
@click.option("--notes", is_flag=True, help="In a .html or .md report, what was judged and noted of its queries.")
@click.option("--run-dir", type=click.Path(file_okay=False, path_type=Path), help="Write TREC run files here.")
@click.option("--force", is_flag=True, help="Write reports and run files over those that are there.")
@options.KEEP_SELF
@options.ON
@options.PRECISION
@options.RELEVANT_GRADE
@options.JSON
@options.asking
def evaluate(systems: tuple[str, ...], runs: tuple[Path, ...], **given: Any) -> int:
    """Measure systems over a dataset's judged queries.

    Says which differences are significant.

    Results are stored as they come: the same command goes on where it was interrupted. Says how long it will take where
    that is ten minutes or more.
    """
    if not systems and not runs and not given["retrievers"]:
        raise click.UsageError("Give at least one --system or --run, or a --retriever.")
    if given["rerankers"] and not given["retrievers"]:
        raise click.UsageError("--reranker is for each --retriever: give one.")
    from zsr_tui.commands import evaluate as command

    return command.run(command.Options(systems=systems, runs=runs, **given))


@cli.command()
@click.argument("session", required=False, shell_complete=options.completed("sessions"))
@click.option("--servers", is_flag=True, help="Also ask systems that a server runs: it gets queries and documents.")
@click.option("--markdown", "as_markdown", is_flag=True, help="Print the session as it was; nothing is asked.")
@options.PRECISION
@options.RELEVANT_GRADE
@options.JSON
@options.asking
def replay(session: str | None, **given: Any) -> int:
    """Ask again what a session asked, and print what differs.

    SESSION is the file of a session log, or "last"; without it the logs that are kept are listed. Exit code 1 if a
    list or a measure differs.
    """
    from zsr_tui.commands import replay as command

    if given["as_markdown"] and (given["as_json"] or session is None):
        raise click.UsageError("--markdown needs a SESSION, and prints no JSON.")
    return command.run(session, **given)


@cli.command()
@options.DATASET
@options.SYSTEMS
@options.ON
@options.PRECISION
@options.JSON
@options.asking
def index(dataset: str, systems: tuple[str, ...], on: str, as_json: bool) -> int:
    """Download, index and encode what the systems need.

    Continues where an earlier run stopped. Says how long it will take where that is ten minutes or more.
    """
    from zsr_tui.commands import index as command

    return command.run(dataset, systems, on=on, as_json=as_json)


for each in (*comparing.COMMANDS, *machine.COMMANDS, *judging.COMMANDS):
    cli.add_command(each)
