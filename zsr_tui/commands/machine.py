"""The commands about this machine and what is on it: their options, as `parser` has those that search and measure."""

from __future__ import annotations

from typing import Any

import click

from zsr_tui.commands import options
from zsr_tui.settings import Settings


@click.command()
@options.JSON
def corpora(as_json: bool) -> int:
    """List the corpora with their sizes, licences and states."""
    from zsr_tui.commands import listing

    return listing.corpora(as_json=as_json)


@click.command()
@options.JSON
def models(as_json: bool) -> int:
    """List the models of the catalogue."""
    from zsr_tui.commands import listing

    return listing.models(as_json=as_json)


@click.command()
@click.option("--clear", is_flag=True, help="Forget everything that it holds.")
@options.JSON
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
def bench(**given: Any) -> int:
    """Measure how fast models run on this machine."""
    from zsr_tui.commands import bench as command

    return command.run(**given)


@click.command()
@click.option("--verify", is_flag=True, help="Read every index and evaluation, too, and look for damage.")
@options.JSON
def doctor(verify: bool, as_json: bool) -> int:
    """Check what this machine offers, and say what to do.

    Java, torch, devices, the embedded models, folders, free space, the model hub, the terminal.
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
def web(port: int) -> int:
    """Serve the application to a browser on this machine.

    It listens on 127.0.0.1 alone and prints an address with a secret in it. Each tab is an application of its own;
    all of them share one engine. Needs the extra web: pip install 'zsr-tui[web]'.
    """
    from zsr_tui.commands import web as command

    return command.run(port)


COMMANDS = (corpora, models, cache, bench, doctor, config, locate, completion, web)
