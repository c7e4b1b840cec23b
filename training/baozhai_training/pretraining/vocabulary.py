"""Learn a word-level Unigram vocabulary (Kudo 2018, arXiv:1804.10959) from unlabelled text.

Word-level pieces are the cheapest accuracy on a CPU: about 1.8 characters a token, so every text is 1.8 times
shorter for the encoder, and masking one piece masks one word. sentencepiece learns the pieces (ten times faster
than the trainer of ``tokenizers``), ``tokenizers`` applies them.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import sentencepiece
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

from baozhai_model.text.simplified import simplified

SPECIAL_TOKENS = {"pad": "[PAD]", "unk": "[UNK]", "cls": "[CLS]", "sep": "[SEP]", "mask": "[MASK]"}
LONGEST_PIECE = 6  # characters; longer pieces are set phrases that share nothing with their words


def train_vocabulary(paragraphs: Iterable[str], size: int, max_length: int) -> PreTrainedTokenizerFast:
    """Learn about ``size`` pieces from ``paragraphs``; ``max_length`` (tokens) is what the encoder can read at once.

    Normalization is NFKC and lower case (offsets still refer to the original text), of simplified characters, which
    is what the model makes of any text; no piece crosses punctuation, a space, or the border between digits, Latin
    letters and the rest.
    """
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.WhitespaceSplit(),
            pre_tokenizers.Punctuation("isolated"),
            pre_tokenizers.Split(Regex(r"\d+|[a-z]+"), "isolated"),
        ]
    )
    special = list(SPECIAL_TOKENS.values())
    pieces = _learn_pieces(_chunks(paragraphs, tokenizer), size - len(special))
    tokenizer.model = models.Unigram([(token, 0.0) for token in special] + pieces, unk_id=special.index("[UNK]"))
    tokenizer.add_special_tokens(special)
    tokenizer.decoder = decoders.Fuse()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B [SEP]",
        special_tokens=[(token, tokenizer.token_to_id(token)) for token in ("[CLS]", "[SEP]")],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=max_length,
        **{f"{name}_token": token for name, token in SPECIAL_TOKENS.items()},
    )


def _chunks(paragraphs: Iterable[str], tokenizer: Tokenizer) -> Counter[str]:
    """Count the stretches that no piece may cross."""
    counts: Counter[str] = Counter()
    for paragraph in paragraphs:
        normal = tokenizer.normalizer.normalize_str(simplified(paragraph))
        counts.update(chunk for chunk, _ in tokenizer.pre_tokenizer.pre_tokenize_str(normal))
    return counts


def _learn_pieces(chunks: Counter[str], size: int) -> list[tuple[str, float]]:
    """The ``size`` best pieces with their log probabilities, or fewer where the text has no more to give."""
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "chunks.tsv"
        table.write_text("".join(f"{chunk}\t{count}\n" for chunk, count in chunks.items()), encoding="utf-8")
        sentencepiece.SentencePieceTrainer.train(
            input=str(table),
            input_format="tsv",
            model_prefix=str(Path(folder) / "pieces"),
            vocab_size=size + 1,  # its own <unk>
            hard_vocab_limit=False,
            model_type="unigram",
            normalization_rule_name="identity",
            add_dummy_prefix=False,
            split_by_unicode_script=False,
            split_by_number=False,
            split_by_whitespace=False,
            max_sentencepiece_length=LONGEST_PIECE,
            character_coverage=0.9999,
            bos_id=-1,
            eos_id=-1,
            minloglevel=2,
        )
        learnt = sentencepiece.SentencePieceProcessor(model_file=str(Path(folder) / "pieces.model"))
        ids = [i for i in range(learnt.get_piece_size()) if not learnt.is_unknown(i)]
        return [(learnt.id_to_piece(i), learnt.get_score(i)) for i in ids]
