"""Going on from a bundle: what it knows is where the next training starts, and what that must not lose."""

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
from baozhai_training.export.publish import CHECKPOINT
from baozhai_training.learners.finetuning import Example, window_outputs
from baozhai_training.learners.network import HEADS, TopicNetwork


@dataclass(frozen=True)
class WarmStart:
    """A bundle to go on from.

    Attributes:
        folder: its own.
        manifest: what it says of itself.
        checkpoint: the folder with its small encoder, heads and tokenizer.
        ngrams: its linear half.
        afresh: what it knows of topics is forgotten, what it knows of language and salience is kept.
    """

    folder: Path
    manifest: Manifest
    checkpoint: Path
    ngrams: NgramModel
    afresh: bool = False

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
        """The recipe that made it."""
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
        """How signals are weighed where the encoder scores token by token, which bundles of stages keep too."""
        weights: dict[str, float] = self.manifest.about.get("token_digest_weights", self.manifest.digest_weights)
        return weights

    def ngrams_for(self, topics: TopicSet) -> NgramModel:
        """Its linear half with a column for each of ``topics``, zeros where it does not have the topic."""
        weights = np.zeros((len(self.ngrams.idf), len(topics)), dtype=np.float16)
        bias = np.full(len(topics), -1.0, dtype=np.float32)
        for column, place in self._places(topics):
            weights[:, column], bias[column] = self.ngrams.weights[:, place], self.ngrams.bias[place]
        return NgramModel(self.ngrams.idf, weights, bias)

    def seat(self, network: TopicNetwork, topics: TopicSet, checkpoint: Path | None = None) -> None:
        """Give ``network`` its rows of the topic head by topic, fresh ones to topics that it does not have.

        `TopicNetwork.from_base` takes a head over by shape, which tells nothing of which topics its rows stand for.
        ``checkpoint``: that of the large encoder; None for the small one.
        """
        known = load_file((checkpoint or self.checkpoint) / HEADS)
        fresh = torch.nn.Linear(network.topic_head.in_features, len(topics))
        with torch.no_grad():
            for column, place in self._places(topics):
                fresh.weight[column] = torch.from_numpy(known["topic_head.weight"][place].astype(np.float32))
                fresh.bias[column] = float(known["topic_head.bias"][place])
            network.topic_head.load_state_dict(fresh.state_dict())
        if self.afresh:
            network.dense.reset_parameters()

    def knows(self, topic: str) -> bool:
        """Whether the topic of that id is learnt further, not anew."""
        return not self.afresh and topic in self.manifest.topics.ids

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


def is_bundle(base: str) -> bool:
    """Whether ``base`` is the folder of a bundle, not of a bare encoder."""
    return (Path(base) / MANIFEST).is_file()
