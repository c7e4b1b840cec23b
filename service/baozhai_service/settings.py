"""The settings of the service and their defaults. `Settings` is built once at start and passed down."""

from __future__ import annotations

import json
import tomllib
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from baozhai_model.bundle import DEFAULT_BUNDLE
from baozhai_model.encoder.runtimes import RuntimeName
from baozhai_service.settings_errors import SettingsError, refuse_unknown_variables, unknown

PREFIX = "BAOZHAI_"


def _listed(value: Any) -> Any:
    """A list from an environment variable, which holds either JSON or names separated by commas."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        return json.loads(value)
    return [name.strip() for name in value.split(",") if name.strip()]


HostNames = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]
Seconds = Annotated[float, Field(le=7 * 86_400, allow_inf_nan=False)]  # a week; longer waits overflow


class Settings(BaseSettings):
    """Settings of the service.

    A value is taken from the first of these that has it: a command-line option, an environment variable
    (``BAOZHAI_PORT``), the settings file (``configs/service.toml``), the default here.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True)

    host: str = Field(
        "127.0.0.1", pattern=r"\S", description="Address to listen on; other than loopback, it requires API keys."
    )
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 for any free one.")
    bundle: Path = Field(DEFAULT_BUNDLE, description="Bundle to serve instead of the model version that is live.")
    home: Path | None = Field(None, description="Folder of model versions, labels and runs (~/.local/share/baozhai).")
    labels_url: str | None = Field(
        None, description="SQLAlchemy URL of the label database; the default is a SQLite file in `home`."
    )
    archive: str | None = Field(None, description="Output of `baozhai score` to search; run `baozhai index` first.")
    archive_index: Path | None = Field(None, description="Folder of its search index; by default inside the archive.")
    keys_file: Path | None = Field(None, description="TOML file of API keys; see `baozhai new-key`.")
    allowed_hosts: HostNames = Field((), description="Host names accepted without API keys, beside the loopback names.")
    cors_origins: HostNames = Field((), description="Web origins whose pages may call the service (CORS).")

    session_seconds: Seconds = Field(43_200.0, ge=1, description="How long a sign-in at the desk lasts.")

    runtime: RuntimeName = Field("onnxruntime", description="Runtime of the encoders; openvino-bf16 may be faster.")
    stages: int = Field(3, ge=1, le=3, description="Last stage to run: 1 n-grams, 2 small encoder, 3 large encoder.")
    large_stage: Literal["when-needed", "at-start"] = Field(
        "when-needed", description="When to load the large encoder: with the first uncertain text, or at start."
    )
    digest_encoder: Literal["small", "large"] = Field(
        "large",
        description="Encoder for the digests of posted articles, if `stages` includes it; pages use the small one.",
    )
    threads: int = Field(0, ge=0, description="Cores for one encoder batch; 0 for all.")
    batch_tokens: int = Field(1024, ge=256, description="Maximum tokens in one encoder batch, padding included.")

    encoder_nice: int = Field(
        5, ge=0, le=19, description="Niceness of the encoder's threads, so that request threads run first (Linux)."
    )

    max_requests: int = Field(64, ge=1, description="Requests in progress at a time; more get 429.")
    max_pending_bytes: int = Field(
        2**20, ge=1, description="Bytes of request bodies in progress at a time; beyond it large ones get 429."
    )
    small_bytes: int = Field(8 * 2**10, ge=0, description="Bodies up to this size do not count as pending bytes.")
    max_body_bytes: int = Field(4 * 2**20, ge=1, description="Bytes of one request body; more get 413.")
    max_table_bytes: int = Field(64 * 2**20, ge=1, description="Bytes of a labelled table uploaded at the desk.")
    max_document_bytes: int = Field(32 * 2**20, ge=1, description="Bytes of one uploaded document, such as a PDF.")
    document_processes: int = Field(2, ge=1, le=64, description="Documents read at a time, each in its own process.")
    max_texts: int = Field(1000, ge=1, description="Texts in one classify request.")
    max_characters: int = Field(100_000, ge=1, description="Characters of one text.")
    max_request_characters: int = Field(200_000, ge=1, description="Characters of all texts of one request.")
    max_evidence_characters: int = Field(
        20_000, ge=1, description="Characters of all texts of one request with `evidence`, which is slow."
    )
    deadline_seconds: Seconds = Field(60.0, gt=0, description="Time for one request, its body's arrival included.")
    drain_seconds: Seconds = Field(
        0.0, ge=0, description="After SIGTERM, keep serving this long while `ready` fails, for load balancers."
    )
    stuck_seconds: Seconds = Field(120.0, gt=0, description="If a batch runs longer than this, `live` fails.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Lowest level that is logged.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read arguments and environment, but no .env file; `load` adds the settings file below them."""
        return init_settings, env_settings

    @classmethod
    def load(cls, file: Path | None = None, **given: Any) -> Self:
        """Settings from ``given``, else the environment, else ``file``, else the defaults.

        Raises:
            ValueError: an option, a variable or a key of the file is invalid (one line for each), or the file is not
                TOML.
        """
        passed = {name: value for name, value in given.items() if value is not None}
        refuse_unknown_variables(PREFIX, list(cls.model_fields))
        environment = EnvSettingsSource(cls)()
        written = _read(file) if file is not None else {}
        if unknown_names := sorted(written.keys() - cls.model_fields):
            raise ValueError("\n".join(f"{file}: {unknown(name, list(cls.model_fields))}" for name in unknown_names))
        origin = {
            **{name: f"{file}: {name}" for name in written},
            **{name: f"{PREFIX}{name.upper()}" for name in environment},
            **{name: f"--{name.replace('_', '-')}" for name in passed},
        }
        try:
            return cls(**{**written, **environment, **passed})
        except ValidationError as error:
            raise SettingsError(error, origin, cls.model_json_schema()["properties"]) from None

    @field_validator("*", mode="before")
    @classmethod
    def _no_boolean(cls, value: Any) -> Any:
        if isinstance(value, bool):  # pydantic would read it as 0 or 1
            raise ValueError("no setting is true or false")
        return value

    @model_validator(mode="after")
    def _limits_agree(self) -> Self:
        if self.max_characters > self.max_request_characters:
            raise ValueError(
                f"max_characters is {self.max_characters} but max_request_characters is {self.max_request_characters},"
                " so it could never be used"
            )
        return self

    @property
    def loopback(self) -> bool:
        """Whether the service listens on a loopback address only."""
        return is_loopback(self.host)


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"{file} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ValueError(f"{file} is not a TOML file: {error}") from error


def is_loopback(host: str) -> bool:
    """Whether ``host`` (a name or address without port) is a loopback address."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
