"""Choose an executor by its name."""

from __future__ import annotations

from baozhai_service.archive.executors.local import InProcess, Processes, ShardExecutor


def executor_named(name: str, workers: int) -> ShardExecutor:
    """The executor called ``name``, with ``workers`` workers.

    Raises:
        ValueError: there is no such executor.
    """
    match name:
        case "local":
            return Processes(workers) if workers > 1 else InProcess()
        case "ray":
            from baozhai_service.archive.executors.ray import RayExecutor

            return RayExecutor(workers)
    raise ValueError(f"--engine {name}: must be local or ray")
