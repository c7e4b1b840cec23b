"""The settings of a run that its output depends on."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from baozhai_model.encoder.runtimes import RUNTIMES, RuntimeName
from baozhai_model.stages import STAGES
from baozhai_service.api.requests import Names
from baozhai_service.archive.output.partitions import check_source

Rows = Literal["articles", "pages"]

LARGEST_RECORD = 16 * 2**20
"""Maximum bytes of a line, row or text page; larger ones become dead letters. It exceeds the limit on characters."""


@dataclass(frozen=True, slots=True)
class ScoreSettings:
    """Settings of a run; the id of every shard depends on them.

    Attributes:
        names: whether topics are given by Chinese name or by id.
        rows: whether the text of a JSONL, CSV or Parquet record is an article (a paragraph a line) or a whole page.
        digests: compute digests and saliences; without, scoring is about twice as fast.
        max_sentences: maximum sentences of a digest.
        runtime: runtime of the encoders.
        stages: number of the last stage to run.
        source: source of records without one; None to take it from the name of the file or folder.
        shard_bytes: input bytes after which a shard ends.
    """

    names: Names = "zh"
    rows: Rows = "articles"
    digests: bool = True
    max_sentences: int = 3
    runtime: RuntimeName = "onnxruntime"
    stages: int = len(STAGES)
    source: str | None = None
    shard_bytes: int = 2**20

    def __post_init__(self) -> None:
        if self.names not in ("zh", "id"):
            raise ValueError(f"--names {self.names}: must be zh or id")
        if self.rows not in ("articles", "pages"):
            raise ValueError(f"--rows {self.rows}: must be articles or pages")
        if self.runtime not in RUNTIMES:
            raise ValueError(f"--runtime {self.runtime}: must be {' or '.join(RUNTIMES)}")
        if self.stages not in range(1, len(STAGES) + 1):
            raise ValueError(f"--stages {self.stages}: must be 1, 2 or 3")
        if self.source is not None:
            try:
                check_source(self.source)
            except ValueError as error:
                raise ValueError(f"--source: {error}") from None
        if self.max_sentences < 1:
            raise ValueError(f"--max-sentences {self.max_sentences}: must be at least 1")
        if self.shard_bytes < 1:
            raise ValueError(f"--shard-bytes {self.shard_bytes}: must be at least 1")

    def to_json(self) -> dict[str, Any]:
        """The settings as plain values."""
        return asdict(self)
