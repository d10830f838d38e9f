"""A query and its changes: what was asked before, what it brought, and the way back and forth between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zsr_tui.api.requests import SystemHead
from zsr_tui.text import Terms, one_line
from zsr_tui.ui.compare.lists import SystemList

if TYPE_CHECKING:
    from zsr_tui.api.events import DocHead


@dataclass(eq=False, slots=True)
class Version:
    """A query as it was asked; `qid` where it was asked by its id in the dataset. `parent` is the query that it is a
    change of, `next` the change of it that was shown last, `own` the dataset query that it turned out to be.

    A `draft` was asked while it was typed: nobody goes back to it.
    `lists` and `heads` are what it brought, as it stood when another query took its place; `drop_self` says how.
    """

    text: str
    qid: str | None = None
    parent: Version | None = None
    next: Version | None = None
    own: str | None = None
    lists: Sequence[SystemList] = ()
    heads: Mapping[str, DocHead] = field(default_factory=dict)
    drop_self: bool = True
    draft: bool = False

    @property
    def judged_as(self) -> str | None:
        """The id of the dataset query that is nearest among those it is a change of; None where none of them is one."""
        above = self.parent
        while above is not None and above.own is None:
            above = above.parent
        return above.own if above is not None else None

    @property
    def changes(self) -> int:
        """How many changes led here."""
        return 0 if self.parent is None else self.parent.changes + 1

    @property
    def root(self) -> Version:
        return self if self.parent is None else self.parent.root

    def is_asked_by(self, text: str, qid: str | None) -> bool:
        return self.qid == qid and (qid is not None or self.text == text)

    def is_changed_to(self, text: str) -> bool:
        """Whether a text that was typed is a change of this query and not another query: the same words, or half of
        the terms of the shorter one in common."""
        words, others = one_line(self.text).casefold(), one_line(text).casefold()
        ours, theirs = Terms.of(self.text).stems, Terms.of(text).stems
        if not ours or not theirs:
            return words in others or others in words
        return 2 * len(ours & theirs) >= min(len(ours), len(theirs))


def carried(version: Version | None, systems: Sequence[str]) -> Version | None:
    """The query that this one is a change of, for other systems: lists of those that stay are what they were."""
    if version is None or version.draft or version.parent is None:
        return None
    before = version.parent
    found = {each.head.notation: each for each in before.lists}
    lists = tuple(found.get(system) or SystemList(SystemHead(notation=system, label=system)) for system in systems)
    parent = carried(before, systems)
    return Version(before.text, before.qid, parent, None, before.own, lists, before.heads, before.drop_self)
