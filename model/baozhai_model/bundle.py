"""A bundle: one model version as plain files, loaded only when every checksum matches.

manifest.json              version, topics, stages with their rules, checksums, data, config, metrics, base
ngrams.safetensors         the linear model of character n-grams
small/, large/             an encoder each: model.onnx, model.safetensors (its weights), tokenizer.json, salience.onnx
MODEL_CARD.md              data, figures, floors, limits, for people

Format 1 has one encoder: model.onnx with topic and salience heads, and tokenizer.json.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from safetensors import SafetensorError
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from baozhai_model.encoder.encoder import Encoder
from baozhai_model.encoder.large import LargeStage
from baozhai_model.encoder.reader import Reader
from baozhai_model.encoder.runtimes import RuntimeName
from baozhai_model.encoder.salience_head import SalienceHead
from baozhai_model.encoder.spec import EncoderSpec
from baozhai_model.errors import BaozhaiError, BundleCorrupt, BundleNotFound
from baozhai_model.stages import STAGES, DigestSpec, Stage, check_stages
from baozhai_model.topics.calibration import Rules, TopicRule
from baozhai_model.topics.ngrams import NgramModel
from baozhai_model.topics.topic_set import Topic, TopicSet

FORMAT = 2
DEFAULT_BUNDLE = Path(__file__).parent / "default_bundle"
MANIFEST = "manifest.json"
MODEL = "model.onnx"
TOKENIZER = "tokenizer.json"
NGRAMS = "ngrams.safetensors"


@dataclass(frozen=True)
class Manifest:
    """What ``manifest.json`` says; ``about`` holds what only people and reports read.

    Attributes:
        version: of the model.
        topics: that it tells apart, in the order of its logits.
        stages: asked one after the other. A bundle of format 1 has one, which asks n-grams and encoder at once.
        digests: by encoder, how digests are taken.
        files: SHA-256 by path.
        titles: whether it was taught paragraphs under their articles' titles; if not, titles are not shown to it.
        about: data, configuration, metrics and base.
    """

    version: str
    topics: TopicSet
    stages: tuple[Stage, ...]
    digests: dict[str, DigestSpec]
    files: dict[str, str]
    titles: bool = False
    about: dict[str, Any] = field(default_factory=dict)
    format: int = FORMAT

    @classmethod
    def joint(
        cls,
        *,
        version: str,
        topics: TopicSet,
        rules: Rules,
        window: int,
        digest_weights: dict[str, float],
        files: dict[str, str],
        titles: bool = False,
        about: dict[str, Any] | None = None,
    ) -> Manifest:
        """The manifest of format 1: one encoder, whose rules weigh the n-grams too."""
        stage = Stage("small", rules, encoder=EncoderSpec(MODEL, TOKENIZER, window))
        digests = {"small": DigestSpec(digest_weights)}
        return cls(version, topics, (stage,), digests, files, titles, about or {}, format=1)

    @property
    def rules(self) -> Rules:
        """Those of the last stage, for texts whose title is not known."""
        return self.stages[-1].untitled

    @property
    def exclusive(self) -> bool:
        """Whether every text is given exactly one topic."""
        return self.rules.exclusive

    @property
    def small(self) -> EncoderSpec:
        """The small encoder, whose windows are those that a text is cut into."""
        return next(stage.encoder for stage in self.stages if stage.name == "small" and stage.encoder)

    @property
    def window(self) -> int:
        """Most tokens of a window of the small encoder."""
        return self.small.window

    @property
    def digest_weights(self) -> dict[str, float]:
        """How the signals of sentences are weighed with the small encoder."""
        return self.digests["small"].weights

    def with_rules(self, change: Callable[[Rules], Rules]) -> Manifest:
        """The same manifest with every stage's rules changed."""
        return replace(self, stages=tuple(stage.with_rules(change) for stage in self.stages))

    def to_json(self) -> dict[str, Any]:
        """The contents of ``manifest.json``."""
        topics = [{"id": topic.id, "zh": topic.zh, "en": topic.en} for topic in self.topics]
        common = {"version": self.version, "exclusive": self.exclusive, "titles": self.titles, "files": self.files}
        if self.format == 1:
            return {
                "format": 1,
                **common,
                "topics": [{**topic, **_joint_rule_json(rule)} for topic, rule in zip(topics, self.rules, strict=True)],
                "window": self.window,
                "digest_weights": self.digest_weights,
                **self.about,
            }
        return {
            "format": self.format,
            **common,
            "topics": topics,
            "stages": [stage.to_json() for stage in self.stages],
            "digest": {name: spec.to_json() for name, spec in self.digests.items()},
            **self.about,
        }

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Manifest:
        """Read what `to_json` wrote.

        Raises:
            ValueError: another format, or a value that is missing or of the wrong type.
        """
        if raw.get("format") not in (1, FORMAT):
            raise ValueError(f"format is {raw.get('format')!r}; this release reads formats 1 and {FORMAT}")
        try:
            topics = TopicSet(Topic(t["id"], t["zh"], t.get("en", "")) for t in raw["topics"])
            exclusive = bool(raw.get("exclusive", False))
            common: dict[str, Any] = {
                "version": str(raw["version"]),
                "topics": topics,
                "titles": bool(raw.get("titles", False)),
                "files": {str(name): str(value) for name, value in raw["files"].items()},
                "about": {name: value for name, value in raw.items() if name not in _KNOWN},
            }
            if raw["format"] == 1:
                return cls.joint(
                    **common,
                    rules=Rules(tuple(_joint_rule(topic) for topic in raw["topics"]), exclusive),
                    window=int(raw["window"]),
                    digest_weights={str(name): float(value) for name, value in raw["digest_weights"].items()},
                )
            stages = tuple(Stage.from_json(each, exclusive=exclusive) for each in raw["stages"])
            check_stages(stages, len(topics))
            digests = {str(name): DigestSpec.from_json(each) for name, each in raw["digest"].items()}
            if "small" not in digests:
                raise ValueError("digest has no entry for small")
            return cls(**common, stages=stages, digests=digests)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"missing or ill-typed entry: {error}") from error


