"""The commands about this machine and what is on it: their options, as `parser` has those that search and measure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from zsr_tui.commands import options
from zsr_tui.settings import Settings


@click.command()
@click.argument("corpus", required=False)
@options.JSON
@options.asking
def corpora(corpus: str | None, as_json: bool) -> int:
    """List the corpora with their sizes, licences and states.

    Or say how CORPUS is read, and show what it begins with.

    \b
    CORPUS is anything that --dataset takes, such as
      articles.csv                            columns guessed
      articles.csv(id=docno, text=body)       columns named
      notes(by=heading)                       a folder of Markdown, by heading
      beir/scifact/test(size=100, overlap=20) chunks of 100 words
    """
    from zsr_tui.commands import listing

    return listing.corpora(as_json=as_json) if corpus is None else listing.corpus(corpus, as_json=as_json)


@click.command()
@click.argument("dataset", required=False, default="", shell_complete=options.completed("datasets"))
@options.JSON
@options.asking
def prebuilt(dataset: str, as_json: bool) -> int:
    """List the published indexes of DATASET, or of all. They are Anserini's and pyserini's, as systems to search with.

    A search downloads what it names, into the folder of PYSERINI_CACHE where that is set.
    """
    from zsr_tui.commands import listing

    return listing.prebuilt(dataset, as_json=as_json)


@click.command()
@click.option("--licences", is_flag=True, help="Print the licences of the weights that packages embed, as texts.")
@options.JSON
@options.asking
def models(licences: bool, as_json: bool) -> int:
    """List the models of the catalogue."""
    from zsr_tui.commands import listing

    if licences:
        return listing.licences(as_json=as_json)
    return listing.models(as_json=as_json)


@click.command()
@click.option("--clear", is_flag=True, help="Forget everything that it holds.")
@options.JSON
@options.of_this_machine
def cache(clear: bool, as_json: bool) -> int:
    """Show the cache of scores and query vectors, or clear it."""
    from zsr_tui.commands import cache as command

    return command.run(clear=clear, as_json=as_json)


@click.command()
@click.option(
    "--model",
    "models",
    multiple=True,
    shell_complete=options.completed("models"),
    help="A model's name; give it several times to compare. The embedded ones without it.",
)
@click.option(
    "--precision",
    "precisions",
    multiple=True,
    type=click.Choice(["fp32", "bf16", "fp16"]),
    help="Of models that torch runs; give it several times. The device's own without it.",
)
@click.option(
    "--pairs", "count", default=64, show_default=True, type=click.IntRange(1, 100_000), help="Pairs, or texts, a round."
)
@options.JSON
@options.of_this_machine
def bench(**given: Any) -> int:
    """Measure how fast models run on this machine."""
    from zsr_tui.commands import bench as command

    return command.run(**given)


@click.command()
@click.option("--verify", is_flag=True, help="Read every index and evaluation, too, and look for damage.")
@options.JSON
@options.of_this_machine
def doctor(verify: bool, as_json: bool) -> int:
    """Check what this machine offers, and say what to do.

    Java, torch, devices, the embedded models, folders, free space, the model hub, engines of others, the terminal.
    """
    from zsr_tui.commands import doctor as command

    return command.run(verify=verify, as_json=as_json)


@click.command()
@click.option("--default", "as_file", is_flag=True, help="Print a file of settings to start from, all of it comments.")
@options.JSON
@click.pass_obj
def config(settings: Settings, as_file: bool, as_json: bool) -> int:
    """Show every setting and where its value comes from."""
    from zsr_tui.commands import config as command

    return command.run(settings, as_file=as_file, as_json=as_json)


@click.command()
@options.JSON
@options.of_this_machine
def locate(as_json: bool) -> int:
    """Print where indexes, settings, data and logs lie."""
    from zsr_tui.commands import listing

    return listing.locate(as_json=as_json)


@click.command()
@click.argument("shell", required=False, type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str | None) -> int:
    """Print the completion for a shell.

    It completes commands, options, datasets, systems and files.

    \b
    bash, in ~/.bashrc:  eval "$(zsr-tui completion bash)"
    zsh, in ~/.zshrc:    eval "$(zsr-tui completion zsh)"
    fish, once:          zsr-tui completion fish > \\
                         ~/.config/fish/completions/zsr-tui.fish
    """
    from zsr_tui.commands import completion as command

    return command.run(shell)


@click.command()
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Where the server listens; 0 is any port that is free.",
)
@options.asking
def web(port: int) -> int:
    """Serve the application to a browser on this machine.

    It listens on 127.0.0.1 alone and prints an address with a secret in it. Each tab is an application of its own;
    all of them share one engine. Needs the extra web, which `make run` installs; else pip install "zsr-tui[web]".
    """
    from zsr_tui.commands import web as command

    return command.run(port)


@click.command(cls=options.Command)
@click.option(
    "--socket",
    type=click.Path(path_type=Path),
    callback=options.filled,
    help="Listen at a Unix socket.  [default: zsr-tui/engine.sock in XDG_RUNTIME_DIR or ~/.cache]",
)
@click.option(
    "--socket-mode",
    callback=options.filled,
    help="Who may open the socket: 600 you, 660 its group, 666 everybody of this machine.  [default: 600]",
)
@click.option(
    "--listen",
    metavar="[HOST:]PORT",
    callback=options.filled,
    help="Listen at a port in place of a socket: of 127.0.0.1, unless a host is given. Needs --token-file.",
)
@click.option(
    "--token-file",
    type=click.Path(path_type=Path),
    callback=options.filled,
    help="Who may ask: a name and a token on each line. It is read again when it changes.",
)
@click.option("--tls-cert", type=click.Path(path_type=Path), help="With --listen: a certificate, as PEM.")
@click.option("--tls-key", type=click.Path(path_type=Path), help="With --listen: its key, as PEM.")
@click.option(
    "--plain", is_flag=True, help="With --listen: no TLS towards other machines; something in front of it encrypts."
)
@click.option(
    "--allow-folder",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A folder of this machine whose corpora and models may be named by others; give it several times.",
)
@click.option(
    "--allow-host",
    multiple=True,
    callback=options.filled,
    help="A server, as HOST or HOST:PORT, that others may have asked by this engine; give it several times.",
)
@click.option(
    "--allow-cluster",
    multiple=True,
    callback=options.filled,
    help="A Ray cluster, as ray://HOST:PORT, that others may name with --on; give it several times.",
)
@click.option(
    "--requests", default=64, show_default=True, type=click.IntRange(1), help="That one caller may have under way."
)
@click.option("--streams", default=32, show_default=True, type=click.IntRange(1), help="That may be streams of them.")
@click.option(
    "--drain",
    default=30,
    show_default=True,
    type=click.IntRange(0),
    help="Seconds that what is under way has to end when the engine is told to (SIGTERM, Ctrl-C).",
)
@click.option("--log-all", is_flag=True, help="Log each request, the quick questions of screens, too.")
@options.PRECISION
@options.RELEVANT_GRADE
def serve(**given: Any) -> int:
    """Run one engine for several users and scripts.

    They share models, indexes, the cache and batches, and each has evaluations and judgments of their own. Prints the
    address that they name with --engine; requests are logged on stderr as JSON. docs/serve.md has a team's set-up.
    """
    from zsr_tui.commands import serve as command

    return command.run(**given)


COMMANDS = (corpora, models, prebuilt, cache, bench, doctor, config, locate, completion, web, serve)
