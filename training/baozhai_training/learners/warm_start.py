"""Warm start: training continues from a bundle, with its heads and n-grams as initial weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file

from baozhai_model.bundle import MANIFEST, NGRAMS, Manifest, read_manifest, verify_files
from baozhai_model.topics.calibration import sigmoid
from baozhai_model.topics.ngrams import NgramModel
from baozhai_model.topics.topic_set import TopicSet
from baozhai_training.config import RunConfig
from baozhai_training.learners.finetuning import Example, window_outputs
from baozhai_training.learners.network import CHECKPOINT, HEADS, TopicNetwork


@dataclass(frozen=True)
class WarmStart:
    """A bundle that training continues from.

    Attributes:
        folder: of the bundle.
        manifest: of the bundle.
        checkpoint: the folder with its small encoder, heads and tokenizer.
        ngrams: its n-gram model.
        reset_topics: its topic heads and n-grams are dropped; its encoder and salience head are kept.
    """

    folder: Path
    manifest: Manifest
    checkpoint: Path
    ngrams: NgramModel
    reset_topics: bool = False

    @classmethod
    def of(cls, bundle: Path) -> WarmStart:
        """Check and read the bundle in ``bundle``.

        Raises:
            BundleError: it is not whole.
        """
        manifest = read_manifest(bundle)
        verify_files(bundle, manifest)
        arrays = load_file(bundle / NGRAMS)
        folder = CHECKPOINT if manifest.format == 1 else Path(manifest.small.model).parent
        return cls(bundle, manifest, bundle / folder, NgramModel(arrays["idf"], arrays["weights"], arrays["bias"]))

    @property
    def config(self) -> RunConfig:
        """The recipe that trained it."""
        return RunConfig.model_validate(self.manifest.about["config"])

    @property
    def staged(self) -> bool:
        """Whether it is a bundle of stages, not of one encoder."""
        return self.manifest.format > 1

    @property
    def large(self) -> Path | None:
        """The folder with its large encoder, if it has one."""
        encoders = [stage.encoder for stage in self.manifest.stages if stage.name == "large"]
        return self.folder / Path(encoders[0].model).parent if encoders and encoders[0] else None

    @property
    def token_weights(self) -> dict[str, float]:
        """Weights of the digest's signals for a salience head that scores tokens; bundles of stages keep them, too."""
        return token_weights(self.manifest)

    def ngrams_for(self, topics: TopicSet) -> NgramModel:
        """Its n-gram model with a column for each of ``topics``, zeros where it does not have the topic."""
        weights = np.zeros((len(self.ngrams.idf), len(topics)), dtype=np.float16)
        bias = np.full(len(topics), -1.0, dtype=np.float32)
        for column, place in self._places(topics):
            weights[:, column], bias[column] = self.ngrams.weights[:, place], self.ngrams.bias[place]
        return NgramModel(self.ngrams.idf, weights, bias)

    def initialize_topic_head(self, network: TopicNetwork, topics: TopicSet, checkpoint: Path | None = None) -> None:
        """Copy the bundle's rows of the topic head into ``network`` by topic; new topics get random rows.

        `TopicNetwork.from_base` copies a head by shape alone, without knowing which topic a row stands for.

        Args:
            network: whose topic head is set.
            topics: the columns of ``network``.
            checkpoint: the folder of the large encoder's heads; None for the small one.
        """
        known = load_file((checkpoint or self.checkpoint) / HEADS)
        fresh = torch.nn.Linear(network.topic_head.in_features, len(topics))
        with torch.no_grad():
            for column, place in self._places(topics):
                fresh.weight[column] = torch.from_numpy(known["topic_head.weight"][place].astype(np.float32))
                fresh.bias[column] = float(known["topic_head.bias"][place])
            network.topic_head.load_state_dict(fresh.state_dict())
        if self.reset_topics:
            network.dense.reset_parameters()

    def knows(self, topic: str) -> bool:
        """Whether training of the topic with that id continues from the bundle."""
        return not self.reset_topics and topic in self.manifest.topics.ids

    def _places(self, topics: TopicSet) -> list[tuple[int, int]]:
        ids = self.manifest.topics.ids
        return [(column, ids.index(topic.id)) for column, topic in enumerate(topics) if self.knows(topic.id)]


def remembering_salience(network: TopicNetwork, examples: Sequence[Example]) -> list[Example]:
    """``examples`` with the salience that ``network`` sees in them now, so that learning topics does not cost digests.

    Li & Hoiem 2016 (arXiv:1606.09282): the old outputs on the new data stand in for the old data.
    """
    outputs = window_outputs(network, [example.ids for example in examples])
    return [
        Example(example.ids, example.topics, sigmoid(output.salience.astype(np.float64)).astype(np.float32))
        for example, output in zip(examples, outputs, strict=True)
    ]


def token_weights(manifest: Manifest) -> dict[str, float]:
    """How a bundle weighs signals where its encoder scores token by token, which bundles of stages keep too."""
    weights: dict[str, float] = manifest.about.get("token_digest_weights", manifest.digest_weights)
    return weights


def is_bundle(base: str) -> bool:
    """Whether ``base`` is the folder of a bundle, not of a bare encoder."""
    return (Path(base) / MANIFEST).is_file()