_KNOWN = {
    *("format", "version", "topics", "exclusive", "window", "titles", "digest_weights", "files", "stages", "digest")
}


def _joint_rule(raw: dict[str, Any]) -> TopicRule:
    weights = {"ngrams": float(raw["ngram_weight"]), "small": float(raw["encoder_weight"])}
    return TopicRule(weights, *(float(raw[name]) for name in ("bias", "threshold", "margin")))


def _joint_rule_json(rule: TopicRule) -> dict[str, float]:
    weights = {"encoder_weight": rule.weights["small"], "ngram_weight": rule.weights["ngrams"]}
    return {**weights, "bias": rule.bias, "threshold": rule.threshold, "margin": rule.margin}


@dataclass(frozen=True)
class Bundle:
    """A loaded model version.

    Attributes:
        manifest: what it says of itself.
        encoder: the small encoder.
        tokenizer: the small encoder's.
        ngrams: the n-gram model.
        large: the large stage, loaded when it is first asked; None where there is none.
        heads: salience heads, by encoder.
    """

    manifest: Manifest
    encoder: Encoder
    tokenizer: Tokenizer
    ngrams: NgramModel
    large: LargeStage | None = None
    heads: dict[str, SalienceHead] = field(default_factory=dict)

    @cached_property
    def reader(self) -> Reader:
        """How texts become windows of the small encoder."""
        return Reader(self.tokenizer, self.manifest.small)

    @classmethod
    def load(
        cls,
        folder: Path = DEFAULT_BUNDLE,
        *,
        threads: int = 0,
        batch_tokens: int = 4096,
        runtime: RuntimeName = "onnxruntime",
        stages: int = len(STAGES),
    ) -> Bundle:
        """Check every file of ``folder`` against its manifest, then load it.

        Args:
            folder: of the bundle.
            threads: cores that one encoder batch may use; 0 for all.
            batch_tokens: most tokens, padding included, in one encoder batch.
            runtime: what computes the encoders.
            stages: the last stage that will be asked.

        Raises:
            BundleNotFound: ``folder`` holds no manifest.
            BundleCorrupt: naming the file and what is wrong with it.
            RuntimeUnavailable: ``runtime`` is not installed or not for this processor.
        """
        manifest = read_manifest(folder)
        for name in (NGRAMS, *_files(manifest)):
            if name not in manifest.files:
                raise BundleCorrupt(f"{folder / MANIFEST} lists no checksum for {name}")
        verify_files(folder, manifest)
        arrays = _parsed(folder / NGRAMS, load_file)

        def loaded(spec: EncoderSpec) -> Encoder:
            encoder: Encoder = _parsed(
                folder / spec.model,
                lambda path: Encoder(path, threads=threads, batch_tokens=batch_tokens, runtime=runtime, pad=spec.pad),
            )
            if encoder.topics != len(manifest.topics):
                raise BundleCorrupt(
                    f"{folder / spec.model} has {encoder.topics} logits, but {MANIFEST} has {len(manifest.topics)} "
                    "topics"
                )
            return encoder

        large = None
        for stage in manifest.stages:
            if stage.name == "large" and stage.encoder and stages >= stage.number:
                reader = Reader(_tokenizer(folder, manifest, stage.encoder), stage.encoder)
                large = LargeStage(reader, partial(loaded, stage.encoder))
        tokenizer = _tokenizer(folder, manifest, manifest.small)
        heads = {
            name: _parsed(folder / spec.head, SalienceHead)
            for name, spec in manifest.digests.items()
            if spec.head and (name == "small" or large is not None)
        }
        ngrams = NgramModel(arrays["idf"], arrays["weights"], arrays["bias"])
        return cls(manifest, loaded(manifest.small), tokenizer, ngrams, large, heads)


