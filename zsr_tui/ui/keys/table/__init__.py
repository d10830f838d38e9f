"""The table of everything that a user can do, place by place.

The order of a place's actions is the order of its key bar, what matters most first: what does not fit is left out from
the end.
"""

from __future__ import annotations

from zsr_tui.ui.keys.action import Action
from zsr_tui.ui.keys.table.anywhere import EVERYWHERE
from zsr_tui.ui.keys.table.compare import COMPARE, DOCUMENT, EDIT, SELDOM
from zsr_tui.ui.keys.table.engine import ENGINE
from zsr_tui.ui.keys.table.evaluation import EVALUATION, FORM
from zsr_tui.ui.keys.table.explain import AXIOMS, EXPLAIN
from zsr_tui.ui.keys.table.finding import FINDING
from zsr_tui.ui.keys.table.here import IN_FOCUS
from zsr_tui.ui.keys.table.judging import BLIND, MERGE, NOTE, POOL, REVIEW
from zsr_tui.ui.keys.table.queries import FAILURES, QUERIES
from zsr_tui.ui.keys.table.setup import SETUP

ACTIONS: tuple[Action, ...] = (
    *COMPARE,
    *DOCUMENT,
    *EDIT,
    *NOTE,
    *REVIEW,
    *MERGE,
    *EXPLAIN,
    *AXIOMS,
    *FINDING,
    *SETUP,
    *EVALUATION,
    *FORM,
    *QUERIES,
    *FAILURES,
    *POOL,
    *BLIND,
    *ENGINE,
    *IN_FOCUS,
    *EVERYWHERE,
    *SELDOM,
)
