"""The commands about judgments and notes: their options, as `parser` has those that search and measure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from zsr_tui.commands import options

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(cls=options.Command)
@options.DATASET
@click.option(
    "--export",
    type=click.Path(allow_dash=True, path_type=Path),
    help="Write judgments to a file: TREC qrels (.qrels .txt), BEIR's (.tsv), .csv, or .jsonl; - with --format.",
)
@click.option("--import", "imports", multiple=True, type=_FILE, help="Keep the judgments of a file; yours stay.")
@click.option(
    "--merge",
    "merges",
    multiple=True,
    type=_FILE,
    help="Hold a file against your judgments: how far you agree, and each conflict; or give several files.",
)
@click.option(
    "--model",
    is_flag=False,
    flag_value="",
    default=None,
    help="Have a model judge, after it was held against what people have judged; without a name that of the settings.",
)
@click.option("--grade", type=int, default=None, help="Judge one --doc of a --qid or --query, on the dataset's scale.")
@click.option("--clear", is_flag=True, help="Take your judgment of it away.")
@click.option(
    "--preferences", is_flag=True, help="Who wins of the lists that were compared without names (V in the application)."
)
@click.option("--doc", "doc_id", default="", callback=options.filled, help="The document, by its id.")
@click.option("--address", default="", callback=options.filled, help="The model's server, in place of the settings'.")
@click.option(
    "--format", "format", type=click.Choice(["trec", "beir", "csv", "jsonl"]), help="Of files, whatever their names."
)
@click.option(
    "--source",
    default="own",
    show_default=True,
    callback=options.filled,
    help="What is written: own, dataset, model; several with +, the one that counts first in front.",
)
@click.option(
    "--who", default="", callback=options.filled, help="Who judged the file; your own name is the setting `who`."
)
@click.option("--grades", default="", callback=options.filled, help="What a file's grades are here, as in 4=3,-2=0.")
@click.option("--skip-unknown", is_flag=True, help="Leave out what the dataset does not have, in place of refusing.")
@click.option(
    "--prefer",
    type=click.Choice(["mine", "theirs", "later", "higher", "lower"]),
    help="What counts where people gave different grades; of several files the first one is mine.",
)
@click.option(
    "--spreadsheet",
    is_flag=True,
    help="In a .csv, put an apostrophe before each text that a spreadsheet would compute.",
)
@click.option("--force", is_flag=True, help="Write over a file that is there, or over somebody's judgment.")
@options.systems(required=False)
@options.QUERY
@options.QID
@click.option("--subset", default="", help="With --model: some queries, as in zsr-tui evaluate.")
@click.option("--limit", type=click.IntRange(1), default=None, help="With --model: only the first N queries.")
@options.depth("10")
@click.option(
    "--check", default=50, show_default=True, type=click.IntRange(0, 10_000), help="Documents that people have judged."
)
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0), help="Which of them are drawn.")
@click.option("--again", is_flag=True, help="Also what this model has judged before.")
@click.option("--yes", is_flag=True, help="Send what it costs, unasked.")
@options.KEEP_SELF
@options.JSON
@click.pass_context
@options.asking
def judge(context: click.Context, dataset: str, as_json: bool, **given: Any) -> int:
    """Judge; hand over and merge judgments.

    One document (--grade), files (--export, --import, --merge), or by a model (--model). Without an action it says who
    has judged, and how far any two agree.
    """
    actions = [
        name
        for name in ("--import", "--merge", "--model", "--grade", "--clear", "--preferences", "--export")
        if _given(given, name)
    ]
    if len(actions) > 1 and actions != ["--merge", "--export"]:
        raise click.UsageError(f"{actions[0]} and {actions[1]} are two things: give one at a time.")
    if given["query"] is not None and given["qid"] is not None:
        raise click.UsageError("Give either --query TEXT or --qid ID.")
    _refuse_strangers(context, (actions or [""])[0])
    if "--grade" in actions or "--clear" in actions:
        return _judge_one(dataset, given)
    if "--model" in actions:
        return _judge_by_model(dataset, as_json, given)
    from zsr_tui.commands import judge as command

    if "--preferences" in actions:
        return command.preferences(dataset, as_json=as_json)
    to = None
    if given["export"] is not None:
        to = command.Export(given["export"], given["format"], given["source"], given["spreadsheet"], given["force"])
    if "--merge" in actions or "--import" in actions:
        from zsr_tui.commands import merge

        return merge.run(
            merge.Options(
                dataset=dataset,
                files=given["merges"] or given["imports"],
                format=given["format"],
                who=given["who"],
                grades=merge.read_grades(given["grades"]),
                skip_unknown=given["skip_unknown"],
                prefer=given["prefer"] or "",
                taking=bool(given["imports"]),
                to=to,
                as_json=as_json,
            )
        )
    return command.export(dataset, to) if to else command.standing(dataset, as_json=as_json)


def _given(given: dict[str, Any], action: str) -> bool:
    name = {"--import": "imports", "--merge": "merges"}.get(action, action.removeprefix("--"))
    return given[name] is not None and given[name] is not False and given[name] != ()


_FOR = {  # which action each option is for; the others are for all
    "address": ("--model",),
    "format": ("--export", "--import", "--merge"),
    "source": ("--export", "--merge"),
    "who": ("--import", "--merge"),
    "grades": ("--import", "--merge"),
    "skip_unknown": ("--import", "--merge"),
    "prefer": ("--import", "--merge"),
    "spreadsheet": ("--export", "--merge"),
    "force": ("--export", "--merge", "--grade", "--clear"),
    "doc_id": ("--grade", "--clear"),
    "query": ("--model", "--grade", "--clear"),
    "qid": ("--model", "--grade", "--clear"),
    **dict.fromkeys(
        ("systems", "subset", "limit", "depth", "check", "seed", "again", "yes", "keep_self"),
        ("--model",),
    ),
}


def _refuse_strangers(context: click.Context, action: str) -> None:
    """An option that does nothing is told: it was meant for something else."""
    for option in context.command.params:
        named = option.name or ""
        typed = context.get_parameter_source(named) is click.core.ParameterSource.COMMANDLINE
        if typed and action not in _FOR.get(named, (action,)):
            hint = " Your own name is the setting `who` in config.toml (zsr-tui config)." if named == "who" else ""
            raise click.UsageError(f"{option.opts[-1]} is for {' or '.join(_FOR[named])}.{hint}")


def _judge_one(dataset: str, given: dict[str, Any]) -> int:
    if not given["doc_id"] or not (given["qid"] or given["query"]):
        raise click.UsageError("--grade and --clear need a --doc, and a --qid or a --query.")
    from zsr_tui.commands import judge_one as command

    named = {name: given[name] or "" for name in ("qid", "query", "doc_id")}
    return command.run(dataset, **named, grade=given["grade"], force=given["force"])


def _judge_by_model(dataset: str, as_json: bool, given: dict[str, Any]) -> int:
    from zsr_tui.commands import judge_model as command
    from zsr_tui.commands.unjudged import Pool

    pool = Pool(
        dataset=dataset,
        systems=given["systems"],
        query=given["query"] or "",
        qid=given["qid"],
        subset=given["subset"],
        limit=given["limit"],
        depth=given["depth"] or 10,
        keep_self=given["keep_self"],
    )
    return command.run(
        command.Options(
            dataset=dataset,
            model=given["model"],
            address=given["address"],
            pool=pool,
            check=given["check"],
            seed=given["seed"],
            again=given["again"],
            yes=given["yes"],
            as_json=as_json,
        )
    )


@click.command(cls=options.Command)
@options.DATASET
@options.QUERY
@options.QID
@click.option("--doc", "doc_id", default="", callback=options.filled, help="A document, by its id.")
@click.option("--note", default=None, help="Note a text on the query, the document, or the document of the query.")
@click.option("--tag", default="", callback=options.filled, help="Tag it: a word or a few.")
@click.option("--bookmark", is_flag=True, help="Bookmark it.")
@click.option("--remove", is_flag=True, help="Take away the --note, --tag or --bookmark that is named.")
@click.option("--force", is_flag=True, help="Replace a note of yours that is there.")
@click.option("--find", default="", callback=options.filled, help="Only what holds these words.")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice(["note", "tag", "bookmark", "judgment"]),
    help="Only these; give it several times. All but judgments without it.",
)
@click.option("--tags", is_flag=True, help="Count the tags.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1), help="Rows at most.")
@options.JSON
@options.asking
def notes(query: str | None, qid: str | None, **given: Any) -> int:
    """List, find and add notes.

    Tags and bookmarks, too. The latest first; --kind judgment lists judgments.
    """
    if query is not None and qid is not None:
        raise click.UsageError("Give either --query TEXT or --qid ID.")
    target = query or qid or given["doc_id"]
    adding = given["note"] is not None or given["tag"] or given["bookmark"]
    if adding and not target:
        raise click.UsageError("Say what it is about: --qid ID, --query TEXT, --doc ID, or a query and a document.")
    if (given["remove"] or given["force"]) and not adding:
        raise click.UsageError("--remove and --force are for a --note, --tag or --bookmark: give one.")
    if given["find"] and target:
        raise click.UsageError("--find looks through everything: leave out the query and the document.")
    from zsr_tui.commands import notes as command

    return command.run(command.Options(query=query or "", qid=qid or "", **given))


COMMANDS = (judge, notes)
