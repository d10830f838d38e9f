"""What the workers of a cluster do together of a model, from what `zsr-tui bench` has measured on their nodes, or at
home on a card of the same name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from zsr_tui.cluster.messages import About
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.queue import speeds
from zsr_tui.scoring.queue.speeds import Together

NAMED = 3  # nodes of which nothing is known


def together(workers: Sequence[About], resolved: ResolvedModel) -> Together:
    """On a processor each worker has the part of the figure that it has of the cores, and never more than all of it."""
    total, said, unknown = 0.0, Counter[str](), dict[str, None]()
    for worker in workers:
        card = "" if resolved.kind == "onnx" else worker.card
        rate, rests_on = _of(worker, resolved.fingerprint, card)
        if rate:
            total += rate
            said[f"{rate:,.0f} tokens/s ({rests_on})"] += 1
        else:
            unknown[f"{card or 'the processor'} of {worker.node}"] = None
    if unknown or not workers:
        more = [f"{len(unknown) - NAMED:,} more"] if len(unknown) > NAMED else []
        return Together(unknown=(*list(unknown)[:NAMED], *more))
    each = ", ".join(f"{count:,} of {what}" for what, count in said.items())
    return Together(total, f"zsr-tui bench, workers: {each}")


def _of(worker: About, fingerprint: str, card: str) -> tuple[float, str]:
    """Tokens a second, and what that rests on; 0 where nothing is known."""
    mine = [each for each in worker.speeds if each.fingerprint == fingerprint and (each.device != "cpu") == bool(card)]
    if card:
        if mine:
            return mine[0].tokens_per_second, f"there, {mine[0].when}"
        at_home = speeds.of_card(fingerprint, card)
        return (at_home.tokens_per_second, f"here on {card}, {at_home.when}") if at_home else (0.0, "")
    if not mine or not (one := mine[0]).cores:
        return 0.0, ""
    part = min(1.0, worker.cores / one.cores)
    cores = f", {worker.cores} of {one.cores} cores" if part < 1 else ""
    return one.tokens_per_second * part, f"there, {one.when}{cores}"
