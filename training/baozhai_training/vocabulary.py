"""Learn a word-level Unigram vocabulary (Kudo 2018, arXiv:1804.10959) from unlabelled text.

Word-level pieces are the cheapest accuracy on a CPU: about 1.8 characters a token, so every text is 1.8 times
shorter for the encoder, and masking one piece masks one word.
"""

from __future__ import annotations

from collections.abc import Iterable

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

SPECIAL_TOKENS = {"pad": "[PAD]", "unk": "[UNK]", "cls": "[CLS]", "sep": "[SEP]", "mask": "[MASK]"}
LONGEST_PIECE = 8  # characters; longer pieces are set phrases that share nothing with their words


def train_vocabulary(paragraphs: Iterable[str], size: int, max_length: int) -> PreTrainedTokenizerFast:
    """Learn ``size`` pieces from ``paragraphs``; the tokenizer cuts at ``max_length`` tokens only when asked to.

    Normalization is NFKC and lower case (offsets still refer to the original text); no piece crosses
    punctuation, a space, or the border between digits and words.
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
    trainer = trainers.UnigramTrainer(
        vocab_size=size,
        special_tokens=list(SPECIAL_TOKENS.values()),
        unk_token=SPECIAL_TOKENS["unk"],
        max_piece_length=LONGEST_PIECE,
        show_progress=False,
    )
    tokenizer.train_from_iterator(paragraphs, trainer)
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
