"""Write a bundle: ONNX, tokenizer, n-grams, checkpoint, card and the manifest that vouches for them."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from safetensors.numpy import save_file
from transformers import PreTrainedTokenizerBase

from baozhai_model.bundle import MANIFEST, MODEL, NGRAMS, TOKENIZER, Manifest, sha256
from baozhai_model.topics.calibration import Rules
from baozhai_model.topics.ngrams import NgramModel
from baozhai_training.config import RunConfig
from baozhai_training.export.card import CARD, model_card
from baozhai_training.export.onnx_export import check_parity, export_onnx
from baozhai_training.export.quantization import quantize
from baozhai_training.learners.network import CHECKPOINT, TopicNetwork


def publish(
    out: Path,
    *,
    config: RunConfig,
    network: TopicNetwork,
    tokenizer: PreTrainedTokenizerBase,
    ngrams: NgramModel,
    rules: Rules,
    digest_weights: dict[str, float],
    titles: bool,
    parity_windows: list[list[int]],
    about: dict[str, Any],
) -> Manifest:
    """Write the bundle to ``out``, whole or not at all.

    Raises:
        FileExistsError: ``out`` is there already.
        ExportMismatch: the exported model answers differently from ``network``.
    """
    if out.exists():
        raise FileExistsError(f"{out} is there already; a bundle is never overwritten")
    partial = out.with_name(f".{out.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)  # a killed run's: what it left would be taken for ours
    partial.mkdir(parents=True)
    export_onnx(network, partial / "float.onnx")
    quantize(partial / "float.onnx", partial / MODEL)
    (partial / "float.onnx").unlink()
    difference = check_parity(network, partial / MODEL, parity_windows, config.tolerance)
    tokenizer.backend_tokenizer.save(str(partial / TOKENIZER))
    save_file({"idf": ngrams.idf, "weights": ngrams.weights, "bias": ngrams.bias}, partial / NGRAMS)
    network.save(partial / CHECKPOINT)
    tokenizer.save_pretrained(partial / CHECKPOINT)
    about = {
        **about,
        "parity": difference,
        "config": config.model_dump(mode="json"),
        "code": {"baozhai": version("baozhai"), "commit": commit()},
    }
    files = {
        path.relative_to(partial).as_posix(): sha256(path) for path in sorted(partial.rglob("*")) if path.is_file()
    }
    manifest = Manifest.joint(
        version="",
        topics=config.topic_set,
        rules=rules,
        window=config.encoder.window,
        digest_weights=digest_weights,
        files=files,
        titles=titles,
        about=about,
    )
    manifest = replace(manifest, version=f"{about['created'][:10]}-{identity(manifest)}")
    card = partial / CARD
    card.write_text(model_card(manifest), encoding="utf-8")
    manifest.files[CARD] = sha256(card)
    (partial / MANIFEST).write_text(
        json.dumps(manifest.to_json(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    partial.rename(out)
    return manifest


def identity(manifest: Manifest) -> str:
    """Seven hexadecimal digits that identify a bundle by its answers and its recipe.

    They are a hash of all that answers depend on (files, topics, calibration, thresholds, weights of signals) and of
    the recipe; measures, dates and the code's version do not count.
    """
    recipe = manifest.about.get("config")
    identifying = replace(manifest, version="", about={"config": recipe}).to_json()
    return hashlib.sha256(json.dumps(identifying, sort_keys=True).encode()).hexdigest()[:7]


def commit() -> str:
    """The commit that trained it, or an empty string outside a checkout."""
    found = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    return found.stdout.strip()
