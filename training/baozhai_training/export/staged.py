"""Write a bundle of stages: n-grams, the small encoder and, if there is one, the large encoder.

Every encoder's folder is a transformers checkpoint and what serving loads at once: the ONNX graph beside the weights
points into them. Matrices are 8-bit rows, which `shared_weights.read_weights` widens for training.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from safetensors.torch import save_file as save_tensors

from baozhai_model.bundle import MANIFEST, MODEL, NGRAMS, TOKENIZER, Manifest, sha256
from baozhai_model.encoder.encoder import Encoder
from baozhai_model.encoder.spec import EncoderSpec
from baozhai_model.stages import DigestSpec, Stage, StageName
from baozhai_model.topics.calibration import sigmoid
from baozhai_model.topics.ngrams import NgramModel
from baozhai_model.topics.topic_set import TopicSet
from baozhai_training.export.card import CARD
from baozhai_training.export.onnx_export import ExportMismatch, export_onnx
from baozhai_training.export.publish import commit, identity
from baozhai_training.export.shared_weights import share_weights
from baozhai_training.export.smoothing import smoothing
from baozhai_training.learners.network import HEADS, TopicNetwork
from baozhai_training.learners.pair_encoder import PairReader, pair_logits
from baozhai_training.learners.stored_weights import WEIGHTS, eight_bit, read_weights, write_weights

HEAD = "salience.onnx"
SHOWN = 200  # windows that show how far activations reach, and compare an exported encoder with its network


@dataclass(frozen=True)
class ExportedEncoder:
    """An encoder as a bundle has it.

    Attributes:
        name: the stage that asks it, and its folder in the bundle.
        folder: its files, as `export_encoder` wrote them.
        spec: its entry in the manifest.
        difference: mean difference in probability between the graph and the network.
        digests: how digests are taken with it, its salience head being in ``folder``; None: not with this encoder.
    """

    name: StageName
    folder: Path
    spec: EncoderSpec
    difference: float
    digests: DigestSpec | None = None

    def with_digests(self, spec: DigestSpec) -> ExportedEncoder:
        """The same encoder with the digests of ``spec`` and the head that lies in its folder."""
        return replace(self, digests=replace(spec, head=f"{self.name}/{HEAD}"))

    def logits(self, texts: Sequence[Sequence[list[int]]]) -> NDArray[np.float64]:
        """Topic logits of texts of one or more windows, as serving computes them, (texts, topics)."""
        windows = [window for text in texts for window in text]
        outputs = iter(self._encoder.encode(windows, states=False))
        return np.stack([np.max([next(outputs).topic_logits for _ in text], axis=0) for text in texts]).astype(float)

    def states(self, windows: Sequence[list[int]]) -> list[NDArray[np.float32]]:
        """The states of each window, as serving computes them, (tokens, width)."""
        return [output.states for output in self._encoder.encode(windows)]

    @cached_property
    def _encoder(self) -> Encoder:
        return Encoder(self.folder / MODEL, pad=self.spec.pad)


def export_encoder(
    name: StageName,
    network: TopicNetwork,
    reader: PairReader,
    windows: Sequence[list[int]],
    folder: Path,
    *,
    tolerance: float,
) -> ExportedEncoder:
    """Write what serving loads and training goes on from to ``folder``; what is there already stays.

    ``network`` has the rounded matrices afterwards, as it is served.

    Args:
        name: the stage that asks it.
        network: with its topic head.
        reader: its tokenizer and how much it reads.
        windows: token ids, such as it will read: they show how far activations reach, and compare graph and network.
        folder: for its files.
        tolerance: most that they may differ in probability, in the mean.

    Raises:
        ExportMismatch: they differ by more.
    """
    cls, sep, pad = reader.special
    spec = EncoderSpec(f"{name}/{MODEL}", f"{name}/{TOKENIZER}", reader.window, reader.title_tokens, cls, sep, pad)
    measured = folder.with_suffix(".json")
    if folder.exists():
        network.encoder.load_state_dict(read_weights(folder / WEIGHTS))
        return ExportedEncoder(name, folder, spec, json.loads(measured.read_text(encoding="utf-8")))
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    encoder = network.eval().encoder
    expected = pair_logits(network, windows, pad)
    encoder.config.save_pretrained(partial)
    reader.tokenizer.save_pretrained(partial)
    write_weights(eight_bit(encoder.state_dict(), smoothing(encoder, windows, pad)), partial / WEIGHTS)
    encoder.load_state_dict(read_weights(partial / WEIGHTS))
    heads = {name: value for name, value in network.state_dict().items() if not name.startswith("encoder.")}
    save_tensors({name: value.half().contiguous() for name, value in heads.items()}, partial / HEADS)
    export_onnx(network, partial / "float.onnx", salience=False)
    share_weights(partial / "float.onnx", partial / WEIGHTS, partial / MODEL)
    (partial / "float.onnx").unlink()
    for path in partial.iterdir():
        path.chmod(0o644)
    exported = ExportedEncoder(name, partial, spec, 0.0)
    found = exported.logits([[window] for window in windows])
    difference = float(np.abs(sigmoid(found) - sigmoid(expected)).mean())
    if difference > tolerance:
        raise ExportMismatch(f"{partial / MODEL} differs from its network by {difference:.4f}; at most {tolerance} may")
    measured.write_text(json.dumps(difference), encoding="utf-8")
    partial.rename(folder)
    return replace(exported, folder=folder, difference=difference)


def publish_staged(
    out: Path,
    *,
    topics: TopicSet,
    ngrams: NgramModel,
    encoders: Sequence[ExportedEncoder],
    stages: Sequence[Stage],
    titles: bool,
    card: str,
    about: dict[str, Any],
) -> Manifest:
    """Write the bundle to ``out``, whole or not at all; ``stages`` lack their encoders, which are filled in.

    Raises:
        FileExistsError: ``out`` is there already.
    """
    if out.exists():
        raise FileExistsError(f"{out} is there already; a bundle is never overwritten")
    partial = out.with_name(f".{out.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for encoder in encoders:
        shutil.copytree(encoder.folder, partial / encoder.name)
    save_file({"idf": ngrams.idf, "weights": ngrams.weights, "bias": ngrams.bias}, partial / NGRAMS)
    (partial / CARD).write_text(card, encoding="utf-8")
    (partial / NGRAMS).chmod(0o644)
    specs = {encoder.name: encoder.spec for encoder in encoders}
    differences = {encoder.name: encoder.difference for encoder in encoders}
    manifest = Manifest(
        version="",
        topics=topics,
        stages=tuple(replace(stage, encoder=specs.get(stage.name)) for stage in stages),
        digests={encoder.name: encoder.digests for encoder in encoders if encoder.digests is not None},
        files={p.relative_to(partial).as_posix(): sha256(p) for p in sorted(partial.rglob("*")) if p.is_file()},
        titles=titles,
        about={**about, "parity": differences, "code": {"baozhai": version("baozhai"), "commit": commit()}},
    )
    manifest = replace(manifest, version=f"{about['created'][:10]}-{identity(manifest)}")
    text = json.dumps(manifest.to_json(), ensure_ascii=False, indent=1)
    (partial / MANIFEST).write_text(f"{text}\n", encoding="utf-8")
    partial.rename(out)
    return manifest
