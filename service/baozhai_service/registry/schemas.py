"""Requests and responses of promotions and roll-backs."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class RollBackRequest(BaseModel):
    """The reason for restoring the previously live version."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    why: str = Field(min_length=1, max_length=1000, pattern=r"\S", description="The reason, for the log.")


class PromoteRequest(RollBackRequest):
    """The model version to make live, and the reason."""

    version: str = Field(min_length=1, max_length=200, description="A model version that passed the gate.")


class ReleaseEntry(BaseModel):
    """An entry of the log: who did what with which model version, which one was live before, and why."""

    at: str
    who: str
    action: str
    version: str
    was: str
    why: str


class ReleaseResponse(BaseModel):
    """The model version that is live now, and its entry in the log."""

    live: str
    entry: ReleaseEntry


class HistoryResponse(BaseModel):
    """The log of promotions, roll-backs and refusals, oldest first."""

    entries: list[ReleaseEntry]
