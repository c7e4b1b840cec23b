"""Requests and answers about promotions and roll-backs."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class RollBackRequest(BaseModel):
    """The reason for restoring the previously live version."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    why: str = Field(
        min_length=1, max_length=1000, pattern=r"\S", description="The reason, for those who read the log later."
    )


class PromoteRequest(RollBackRequest):
    """Which version to make live, and why."""

    version: str = Field(min_length=1, max_length=200, description="One that the gate has passed.")


class ReleaseEntry(BaseModel):
    """One entry of the log: who did what with which version, what was live then, and why."""

    at: str
    who: str
    action: str
    version: str
    was: str
    why: str


class ReleaseResponse(BaseModel):
    """The version that is live now, and its entry in the log."""

    live: str
    entry: ReleaseEntry


class HistoryResponse(BaseModel):
    """The log of promotions, roll-backs and refusals, oldest first."""

    entries: list[ReleaseEntry]