def _files(manifest: Manifest) -> Iterator[str]:
    """The files that serving reads; those that they refer to (weights) are listed too, and checked like all."""
    for stage in manifest.stages:
        if stage.encoder:
            yield stage.encoder.model
            yield stage.encoder.tokenizer
    yield from (spec.head for spec in manifest.digests.values() if spec.head)


def read_manifest(folder: Path) -> Manifest:
    """The manifest of the bundle in ``folder``.

    Raises:
        BundleNotFound: there is none.
        BundleCorrupt: it cannot be read.
    """
    path = folder / MANIFEST
    try:
        return Manifest.from_json(json.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, NotADirectoryError):
        raise BundleNotFound(f"{folder} is no bundle: it has no {MANIFEST}") from None
    except ValueError as error:
        raise BundleCorrupt(f"{path} cannot be read: {error}") from error


def verify_files(folder: Path, manifest: Manifest) -> None:
    """Compare every listed file with its checksum.

    Raises:
        BundleCorrupt: naming the first file that is missing or altered.
    """
    for name, expected in manifest.files.items():
        path = folder / name
        if not path.is_file():
            raise BundleCorrupt(f"{path} is missing, but {MANIFEST} lists it")
        actual = sha256(path)
        if actual != expected:
            raise BundleCorrupt(f"{path} was altered: its SHA-256 is {actual}, {MANIFEST} says {expected}")


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


_TOKENIZERS: WeakValueDictionary[str, Tokenizer] = WeakValueDictionary()


def _tokenizer(folder: Path, manifest: Manifest, spec: EncoderSpec) -> Tokenizer:
    """The tokenizer of ``spec``, one object for all loaded versions that have the same file.

    Parsing the file keeps the interpreter's lock for about 0.1 s, in which a service answers nobody. A retrained
    version has the tokenizer of its base, so it loads without that stop.
    """
    checksum = manifest.files[spec.tokenizer]
    tokenizer = _TOKENIZERS.get(checksum)
    if tokenizer is None:
        tokenizer = _TOKENIZERS[checksum] = _parsed(folder / spec.tokenizer, _read_tokenizer)
    _parsed(folder / spec.tokenizer, lambda _: Reader(tokenizer, spec))  # which looks for the special tokens
    return tokenizer


def _read_tokenizer(path: Path) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def _parsed(path: Path, parse: Any) -> Any:
    """``parse(path)``; whatever a third-party parser raises on a bad file becomes one error with the file's name."""
    try:
        return parse(path)
    except BaozhaiError:
        raise
    except (SafetensorError, Exception) as error:
        raise BundleCorrupt(f"{path} cannot be read: {error}") from error
