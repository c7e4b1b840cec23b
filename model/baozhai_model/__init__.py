"""Topics, verbatim digests and page structure for Chinese newspaper text.

    from baozhai_model import Model

    model = Model.load()                        # the model version that ships with the package
    (prediction,) = model.classify(["镇党委组织党员开展主题教育学习。"])
    [topic.zh for topic in prediction.topics]   # ["党建"]

Names are imported when they are first used (PEP 562): ``import baozhai_model`` alone loads no numeric library.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from baozhai_model.bundle import DEFAULT_BUNDLE, Bundle, Manifest
    from baozhai_model.digest.digester import Budget
    from baozhai_model.errors import (
        BaozhaiError,
        BundleError,
        ExtraMissing,
        InputError,
        RuntimeUnavailable,
        Unavailable,
    )
    from baozhai_model.model import Model
    from baozhai_model.page.reader import read_page
    from baozhai_model.registry.store import Store, open_store
    from baozhai_model.results import (
        Coverage,
        Digest,
        DigestSentence,
        Evidence,
        PageDigestSentence,
        Prediction,
        ReadArticle,
        ReadPage,
        ReadParagraph,
    )
    from baozhai_model.structure import Article, Block, Page, Paragraph, Role, Span
    from baozhai_model.topics.topic_set import Topic, TopicSet

__all__ = [
    "DEFAULT_BUNDLE",
    "Article",
    "BaozhaiError",
    "Block",
    "Budget",
    "Bundle",
    "BundleError",
    "Coverage",
    "Digest",
    "DigestSentence",
    "Evidence",
    "ExtraMissing",
    "InputError",
    "Manifest",
    "Model",
    "Page",
    "PageDigestSentence",
    "Paragraph",
    "Prediction",
    "ReadArticle",
    "ReadPage",
    "ReadParagraph",
    "Role",
    "RuntimeUnavailable",
    "Span",
    "Store",
    "Topic",
    "TopicSet",
    "Unavailable",
    "open_store",
    "read_page",
]

_HOMES = {
    "bundle": ("DEFAULT_BUNDLE", "Bundle", "Manifest"),
    "digest.digester": ("Budget",),
    "errors": ("BaozhaiError", "BundleError", "ExtraMissing", "InputError", "RuntimeUnavailable", "Unavailable"),
    "model": ("Model",),
    "page.reader": ("read_page",),
    "registry.store": ("Store", "open_store"),
    "results": (
        "Coverage",
        "Digest",
        "DigestSentence",
        "Evidence",
        "PageDigestSentence",
        "Prediction",
        "ReadArticle",
        "ReadPage",
        "ReadParagraph",
    ),
    "structure": ("Article", "Block", "Page", "Paragraph", "Role", "Span"),
    "topics.topic_set": ("Topic", "TopicSet"),
}
_MODULE_OF = {name: module for module, names in _HOMES.items() for name in names}

# No telemetry: ONNX Runtime (1.29 and later) reports its use unless this is set before it is imported.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """What can be asked for."""
    return sorted({*globals(), *__all__})
