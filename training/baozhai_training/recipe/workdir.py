"""The work folder of a run, and what a run needs before it begins."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

import numpy as np

from baozhai_training.config import RunConfig
from baozhai_training.data.labels import LEAST, LabelledParagraph, named, targets, without_one_topic
from baozhai_training.learners.setup import TrainingSetup

_CLAIM = "run.json"
_SHOWN = 5


class TooFewExamples(ValueError):
    """A topic cannot be learnt or measured."""


class NotExclusive(ValueError):
    """Some paragraph does not have exactly one topic, though the recipe says that all do."""


class OtherRun(ValueError):
    """The work folder holds what another run made."""


def check_counts(paragraphs: Sequence[LabelledParagraph], config: RunConfig) -> None:
    """Refuse labels from which some topic cannot be learnt.

    Raises:
        TooFewExamples: naming every such topic.
    """
    counts = targets(paragraphs, config.topic_set).sum(axis=0)
    few = [
        f"{topic.zh} has {count} of {len(paragraphs)}"
        for topic, count in zip(config.topic_set, counts, strict=True)
        if min(count, len(paragraphs) - count) < LEAST
    ]
    if few:
        raise TooFewExamples(
            f"every topic needs {LEAST} labelled paragraphs with it and {LEAST} without: {'; '.join(few)}."
            " Label more, or leave the topic out of the configuration"
        )


def check_exclusive(paragraphs: Sequence[LabelledParagraph], config: RunConfig) -> None:
    """Refuse labels with none or several topics, if ``config`` says that topics exclude each other.

    Raises:
        NotExclusive: naming the first few.
    """
    others = [paragraphs[place] for place in without_one_topic(paragraphs)]
    if config.exclusive and others:
        shown = "; ".join(f"{paragraph.text[:20]}… has {named(paragraph)}" for paragraph in others[:_SHOWN])
        raise NotExclusive(
            f"exclusive = true in the recipe, but {len(others)} of {len(paragraphs)} paragraphs do not have exactly one"
            f" topic: {shown}. Label them so, or leave exclusive out"
        )


def claim(setup: TrainingSetup, data: str) -> None:
    """Reserve the work folder for this run: it resumes from the checkpoints there after a kill, and no other run does.

    Args:
        setup: of the run.
        data: fingerprints of the training data.

    Raises:
        OtherRun: another run has reserved the folder.
    """
    work, start = setup.work, setup.start
    version = start.manifest.version if start else None
    mine = {
        "config": hashlib.sha256(setup.config.model_dump_json().encode()).hexdigest(),
        "data": data,
        "base": setup.base,
        "start": f"{version} afresh" if start and start.reset_topics else version,  # "afresh": as older runs wrote it
    }
    path = work / _CLAIM
    if path.exists():
        theirs = json.loads(path.read_text(encoding="utf-8"))
        if differing := [name for name in mine if theirs.get(name) != mine[name]]:
            raise OtherRun(
                f"{work} holds a run with another {', '.join(differing)}; choose another folder, or delete this one"
            )
        return
    work.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(mine), encoding="utf-8")
    partial.replace(path)


def held_out(paragraphs: Sequence[LabelledParagraph], share: float) -> list[bool]:
    """Which paragraphs are locked away for the gate: about ``share`` of the articles.

    An article's own name decides, so that what was locked away once stays so when labels are added later.
    """
    marks = [hashlib.sha256(paragraph.group.encode("utf-8", "replace")).digest()[:4] for paragraph in paragraphs]
    return [bool(np.frombuffer(mark, dtype=">u4")[0] < share * 2**32) for mark in marks]
