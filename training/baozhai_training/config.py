"""The recipe of a training run, read from ``configs/*.toml``; every mistake in a file is reported at once."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from baozhai_model.topics.topic_set import Topic, TopicSet


class BadRecipe(ValueError):
    """The file is no recipe."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class VocabularyConfig(_Section):
    """The tokenizer's pieces."""

    size: int = Field(24_000, ge=100, description="pieces")
    characters: int = Field(20_000_000, ge=1_000, description="characters of the corpus that it learns from")


class EncoderConfig(_Section):
    """The shape of a new encoder."""

    layers: int = Field(4, ge=1)
    width: int = Field(256, ge=16)
    heads: int = Field(4, ge=1)
    local_attention: int = Field(64, ge=2, description="tokens that every second layer looks at, half on each side")
    window: int = Field(256, ge=16, description="tokens that one pass reads; longer text takes several windows")


class SkipgramConfig(_Section):
    """The word vectors that a new encoder starts from."""

    epochs: int = Field(3, ge=0, description="0: embeddings start at random")


class PretrainingConfig(_Section):
    """Masked-word training."""

    tokens: tuple[Annotated[int, Field(ge=1)], ...] = Field(
        (18_000_000,), min_length=1, description="of each round; a round goes on from the last with a fresh warm-up"
    )
    block: int = Field(128, ge=8, description="tokens of one training sequence")
    batch: int = Field(32, ge=1, description="blocks a step")
    learning_rate: float = Field(1e-3, gt=0)
    warmup_steps: int = Field(200, ge=0)
    masked_share: float = Field(0.2, gt=0, lt=1)
    bf16: bool = True
    save_steps: int = Field(500, ge=1)

    @field_validator("tokens", mode="before")
    @classmethod
    def _one_round(cls, value: object) -> object:
        return (value,) if isinstance(value, int) else value


class StageConfig(_Section):
    """Training on examples of topics and salience."""

    epochs: float = Field(4, gt=0)
    least_steps: int = Field(250, ge=0, description="of fresh heads: fewer examples take more epochs")
    batch: int = Field(32, ge=1, description="windows a step")
    learning_rate: float = Field(2e-4, gt=0, description="of the encoder; the heads' is three times that")
    salience_weight: float = Field(0.5, ge=0)
    bf16: bool = True


class FinetuningConfig(StageConfig):
    """Training on labelled paragraphs and digested articles."""

    dropout: float = Field(0.1, ge=0, lt=1, description="of self-training too")


class TitlesConfig(FinetuningConfig):
    """Training of salience on the titles of the corpus, between pre-training and what people labelled."""

    documents: int = Field(0, ge=0, description="0: this stage is left out")
    epochs: float = Field(1, gt=0)


class LabelledConfig(StageConfig):
    """The second stage of a student: people's labels."""

    epochs: float = Field(2, gt=0)


class SelfTrainingConfig(StageConfig):
    """The first stage of a student: unlabelled paragraphs with its teacher's pseudo-labels."""

    paragraphs: int = Field(0, ge=0, description="a round; 0: no student")
    rounds: int = Field(1, ge=1, description="the student of one is the teacher of the next")
    teacher_share: float = Field(0.35, ge=0, lt=1, description="of the teacher's weights in those of the student")
    told_weight: float = Field(0.6, ge=0, description="for the n-grams, of a pseudo-label beside a label of people")
    epochs: float = Field(1, gt=0)
    labelled: LabelledConfig = LabelledConfig()


class DistillationConfig(StageConfig):
    """Training of the small encoder on what the last stage answers on unlabelled text, and on the labels."""

    paragraphs: int = Field(0, ge=0, description="unlabelled ones; 0: the stages before the last stay as they are")
    told_weight: float = Field(0.6, ge=0, description="for the n-grams, of such an answer beside a label of people")
    dropout: float = Field(0.1, ge=0, lt=1, description="of the heads; the encoder has none")


class LargeStudentConfig(_Section):
    """Training of the large encoder further, on what the last stage answers on unlabelled text, and on the labels."""

    epochs: float = Field(0, ge=0, description="0: it stays as the labels alone taught it")
    learning_rate: float = Field(1e-4, gt=0, description="of the encoder's last layer")
    head_learning_rate: float = Field(3e-4, gt=0)
    teacher_share: float = Field(0.35, ge=0, lt=1, description="of its weights before in those that ship")


