"""A bundle: one model version as plain files, loaded only when every checksum matches.

manifest.json       version, topics with thresholds and calibration, checksums, data, config, metrics, base
model.onnx          the encoder with its topic and salience heads
tokenizer.json      its tokenizer
ngrams.safetensors  the linear half
MODEL_CARD.md       data, figures, floors, limits, for people
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from safetensors import SafetensorError
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from baozhai_model.encoder.encoder import Encoder
from baozhai_model.encoder.runtimes import RuntimeName
from baozhai_model.errors import BaozhaiError, BundleCorrupt, BundleNotFound
from baozhai_model.text.tokens import special_ids
from baozhai_model.topics.calibration import Rules, TopicRule
from baozhai_model.topics.ngrams import NgramModel
from baozhai_model.topics.topic_set import Topic, TopicSet

FORMAT = 1
DEFAULT_BUNDLE = Path(__file__).parent / "default_bundle"
MANIFEST = "manifest.json"
MODEL = "model.onnx"
TOKENIZER = "tokenizer.json"
NGRAMS = "ngrams.safetensors"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What ``manifest.json`` says; ``about`` holds what only people and reports read.

    ``titles`` tells whether it was taught paragraphs under their articles' titles; if not, titles are not shown to it.
    """

    version: str
    topics: TopicSet
    rules: Rules
    window: int
    digest_weights: dict[str, float]
    files: dict[str, str]
    titles: bool = False
    about: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The contents of ``manifest.json``."""
        return {
            "format": FORMAT,
            "version": self.version,
            "topics": [
                {"id": topic.id, "zh": topic.zh, "en": topic.en, **{name: getattr(rule, name) for name in _RULE}}
                for topic, rule in zip(self.topics, self.rules, strict=True)
            ],
            "exclusive": self.rules.exclusive,
            "window": self.window,
            "titles": self.titles,
            "digest_weights": self.digest_weights,
            "files": self.files,
            **self.about,
        }

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Manifest:
        """Read what `to_json` wrote.

        Raises:
            ValueError: another format, or a value that is missing or of the wrong type.
        """
        if raw.get("format") != FORMAT:
            raise ValueError(f"format is {raw.get('format')!r}; this release reads format {FORMAT}")
        try:
            topics = TopicSet(Topic(t["id"], t["zh"], t.get("en", "")) for t in raw["topics"])
            rules = tuple(TopicRule(**{name: float(t[name]) for name in _RULE}) for t in raw["topics"])
            known = {"format", "version", "topics", "exclusive", "window", "titles", "digest_weights", "files"}
            return cls(
                version=str(raw["version"]),
                topics=topics,
                rules=Rules(rules, exclusive=bool(raw.get("exclusive", False))),
                window=int(raw["window"]),
                titles=bool(raw.get("titles", False)),
                digest_weights={str(name): float(value) for name, value in raw["digest_weights"].items()},
                files={str(name): str(value) for name, value in raw["files"].items()},
                about={name: value for name, value in raw.items() if name not in known},
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"missing or ill-typed entry: {error}") from error


_RULE = tuple(TopicRule.__dataclass_fields__)


@dataclass(frozen=True)
class Bundle:
    """A loaded model version."""

    manifest: Manifest
    encoder: Encoder
    tokenizer: Tokenizer
    ngrams: NgramModel

    @classmethod
    def load(
        cls,
        folder: Path = DEFAULT_BUNDLE,
        *,
        threads: int = 0,
        batch_tokens: int = 4096,
        runtime: RuntimeName = "onnxruntime",
    ) -> Bundle:
        """Check every file of ``folder`` against its manifest, then load it.

        Raises:
            BundleNotFound: ``folder`` holds no manifest.
            BundleCorrupt: naming the file and what is wrong with it.
            RuntimeUnavailable: ``runtime`` is not installed or not for this processor.
        """
        manifest = read_manifest(folder)
        for name in (MODEL, TOKENIZER, NGRAMS):
            if name not in manifest.files:
                raise BundleCorrupt(f"{folder / MANIFEST} lists no checksum for {name}")
        verify_files(folder, manifest)
        tokenizer = _shared_tokenizer(folder / TOKENIZER, manifest.files[TOKENIZER])
        arrays = _parsed(folder / NGRAMS, load_file)
        encoder = _parsed(
            folder / MODEL,
            lambda path: Encoder(path, threads=threads, batch_tokens=batch_tokens, runtime=runtime),
        )
        if encoder.topics != len(manifest.topics):
            raise BundleCorrupt(
                f"{folder / MODEL} has {encoder.topics} logits, but {MANIFEST} has {len(manifest.topics)} topics"
            )
        return cls(manifest, encoder, tokenizer, NgramModel(arrays["idf"], arrays["weights"], arrays["bias"]))


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


def _shared_tokenizer(path: Path, checksum: str) -> Tokenizer:
    """The tokenizer at ``path``, one object for all loaded versions that have the same file.

    Parsing the file keeps the interpreter's lock for about 0.1 s, in which a service answers nobody. A retrained
    version has the tokenizer of its base, so it loads without that stop.
    """
    tokenizer = _TOKENIZERS.get(checksum)
    if tokenizer is None:
        tokenizer = _TOKENIZERS[checksum] = _parsed(path, _read_tokenizer)
    return tokenizer


def _read_tokenizer(path: Path) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    special_ids(tokenizer)
    return tokenizer


def _parsed(path: Path, parse: Any) -> Any:
    """``parse(path)``; whatever a third-party parser raises on a bad file becomes one error with the file's name."""
    try:
        return parse(path)
    except BaozhaiError:
        raise
    except (SafetensorError, Exception) as error:
        raise BundleCorrupt(f"{path} cannot be read: {error}") from error
