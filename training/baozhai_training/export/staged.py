"""Write a bundle of stages: n-grams, the small encoder and, if there is one, the large encoder.

Every encoder's folder is a transformers checkpoint and what serving loads at once: the ONNX graph beside the weights
points into them. The large encoder's matrices are 8-bit rows, which `shared_weights.read_weights` widens.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from safetensors.numpy import save_file
from safetensors.torch import save_file as save_tensors
from transformers import PreTrainedTokenizerBase

from baozhai_model.bundle import MANIFEST, MODEL, NGRAMS, TOKENIZER, Manifest, sha256
from baozhai_model.encoder.spec import EncoderSpec
from baozhai_model.stages import DigestSpec, Stage, StageName
from baozhai_model.topics.calibration import sigmoid
from baozhai_model.topics.ngrams import NgramModel
from baozhai_model.topics.topic_set import TopicSet
from baozhai_training.export.card import CARD
from baozhai_training.export.onnx_export import ExportMismatch, export_onnx
from baozhai_training.export.publish import commit, identity
from baozhai_training.export.shared_weights import eight_bit, half, read_weights, share_weights, write_weights
from baozhai_training.learners.network import HEADS, TopicNetwork
from baozhai_training.learners.pair_encoder import padded_batch, pair_logits
from baozhai_training.learners.salience_head import SalienceHead, export_head

WEIGHTS, HEAD = "model.safetensors", "salience.onnx"


@dataclass(frozen=True)
class PublishedEncoder:
    """One encoder of the bundle.

    Attributes:
        name: the stage that asks it, and its folder.
        network: with its topic head.
        tokenizer: its own.
        window, title_tokens: as in `EncoderSpec`.
        parity: windows of token ids on which ONNX and torch are compared.
        head: for digests, with the weights of signals; None for no digests.
        weights: of the signals of sentences.
        reads: what the encoder reads for a digest.
        narrow: whether weights are stored in 8 bits, not 16.
    """

    name: StageName
    network: TopicNetwork
    tokenizer: PreTrainedTokenizerBase
    window: int
    title_tokens: int
    parity: Sequence[list[int]]
    head: SalienceHead | None = None
    weights: dict[str, float] | None = None
    reads: str = "paragraphs"
    narrow: bool = False

    def spec(self) -> EncoderSpec:
        """Its entry in the manifest."""
        ids = self.tokenizer
        return EncoderSpec(
            model=f"{self.name}/{MODEL}",
            tokenizer=f"{self.name}/{TOKENIZER}",
            window=self.window,
            title_tokens=self.title_tokens,
            cls=ids.cls_token_id,
            sep=ids.sep_token_id,
            pad=ids.pad_token_id,
        )

    def write(self, folder: Path, tolerance: float) -> float:
        """Write its files; the largest difference in probability between ONNX and torch.

        Raises:
            ExportMismatch: that is more than ``tolerance``.
        """
        encoder = self.network.encoder
        encoder.config.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)
        stored = eight_bit(encoder.state_dict()) if self.narrow else half(encoder.state_dict())
        write_weights(stored, folder / WEIGHTS)
        encoder.load_state_dict(read_weights(folder / WEIGHTS))
        heads = {name: value for name, value in self.network.state_dict().items() if not name.startswith("encoder.")}
        save_tensors({name: value.half().contiguous() for name, value in heads.items()}, folder / HEADS)
        export_onnx(self.network, folder / "float.onnx", salience=False)
        share_weights(folder / "float.onnx", folder / WEIGHTS, folder / MODEL)
        (folder / "float.onnx").unlink()
        if self.head is not None:
            export_head(self.head, folder / HEAD)
        return self._checked(folder / MODEL, tolerance)

    def _checked(self, path: Path, tolerance: float) -> float:
        pad = self.tokenizer.pad_token_id
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        expected, worst = pair_logits(self.network, self.parity, pad), 0.0
        for window, logits in zip(self.parity, expected, strict=True):
            ids, mask = padded_batch([window], pad)
            found = session.run(["topic_logits"], {"input_ids": ids.numpy(), "attention_mask": mask.numpy()})[0][0]
            worst = max(worst, float(np.abs(sigmoid(found.astype(np.float64)) - sigmoid(logits)).max()))
        if worst > tolerance:
            raise ExportMismatch(f"{path} differs from the torch model by {worst:.4f}; at most {tolerance} may")
        return worst


def publish_staged(
    out: Path,
    *,
    topics: TopicSet,
    ngrams: NgramModel,
    encoders: Sequence[PublishedEncoder],
    stages: Sequence[Stage],
    titles: bool,
    card: str,
    about: dict[str, Any],
    tolerance: float,
) -> Manifest:
    """Write the bundle to ``out``, whole or not at all; ``stages`` lack their encoders, which are filled in.

    Raises:
        FileExistsError: ``out`` is there already.
        ExportMismatch: an exported model answers differently from its network.
    """
    if out.exists():
        raise FileExistsError(f"{out} is there already; a bundle is never overwritten")
    partial = out.with_name(f".{out.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    differences = {}
    for encoder in encoders:
        (partial / encoder.name).mkdir(parents=True)
        differences[encoder.name] = encoder.write(partial / encoder.name, tolerance)
    save_file({"idf": ngrams.idf, "weights": ngrams.weights, "bias": ngrams.bias}, partial / NGRAMS)
    (partial / CARD).write_text(card, encoding="utf-8")
    specs = {encoder.name: encoder.spec() for encoder in encoders}
    manifest = Manifest(
        version="",
        topics=topics,
        stages=tuple(replace(stage, encoder=specs.get(stage.name)) for stage in stages),
        digests={
            encoder.name: DigestSpec(encoder.weights or {}, f"{encoder.name}/{HEAD}", encoder.reads)  # type: ignore[arg-type]
            for encoder in encoders
            if encoder.head is not None
        },
        files={p.relative_to(partial).as_posix(): sha256(p) for p in sorted(partial.rglob("*")) if p.is_file()},
        titles=titles,
        about={**about, "parity": differences, "code": {"baozhai": version("baozhai"), "commit": commit()}},
    )
    manifest = replace(manifest, version=f"{about['created'][:10]}-{identity(manifest)}")
    text = json.dumps(manifest.to_json(), ensure_ascii=False, indent=1)
    (partial / MANIFEST).write_text(f"{text}\n", encoding="utf-8")
    partial.rename(out)
    return manifest