class LargeConfig(_Section):
    """Fine-tuning of the large encoder that the last stage adds."""

    epochs: float = Field(3, gt=0)
    batch: int = Field(32, ge=1, description="paragraphs a step")
    learning_rate: float = Field(1e-4, gt=0, description="of the encoder's last layer")
    head_learning_rate: float = Field(3e-4, gt=0)
    layer_decay: float = Field(0.9, gt=0, le=1, description="of the learning rate, from each layer to the one below")
    title_share: float = Field(0.5, ge=0, le=1, description="of the examples that have the title before the text")
    title_tokens: int = Field(48, ge=0)
    text_tokens: int = Field(256, ge=8, description="of a paragraph that training reads")
    window: int = Field(512, ge=16, description="tokens that one pass reads at most")
    dropout: float = Field(0.1, ge=0, lt=1, description="of the heads; the encoder has none")
    bf16: bool = True
    student: LargeStudentConfig = LargeStudentConfig()

    @property
    def of_student(self) -> LargeConfig:
        """The same with the epochs and rates of ``student``."""
        names = ("epochs", "learning_rate", "head_learning_rate")
        return self.model_copy(update={name: getattr(self.student, name) for name in names})


class CurveConfig(_Section):
    """The learning curve, for the model card."""

    counts: tuple[Annotated[int, Field(ge=50)], ...] = Field((), description="labelled paragraphs; none: left out")
    seeds: int = Field(3, ge=1, description="trainings of each")


class TopicConfig(_Section):
    """One topic, in the order of the logits."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    zh: str = Field(min_length=1)
    en: str = ""


class RunConfig(_Section):
    """One training run. Every section has working defaults; a file states what differs."""

    topics: tuple[TopicConfig, ...] = Field(min_length=1)
    exclusive: bool = Field(False, description="every text has exactly one topic, and is given exactly one")
    limits: tuple[str, ...] = Field((), description="what its card warns of, a sentence each")
    seed: int = 20260
    folds: int = Field(3, ge=2, description="of the cross-validation that calibrates and measures")
    ngram_bits: int = Field(18, ge=8, le=22, description="the n-gram model has 2**bits buckets")
    widest_ngram_bits: int = Field(
        22, ge=8, le=22, description="the same, where the plain SVM is better than what so many buckets give"
    )
    tolerance: float = Field(0.02, gt=0, description="most that ONNX and torch may differ in probability")
    vocabulary: VocabularyConfig = VocabularyConfig()
    encoder: EncoderConfig = EncoderConfig()
    skipgram: SkipgramConfig = SkipgramConfig()
    pretraining: PretrainingConfig = PretrainingConfig()
    titles: TitlesConfig = TitlesConfig()
    finetuning: FinetuningConfig = FinetuningConfig()
    selftraining: SelfTrainingConfig = SelfTrainingConfig()
    archive_sample: int = Field(4000, ge=1, description="paragraphs of the corpus by which stages are bounded")
    large: LargeConfig = LargeConfig()
    distillation: DistillationConfig = DistillationConfig()
    curve: CurveConfig = CurveConfig()

    @model_validator(mode="after")
    def _several_exclude_each_other(self) -> Self:
        if self.exclusive and len(self.topics) < 2:
            raise ValueError("exclusive = true needs at least two topics")
        return self

    @property
    def topic_set(self) -> TopicSet:
        """The topics as the model knows them."""
        return TopicSet(Topic(topic.id, topic.zh, topic.en) for topic in self.topics)

    @classmethod
    def read(cls, path: Path) -> RunConfig:
        """Read ``path`` (TOML).

        Raises:
            BadRecipe: it is not TOML, or has an unknown or ill-typed setting; every one is named.
        """
        try:
            return cls.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        except ValidationError as error:
            wrong = [f"{'.'.join(map(str, each['loc'])) or 'the recipe'}: {each['msg']}" for each in error.errors()]
            raise BadRecipe(f"{path}: {'; '.join(wrong)}") from error
        except ValueError as error:
            raise BadRecipe(f"{path} is not TOML in UTF-8: {error}") from error
