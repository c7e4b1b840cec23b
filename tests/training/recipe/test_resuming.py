"""Training that is cut short anywhere, and gone on with, ends with the weights of training that was not."""

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertModel

from baozhai_training.config import FinetuningConfig
from baozhai_training.learners.checkpoints import last_whole_checkpoint
from baozhai_training.learners.finetuning import Example, finetune
from baozhai_training.learners.network import TopicNetwork

SEED = 3
pytestmark = pytest.mark.filterwarnings("ignore")  # the trainer has much to say


class Cut(Exception):
    """The power fails."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, torch.Tensor]:
    """The weights after training that nothing disturbed."""
    return trained(tmp_path_factory.mktemp("whole"))


def examples() -> list[Example]:
    random = np.random.default_rng(SEED)
    lengths = random.integers(4, 12, 24)
    return [Example(random.integers(5, 50, n).tolist(), (random.random(2) < 0.5).astype(np.float32)) for n in lengths]


def trained(folder: Path, *, steps: int = 99) -> dict[str, torch.Tensor]:
    """The weights of a small network after three epochs of three steps, if so many steps are to be had."""
    torch.manual_seed(SEED)
    config = BertConfig(vocab_size=50, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16)
    network = TopicNetwork(BertModel(config, add_pooling_layer=False), 2)
    left = iter(range(steps))

    def step(*_: object) -> None:
        if next(left, None) is None:
            raise Cut

    network.register_forward_pre_hook(step)
    finetune(network, examples(), FinetuningConfig(epochs=3, least_steps=0, batch=8, bf16=False), folder, seed=SEED)
    return network.state_dict()


@pytest.mark.parametrize("steps", [1, 4, 8])
def test_cut_short_and_gone_on_with(steps: int, whole: dict[str, torch.Tensor], tmp_path: Path) -> None:
    with pytest.raises(Cut):
        trained(tmp_path, steps=steps)
    again = trained(tmp_path)
    assert all(torch.equal(again[name], whole[name]) for name in whole)


def test_half_a_checkpoint_is_passed_over(whole: dict[str, torch.Tensor], tmp_path: Path) -> None:
    with pytest.raises(Cut):
        trained(tmp_path, steps=7)
    last = tmp_path / "checkpoint-6"
    (tmp_path / "checkpoint-9").mkdir()  # as a kill leaves it
    (tmp_path / "checkpoint-12").mkdir()
    (tmp_path / "checkpoint-12" / "trainer_state.json").write_text('{"global_step": 1', encoding="utf-8")
    assert last_whole_checkpoint(tmp_path) == str(last)
    assert last_whole_checkpoint(tmp_path / "nothing") is None
    again = trained(tmp_path)
    assert all(torch.equal(again[name], whole[name]) for name in whole)
