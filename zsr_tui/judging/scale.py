"""The scale that models judge on, and what its grades are on a dataset's own."""

from __future__ import annotations

LOWEST, HIGHEST = 0, 3  # UMBRELA's, which is that of TREC's Deep Learning tracks
RELEVANT_FROM = 2  # the grade from which on these tracks take a passage as relevant where a measure knows no grades


def counts_as(given: int, highest: int) -> int:
    """A model's grade on a scale from 0 to `highest`: as it is where that goes to 3, too. On any other scale what is
    not relevant is 0, and the relevant grades are spread evenly from 1 to the highest, halves upwards: of 0, 1, 2, 3
    that makes 0, 0, 1, 1 where the highest is 1, and 0, 0, 1, 2 where it is 2."""
    if highest == HIGHEST:
        return given
    if given < RELEVANT_FROM:
        return 0
    levels = HIGHEST - RELEVANT_FROM + 1
    place = given - RELEVANT_FROM + 1
    return max(1, (2 * place * highest + levels) // (2 * levels))


def all_count_as(highest: int) -> tuple[int, ...]:
    """Of each of the model's grades, the lowest first."""
    return tuple(counts_as(given, highest) for given in range(LOWEST, HIGHEST + 1))
