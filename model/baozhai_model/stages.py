"""The stages of a model version: what is asked about a text, one after the other, while a decision is in doubt.

1. ``ngrams``: the linear model of character n-grams alone.
2. ``small``: the small encoder beside it.
3. ``large``: the pretrained encoder beside both.

Each stage has rules of its own, calibrated on the scores that it has, and bounds beyond which a text need not go on
(Varshney & Baral 2022, arXiv:2210.05528; Li et al. 2021, CascadeBERT, arXiv:2012.14682).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from baozhai_model.encoder.spec import EncoderSpec
from baozhai_model.topics.calibration import SCORES, Rules, TopicRule

StageName = Literal["ngrams", "small", "large"]
STAGES: tuple[StageName, ...] = get_args(StageName)
_BOUNDS = {"leave_below": -float("inf"), "leave_above": float("inf")}


@dataclass(frozen=True)
class Stage:
    """One stage.

    Attributes:
        name: what it asks that those before it did not.
        untitled, titled: its rules where no title is known, and where one is; None for the same ones.
        encoder: what it reads with; None for n-grams.
    """

    name: StageName
    untitled: Rules
    titled: Rules | None = None
    encoder: EncoderSpec | None = None

    @property
    def number(self) -> int:
        """1 for n-grams, 2 for the small encoder, 3 for the large one."""
        return STAGES.index(self.name) + 1

    @property
    def scores(self) -> tuple[str, ...]:
        """The scores that its rules weigh."""
        return self.untitled.scores

    def rules(self, titled: bool) -> Rules:
        """The rules for a text whose title is known, or not."""
        return self.titled if titled and self.titled is not None else self.untitled

    def with_rules(self, change: Callable[[Rules], Rules]) -> Stage:
        """The same stage with changed rules."""
        return replace(self, untitled=change(self.untitled), titled=self.titled and change(self.titled))

    @classmethod
    def from_json(cls, raw: dict[str, Any], *, exclusive: bool) -> Stage:
        """Read an entry of ``stages``.

        Raises:
            ValueError, KeyError, TypeError: it is none.
        """
        if raw["name"] not in STAGES:
            raise ValueError(f"there is no stage {raw['name']!r}; there are {', '.join(STAGES)}")
        rules = raw["rules"]
        return cls(
            name=raw["name"],
            untitled=_rules(rules["untitled"], exclusive),
            titled=_rules(rules["titled"], exclusive) if "titled" in rules else None,
            encoder=EncoderSpec.from_json(raw) if raw["name"] != "ngrams" else None,
        )

    def to_json(self) -> dict[str, Any]:
        """The entry of ``stages``."""
        rules = {"untitled": [_rule_json(rule) for rule in self.untitled]}
        if self.titled is not None:
            rules["titled"] = [_rule_json(rule) for rule in self.titled]
        return {"name": self.name, **(self.encoder.to_json() if self.encoder else {}), "rules": rules}


@dataclass(frozen=True, slots=True)
class DigestSpec:
    """How digests are taken with one encoder.

    Attributes:
        weights: of the signals of a sentence, and ``bias``.
        head: the salience head's path within the bundle; None where the encoder gives salience token by token.
        reads: whether the encoder reads each paragraph alone, as for topics, or the article as a whole.
    """

    weights: dict[str, float] = field(default_factory=dict)
    head: str | None = None
    reads: Literal["paragraphs", "article"] = "article"

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> DigestSpec:
        """Read an entry of ``digest``.

        Raises:
            ValueError, KeyError, TypeError: it is none.
        """
        if raw["reads"] not in ("paragraphs", "article"):
            raise ValueError(f"an encoder reads paragraphs or article, not {raw['reads']!r}")
        weights = {str(name): float(value) for name, value in raw["weights"].items()}
        return cls(weights, str(raw["head"]), raw["reads"])

    def to_json(self) -> dict[str, Any]:
        """The entry of ``digest``."""
        return {"reads": self.reads, "head": self.head, "weights": self.weights}


def check_stages(stages: Sequence[Stage], topics: int) -> None:
    """Refuse stages that could not be asked one after the other.

    Raises:
        ValueError: with what is wrong.
    """
    names = [stage.name for stage in stages]
    if "small" not in names or names != sorted(set(names), key=STAGES.index):
        raise ValueError(f"the stages are {names}; they must be of {', '.join(STAGES)}, in this order, with small")
    for stage in stages:
        for rules in (stage.untitled, stage.titled or stage.untitled):
            if len(rules) != topics:
                raise ValueError(f"stage {stage.name} has rules for {len(rules)} topics, but there are {topics}")
            later = set(rules.scores) - set(SCORES[: stage.number])
            if later or not rules.scores:
                raise ValueError(f"stage {stage.name} weighs {', '.join(sorted(later)) or 'no score'}")


def _rules(raw: list[dict[str, Any]], exclusive: bool) -> Rules:
    return Rules(tuple(_rule(each) for each in raw), exclusive)


def _rule(raw: dict[str, Any]) -> TopicRule:
    weights = {str(name): float(value) for name, value in raw["weights"].items()}
    if strange := sorted(set(weights) - set(SCORES)):
        raise ValueError(f"a rule weighs {', '.join(strange)}; scores are {', '.join(SCORES)}")
    numbers = {name: float(raw[name]) for name in ("bias", "threshold", "margin")}
    return TopicRule(weights, **numbers, **{name: float(raw.get(name, far)) for name, far in _BOUNDS.items()})


def _rule_json(rule: TopicRule) -> dict[str, Any]:
    bounds = {name: getattr(rule, name) for name, far in _BOUNDS.items() if getattr(rule, name) != far}
    numbers = {name: getattr(rule, name) for name in ("bias", "threshold", "margin")}
    return {"weights": dict(rule.weights), **numbers, **bounds}
