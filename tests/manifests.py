"""Manifests that answer otherwise."""

from dataclasses import replace

from baozhai_model.bundle import Manifest
from baozhai_model.topics.calibration import Rules


def shifted(manifest: Manifest, bias: float, topic: int | None = None) -> Manifest:
    """``manifest`` with the logits of every topic, or of one, moved by ``bias``."""

    def moved(rules: Rules) -> Rules:
        each = [
            replace(rule, bias=rule.bias + bias) if topic in (None, place) else rule for place, rule in enumerate(rules)
        ]
        return replace(rules, topics=tuple(each))

    return manifest.with_rules(moved)
