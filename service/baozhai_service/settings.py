"""Every limit and address of the service, with safe defaults. Built once at start and passed down, never a global."""

from __future__ import annotations

import tomllib
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from baozhai_model.bundle import DEFAULT_BUNDLE
from baozhai_model.runtimes import RuntimeName


class Settings(BaseSettings):
    """Settings of the service.

    Each is taken from the first place that has it: what the program passes (command-line options), the environment
    (``BAOZHAI_PORT``), the file (``configs/service.toml``), and the default here.
    """

    model_config = SettingsConfigDict(env_prefix="BAOZHAI_", extra="forbid", frozen=True)

    host: str = Field("127.0.0.1", description="Address to listen on. Any but a loopback address needs API keys.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 for any free one.")
    bundle: Path = Field(
        DEFAULT_BUNDLE, description="Folder of the model version to serve, whatever the store says is live."
    )
    home: Path | None = Field(
        None, description="Folder of model versions, labels and runs; without it ~/.local/share/baozhai."
    )
    labels_url: str | None = Field(
        None, description="Database of labels, as SQLAlchemy names it; without it a SQLite file in `home`."
    )
    keys_file: Path | None = Field(None, description="TOML file of API keys; see `baozhai new-key`.")
    allowed_hosts: tuple[str, ...] = Field(
        (), description="Host names to answer to without API keys, beside the loopback names."
    )
    cors_origins: tuple[str, ...] = Field((), description="Web origins whose pages may call the service; none.")

    runtime: RuntimeName = Field("onnxruntime", description="What computes the encoder; openvino-bf16 is faster.")
    threads: int = Field(0, ge=0, description="Cores that one encoder batch may use; 0 for all.")
    batch_tokens: int = Field(1024, ge=256, description="Most tokens, padding included, in one encoder batch.")

    encoder_nice: int = Field(
        5, ge=0, le=19, description="How far the encoder's threads step back behind those that answer (Linux)."
    )

    max_requests: int = Field(64, ge=1, description="Requests in work at a time; one more is refused with 429.")
    max_pending_bytes: int = Field(
        2**20, ge=1, description="Bytes of request bodies in work at a time; beyond it large ones get 429."
    )
    small_bytes: int = Field(8 * 2**10, ge=0, description="Bodies up to this size do not count as pending bytes.")
    max_body_bytes: int = Field(4 * 2**20, ge=1, description="Bytes of one request body; more get 413.")
    max_texts: int = Field(1000, ge=1, description="Texts in one classify request.")
    max_characters: int = Field(100_000, ge=1, description="Characters of one text.")
    max_request_characters: int = Field(200_000, ge=1, description="Characters of all texts of one request.")
    max_evidence_characters: int = Field(
        20_000, ge=1, description="Characters of all texts of one request for evidence, which reads each many times."
    )
    deadline_seconds: float = Field(60.0, gt=0, description="Time for one request, its body's arrival included.")
    drain_seconds: float = Field(
        0.0, ge=0, description="After SIGTERM, go on serving for so long while `ready` says no, for load balancers."
    )
    stuck_seconds: float = Field(120.0, gt=0, description="A batch that runs longer makes `live` say no.")
    log_level: str = Field("info", pattern="^(debug|info|warning|error)$", description="Least level that is logged.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments and environment; `load` adds the file below them. No .env file is looked for."""
        return init_settings, env_settings

    @classmethod
    def load(cls, file: Path | None = None, **given: Any) -> Self:
        """Settings from ``given``, else the environment, else ``file``, else the defaults.

        Raises:
            ValueError: naming the setting, or the file that is no TOML.
            OSError: the file cannot be read.
        """
        passed = {name: value for name, value in given.items() if value is not None}
        if file is None:
            return cls(**passed)
        try:
            written = tomllib.loads(file.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ValueError(f"{file} is no TOML file: {error}") from error
        above = cls(**passed).model_fields_set
        return cls(**{name: value for name, value in written.items() if name not in above}, **passed)

    @model_validator(mode="after")
    def _limits_agree(self) -> Self:
        if self.max_characters > self.max_request_characters:
            raise ValueError("max_characters is more than max_request_characters, so it could never be used")
        return self

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the service."""
        return is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """Whether ``host`` (a name or address, without port) is this machine itself."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
