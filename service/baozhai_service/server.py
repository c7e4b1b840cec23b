"""Run the service until it is told to stop, then finish what was accepted."""

from __future__ import annotations

import contextlib
import gc
import sys
import time
from types import FrameType

import structlog
import uvicorn

from baozhai_model.registry.store import default_home
from baozhai_service.app import create_app
from baozhai_service.http.auth import Access
from baozhai_service.http.context import AppContext
from baozhai_service.logs import configure_logging
from baozhai_service.resources import Resources
from baozhai_service.settings import Settings

log = structlog.get_logger("baozhai.server")

SWITCH_SECONDS = 0.001  # how soon a computing thread yields to the event loop, so that refusals stay fast under load


class Server(uvicorn.Server):
    """A server that reports "not ready" for a while before it stops, so that load balancers send no new requests."""

    def __init__(self, config: uvicorn.Config, context: AppContext) -> None:
        super().__init__(config)
        self._context = context
        self._stop_at: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Keep serving for ``drain_seconds`` while `ready` fails; a second signal stops at once."""
        seconds = self._context.settings.drain_seconds
        if self._stop_at is None and seconds:
            self._stop_at = time.monotonic() + seconds
            self._context.admission.warn()
            self._exit = (sig, frame)
        else:
            super().handle_exit(sig, frame)

    async def on_tick(self, counter: int) -> bool:
        """Stop once the time is up."""
        if self._stop_at is not None and time.monotonic() >= self._stop_at and not self.should_exit:
            super().handle_exit(*self._exit)
        return await super().on_tick(counter)


def raise_file_limit() -> None:
    """Raise the limit of open files, and so of connections, to the system's maximum (POSIX only)."""
    try:
        import resource
    except ImportError:  # not a POSIX system
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with contextlib.suppress(OSError, ValueError):  # some systems report a limit that they do not grant
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def serve(settings: Settings) -> None:
    """Load the bundle and serve it.

    Raises:
        BaozhaiError: the bundle cannot be served.
        ValueError: the settings require API keys, but there are none.
    """
    configure_logging(settings.log_level)
    raise_file_limit()
    sys.setswitchinterval(SWITCH_SECONDS)
    access = Access.of(settings)
    resources = Resources(settings.home or default_home(), settings, pinned="bundle" in settings.model_fields_set)
    model = resources.live.model
    app = create_app(resources.live, settings, access, resources)
    context: AppContext = app.state.context
    log.info(
        "start",
        host=settings.host,
        port=settings.port,
        model_version=model.version,
        keys=access.by_key,
        note=None if access.by_key else "no API keys: every program on this machine may ask",
    )
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,  # `RequestLogMiddleware` logs requests
        server_header=False,
        lifespan="on",
        ws="none",
        timeout_keep_alive=30,
        timeout_graceful_shutdown=int(settings.deadline_seconds) + 5,
    )
    gc.collect()
    gc.freeze()  # long-lived objects: a full collection that visits them delays requests by tens of milliseconds
    Server(config, context).run()
