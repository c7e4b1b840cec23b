"""What a training run is told, read from ``configs/*.toml``; every mistake in a file is reported at once."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class VocabularyConfig(_Section):
    size: int = Field(24_000, ge=100, description="pieces")
    characters: int = Field(20_000_000, ge=1_000, description="characters of the corpus that it learns from")


class EncoderConfig(_Section):
    layers: int = Field(4, ge=1)
    width: int = Field(256, ge=16)
    heads: int = Field(4, ge=1)
    window: int = Field(256, ge=16, description="tokens that one pass reads; longer text takes several windows")


class SkipgramConfig(_Section):
    epochs: int = Field(3, ge=0, description="0: embeddings start at random")


class PretrainingConfig(_Section):
    tokens: int = Field(30_000_000, ge=1)
    batch: int = Field(32, ge=1, description="blocks a step")
    learning_rate: float = Field(1e-3, gt=0)
    warmup_steps: int = Field(200, ge=0)
    masked_share: float = Field(0.2, gt=0, lt=1)
    bf16: bool = True
    save_steps: int = Field(500, ge=1)
