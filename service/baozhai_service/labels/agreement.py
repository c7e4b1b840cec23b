"""Inter-annotator agreement, corrected for chance.

Krippendorff's alpha for nominal data (Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability"), computed for
each topic by itself: each text is a unit, each annotator's yes or no a value. 1 is full agreement, 0 chance agreement.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def alpha(units: Iterable[Sequence[bool]]) -> float | None:
    """Alpha over ``units``, each the values that annotators gave one text; None where it is not defined.

    It is not defined if no text has two values, or if all values are equal.

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
