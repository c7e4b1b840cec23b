"""Which checkpoint a killed training goes on from."""

from __future__ import annotations

import json
from pathlib import Path

from transformers.trainer_callback import TrainerState

_STATE = "trainer_state.json"  # what the trainer writes last


def last_whole_checkpoint(folder: Path) -> str | None:
    """The newest checkpoint in ``folder`` that was written to its end; None if there is none.

    A kill may come while one is being written, and the one before it is deleted only afterwards.
    """
    found = [path.parent for path in folder.glob(f"checkpoint-*/{_STATE}") if _is_whole(path)]
    return str(max(found, key=lambda path: int(path.name.rpartition("-")[2]))) if found else None


def _is_whole(path: Path) -> bool:
    try:
        TrainerState.load_from_json(str(path))
    except (json.JSONDecodeError, TypeError):
        return False
    return True
