"""What keys do in the views of an explanation: their labels in the bar, and what Enter opens. No widgets."""

from __future__ import annotations

from dataclasses import replace

from zsr_tui.explanation import Explanation, Part
from zsr_tui.ui.explain.asked import Asked, Known
from zsr_tui.ui.explain.versus import Key, cuts

WHY, SEEN, VERSUS = "why", "seen", "versus"
VIEWS = (WHY, SEEN, VERSUS)
_OPENED = {"occlusion": "words", "pairwise": "duel"}  # by Enter


def labels(asked: Asked, known: Known, shown: str) -> dict[str, str]:
    """By action; what cannot be done now stands in no bar."""
    found, said = known.explanation(), {} if shown == SEEN else {"explain_special": ""}
    family = found.family if found is not None else ""
    said["explain_words"] = "" if shown != WHY or asked.sentence else _OPENED.get(family, "")
    if not asked.gradient and (found is None or not found.gradient):
        said["explain_gradient"] = ""
    if shown != VERSUS or not cuts(known):
        said["explain_all"] = ""
    if known.finished:
        said["explain_stop"] = ""
    if len(asked.about.systems) < 2:
        said |= {"explain_system": "", "explain_against_system": ""}
    return said | {"explain_back": "sentences" if asked.sentence else "back"}


def opened(asked: Asked, shown: str, found: Explanation | None, part: Part | None, key: Key) -> Asked | str:
    """The words of a sentence, or the duel with a document; or why there is nothing to open. `key` names those of
    actions."""
    if shown == WHY and found is not None and found.family == "pairwise" and part in found.parts:
        return replace(asked, rival=part.text)
    if shown != WHY or found is None or part is None or not part.spans:
        return "Words are left out of a sentence: choose one in the table."
    if found.family != "occlusion":
        words = key("explain_words")
        return f"There is nothing more to open here: {words} goes into a reranker's sentence, word by word."
    if asked.sentence is not None:
        return f"These are the words: {key('explain_back')} goes back to the sentences."
    return replace(asked, sentence=part.spans[0])
