"""The parts of a running service, made once and handed to its routes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request

from baozhai_model.registry.store import Store
from baozhai_service.api.operations import Limits
from baozhai_service.batching.engine import Engine
from baozhai_service.batching.live_model import LiveModel
from baozhai_service.errors import AccessError
from baozhai_service.http.admission import Admission
from baozhai_service.http.auth import Access, Permission
from baozhai_service.http.dispatch import Dispatcher
from baozhai_service.metrics import Metrics
from baozhai_service.settings import Settings


@dataclass(frozen=True)
class AppContext:
    """What routes are made of."""

    settings: Settings
    live: LiveModel
    metrics: Metrics
    engine: Engine
    admission: Admission
    access: Access
    dispatcher: Dispatcher
    store: Store | None = None

    @classmethod
    def make(cls, live: LiveModel, settings: Settings, access: Access, store: Store | None = None) -> AppContext:
        """Wire a service around ``live``, one of the versions of ``store``; nothing runs yet."""
        metrics = Metrics()
        engine = Engine(live, settings, metrics)
        admission = Admission(settings)
        metrics.gauge("baozhai_requests_in_work", "Requests in work.", lambda: admission.requests)
        metrics.gauge("baozhai_pending_bytes", "Bytes of large bodies in work.", lambda: admission.pending_bytes)
        dispatcher = Dispatcher(engine, admission, settings, metrics)
        return cls(settings, live, metrics, engine, admission, access, dispatcher, store)

    @property
    def limits(self) -> Limits:
        """How much one request may ask for."""
        return Limits.of(self.settings)

    def needs(self, role: Permission) -> Callable[[Request], Awaitable[None]]:
        """A dependency for routes that want a key of ``role``."""

        async def check(request: Request) -> None:
            headers = request.headers
            try:
                key = self.access.check(headers.get("authorization"), headers.get("host", ""), role)
            except AccessError as error:
                self.metrics.refusals.labels(error.code).inc()
                raise
            request.scope["state"]["key"] = key

        return check
