"""The shared objects of a running service, created once and passed to its routes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request

from baozhai_model.registry.store import Store
from baozhai_service.api.operations import Limits
from baozhai_service.batching.engine import Engine
from baozhai_service.batching.live_model import LiveModel
from baozhai_service.errors import AccessError, CrossSite, SessionEnded
from baozhai_service.http.admission import CONTROL_REQUESTS, Admission
from baozhai_service.http.auth import Access, Key, Permission, require
from baozhai_service.http.dispatch import Dispatcher
from baozhai_service.http.documents import DocumentDispatcher
from baozhai_service.http.sessions import COOKIE, CSRF_HEADER, Sessions
from baozhai_service.metrics import Metrics
from baozhai_service.settings import Settings


@dataclass(frozen=True)
class AppContext:
    """The shared objects of one running service.

    Attributes:
        admission: admission control of inference requests.
        control: that of control requests (promote, roll back, labels, runs), which inference load must not block.
    """

    settings: Settings
    live: LiveModel
    metrics: Metrics
    engine: Engine
    admission: Admission
    control: Admission
    access: Access
    dispatcher: Dispatcher
    documents: DocumentDispatcher
    sessions: Sessions
    store: Store | None = None

    @classmethod
    def make(
        cls,
        live: LiveModel,
        settings: Settings,
        access: Access,
        store: Store | None = None,
        sessions: Sessions | None = None,
    ) -> AppContext:
        """Create the objects of a service for ``live``, a model version of ``store``; nothing is started."""
        metrics = Metrics()
        engine = Engine(live, settings, metrics)
        admission, control = Admission(settings), Admission(settings, CONTROL_REQUESTS)
        metrics.gauge("baozhai_requests_in_work", "Requests in work.", lambda: admission.requests)
        metrics.gauge("baozhai_pending_bytes", "Bytes of large bodies in work.", lambda: admission.pending_bytes)
        metrics.gauge("baozhai_control_requests_in_work", "Control requests in work.", lambda: control.requests)
        dispatcher = Dispatcher(engine, admission, control, settings, metrics)
        documents = DocumentDispatcher(dispatcher, engine, admission, settings, metrics)
        sessions = sessions or Sessions(seconds=settings.session_seconds)
        return cls(settings, live, metrics, engine, admission, control, access, dispatcher, documents, sessions, store)

    def close(self) -> None:
        """Refuse every request from now on."""
        self.admission.close()
        self.control.close()

    @property
    def limits(self) -> Limits:
        """The limits on one request."""
        return Limits.of(self.settings)

    def needs(self, role: Permission) -> Callable[[Request], Awaitable[None]]:
        """A FastAPI dependency for routes that need the permission ``role``, by key or by session of the desk."""

        async def check(request: Request) -> None:
            try:
                self.admit(request, role)
            except AccessError as error:
                self.metrics.refusals.labels(error.code).inc()
                raise

        return check

    def admit(self, request: Request, role: Permission) -> Key | None:
        """The key of a request; None where the service has no keys.

        Raises:
            AccessError: the sender lacks the permission ``role``, or a page of another site sent the request.
        """
        headers = request.headers
        if not self.access.by_key:
            self.access.check_host(headers.get("host", ""))
            if request.method not in _SAFE and from_elsewhere(request, self.settings.cors_origins):
                raise CrossSite
            return None
        cookie = request.cookies.get(COOKIE)
        if cookie is None or "authorization" in headers:
            key = self.access.bearer(headers.get("authorization"))
        else:
            session = self.sessions.read(cookie, self.access.keys)
            if session is None:
                raise SessionEnded
            if request.method not in _SAFE and not self.sessions.is_csrf(headers.get(CSRF_HEADER, ""), cookie):
                raise CrossSite
            key = session.key
        require(key, role)
        request.scope["state"]["key"] = key.name
        return key


_SAFE = frozenset({"GET", "HEAD"})


def from_elsewhere(request: Request, trusted: tuple[str, ...] = ()) -> bool:
    """Whether the browser's headers say that a page of another site sent the request; other programs send none."""
    origin = request.headers.get("origin")
    if origin in trusted:
        return False
    if (site := request.headers.get("sec-fetch-site")) is not None:
        return site not in ("same-origin", "none")
    return origin is not None and origin.partition("://")[2] != request.headers.get("host")
