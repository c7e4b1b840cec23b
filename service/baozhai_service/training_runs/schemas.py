"""Bodies and answers of runs."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class RunRequest(BaseModel):
    """Train on the labels that were handed in, from the live version; the gate follows by itself."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    quick: bool = Field(False, description="Fewer folds and epochs.")


class RunBody(BaseModel):
    """One run and how it is: running, passed, refused (by the gate), failed, cancelled, or lost."""

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
    """One run, how it is, and the end of what it has said."""

    log: str
