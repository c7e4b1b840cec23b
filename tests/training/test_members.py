"""Members of one fine-tuning begin alike, learn in different orders, and end as the mean of their weights."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoTokenizer

from baozhai_training.checkpoints import last_whole_checkpoint
from baozhai_training.config import FinetuningConfig, RunConfig
from baozhai_training.crossfit import trained_network
from baozhai_training.labelled import read_labelled
from tests.tiny import CONFIG, labelled_paragraphs, write_lines

pytestmark = pytest.mark.filterwarnings("ignore")  # the trainer has much to say


def test_the_network_is_the_mean_of_its_members(bundle_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    settings = FinetuningConfig(epochs=1, least_steps=0, batch=8, members=2, bf16=False)
    config = RunConfig.read(tmp_path / "config.toml").model_copy(update={"finetuning": settings})
    labelled = read_labelled(write_lines(tmp_path / "labels.jsonl", labelled_paragraphs()[:40]), config.topic_set)
    base = str(bundle_folder / "checkpoint")
    tokenizer = AutoTokenizer.from_pretrained(base).backend_tokenizer
    mean = trained_network(config, base, tokenizer, labelled, [], tmp_path / "run").state_dict()
    first, second = (load_file(Path(last(tmp_path / "run" / f"member-{n}")) / "model.safetensors") for n in range(2))
    assert all(torch.equal(mean[name], first[name] / 2 + second[name] / 2) for name in mean)
    assert any(not torch.equal(first[name], second[name]) for name in mean)


def last(folder: Path) -> str:
    """The folder of the last checkpoint."""
    found = last_whole_checkpoint(folder)
    assert found is not None
    return found
