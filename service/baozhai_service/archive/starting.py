"""Choose an engine by its name."""

from __future__ import annotations

from baozhai_service.archive.engines import Engine, InProcess, Processes


def engine_named(name: str, workers: int) -> Engine:
    """The engine called ``name``, with so many workers.

    Raises:
        ValueError: there is none of that name.
    """
    match name:
        case "local":
            return Processes(workers) if workers > 1 else InProcess()
        case "ray":
            from baozhai_service.archive.raying import OnRay

            return OnRay(workers)
    raise ValueError(f"--engine {name}: must be local or ray")
