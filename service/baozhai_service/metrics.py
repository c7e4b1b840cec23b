"""Prometheus metrics. Their labels are routes, stages, reasons and model versions, never text."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_TOKENS = (16, 64, 128, 256, 512, 1024, 2048, 4096, 8192)
_WINDOWS = (1, 2, 4, 8, 16, 32, 64)


class Metrics:
    """The metrics of one service, in their own registry."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = Counter("baozhai_requests", "Requests answered.", ["route", "status"], registry=self.registry)
        self.request_seconds = Histogram(
            "baozhai_request_seconds", "Time to answer.", ["route"], buckets=_SECONDS, registry=self.registry
        )
        self.stage_seconds = Histogram(
            "baozhai_stage_seconds",
            "Time of an answered request in: receive (its body), turn (waiting for a core), queue (waiting for the"
            " encoder), encode, compute (everything else).",
            ["stage"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.refusals = Counter(
            "baozhai_refusals", "Requests refused before work began, by reason.", ["reason"], registry=self.registry
        )
        self.abandoned = Counter(
            "baozhai_abandoned", "Requests whose client hung up before the answer.", registry=self.registry
        )
        self.batch_tokens = Histogram(
            "baozhai_batch_tokens", "Tokens in a batch.", buckets=_TOKENS, registry=self.registry
        )
        self.batch_windows = Histogram(
            "baozhai_batch_windows", "Windows in a batch.", buckets=_WINDOWS, registry=self.registry
        )
        self.batch_seconds = Histogram(
            "baozhai_batch_seconds", "Time of a batch.", buckets=_SECONDS, registry=self.registry
        )
        self.failed_windows = Counter(
            "baozhai_failed_windows", "Windows that the encoder failed on alone.", registry=self.registry
        )
        self.worker_failures = Counter(
            "baozhai_worker_failures", "Times that the worker went down.", registry=self.registry
        )
        self.answers = Counter(
            "baozhai_answers", "Requests answered by a model version.", ["model_version"], registry=self.registry
        )
        self.live = Gauge("baozhai_live_model", "1 for the live version.", ["model_version"], registry=self.registry)

    def gauge(self, name: str, text: str, value: Callable[[], float]) -> None:
        """Add a gauge whose value is read on each scrape."""
        Gauge(name, text, registry=self.registry).set_function(value)

    def batch(self, tokens: int, windows: int, seconds: float) -> None:
        """Count one batch."""
        self.batch_tokens.observe(tokens)
        self.batch_windows.observe(windows)
        self.batch_seconds.observe(seconds)

    def text(self) -> bytes:
        """All metrics in Prometheus' text format."""
        return generate_latest(self.registry)
