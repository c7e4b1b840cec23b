"""Encoders that a newcomer brings."""

from pathlib import Path

import torch
from transformers import BertConfig, BertModel, BertTokenizerFast

from tests.training.tables import own_rows


def random_bert(folder: Path) -> Path:
    """A BERT with a token for each character of the small world, as `save_pretrained` leaves it."""
    characters = sorted({character for text, _, _ in own_rows() for character in text} | set("0123456789（）"))
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *characters]
    BertTokenizerFast(vocab={piece: place for place, piece in enumerate(pieces)}).save_pretrained(folder)
    torch.manual_seed(5)
    config = BertConfig(
        vocab_size=len(pieces),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=48,
        max_position_embeddings=64,
    )
    BertModel(config).save_pretrained(folder)
    return folder
