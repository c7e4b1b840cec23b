"""How far people agree, corrected for chance.

Krippendorff's alpha for nominal data (Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability"), a topic at a
time: each text is a unit, each person's yes or no a value. 1 is full agreement, 0 what chance gives.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def alpha(units: Iterable[Sequence[bool]]) -> float | None:
    """Agreement over ``units``, each the answers of those who labelled one text; None where it is not defined.

    It is not where no text has two answers, or where all answers are the same, which leaves nothing to agree about.

    >>> round(alpha([(True, True), (False, False), (True, False), (False, False)]), 3)
    0.533
    """
    disagreement, yes, no = 0.0, 0, 0
    for unit in units:
        if len(unit) < 2:
            continue
        given = sum(unit)
        disagreement += 2 * given * (len(unit) - given) / (len(unit) - 1)
        yes, no = yes + given, no + len(unit) - given
    values = yes + no
    if not yes or not no:
        return None
    expected = 2 * yes * no / (values - 1)
    return 1.0 - disagreement / expected
