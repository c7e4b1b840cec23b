"""Requests and responses of ``/v1/runs``."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class RunRequest(BaseModel):
    """Train on the stored labels, starting from the live version, then run the gate."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    quick: bool = Field(False, description="Fewer folds and epochs.")


class RunBody(BaseModel):
    """A run and its state: running, passed, refused (by the gate), failed, cancelled, or lost."""

    id: str
    who: str
    quick: bool
    state: str
    began: str
    ended: str | None


class RunsResponse(BaseModel):
    """All runs, the newest first."""

    runs: list[RunBody]


class RunLog(RunBody):
    """A run, its state, and the end of its log."""

    log: str
