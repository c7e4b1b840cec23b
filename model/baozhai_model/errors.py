"""Everything that baozhai raises on purpose.

BaozhaiError
├── InputError             the caller can mend it
│   ├── EmptyText              nothing but white space
│   ├── TextTooLong            more characters than are read at once
│   ├── UnencodableText        a lone surrogate: no such character exists
│   ├── UnreadableTable        a file as a whole cannot be read as a table of texts
│   ├── UnknownTopic           a topic that the bundle does not have
│   ├── InvalidBudget          a digest of less than one sentence or character
│   ├── VersionNotFound        the store has no such model version
│   ├── PromotionRefused       the version may not go live, or there is none to go back to
│   └── TextFailed             the encoder fails on this text, though not on others
├── BundleError            an operator must mend the model store
│   ├── BundleNotFound         no such folder or version
│   └── BundleCorrupt          a file is missing, altered, or does not fit the manifest
├── RuntimeUnavailable     what is to compute the encoder is not installed, or not for this processor
├── ExtraMissing           an optional part of the package is not installed
└── Unavailable            try again later
    ├── Overloaded             the queue is full
    ├── DeadlineExceeded       the answer did not come in time
    └── ShuttingDown           the service takes no new work
"""

from __future__ import annotations

from collections.abc import Iterable


class BaozhaiError(Exception):
    """Every deliberate error. ``code`` is its stable machine name."""

    code = "error"


class InputError(BaozhaiError):
    """The caller can mend it."""

    code = "invalid_input"


class EmptyText(InputError):
    """The text is empty or blank."""

    code = "empty_text"

    def __init__(self) -> None:
        super().__init__("the text is empty or blank; at least one visible character is needed")


class TextTooLong(InputError):
    """The text has more characters than are read at once."""

    code = "text_too_long"

    def __init__(self, length: int, limit: int) -> None:
        super().__init__(f"the text has {length} characters; at most {limit} are accepted")
        self.length, self.limit = length, limit


class UnencodableText(InputError):
    """The text holds half of a surrogate pair."""

    code = "unencodable_text"

    def __init__(self, position: int) -> None:
        super().__init__(f"character {position} is a lone surrogate, which no encoding can carry; send valid Unicode")
        self.position = position


class UnreadableTable(InputError):
    """The file as a whole cannot be read as a table of texts; the message names it."""

    code = "unreadable_table"


class UnknownTopic(InputError):
    """The bundle has no topic of that name."""

    code = "unknown_topic"

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"{name!r} is no topic of this model; its topics are {', '.join(known)}")
        self.name = name


class InvalidBudget(InputError):
    """A digest needs room for something, and one measure of it."""

    code = "invalid_budget"


class VersionNotFound(InputError):
    """The store has no such model version."""

    code = "version_not_found"

    def __init__(self, version: str, known: Iterable[str]) -> None:
        super().__init__(f"there is no model version {version!r}; there are {', '.join(known) or 'none'}")
        self.version = version


class PromotionRefused(InputError):
    """The version may not go live, or there is none to go back to; ``reasons`` tell why."""

    code = "promotion_refused"

    def __init__(self, version: str, reasons: Iterable[str]) -> None:
        self.version, self.reasons = version, tuple(reasons)
        super().__init__(f"{version} does not go live: {'; '.join(self.reasons)}")


class TextFailed(InputError):
    """The encoder fails on this text, though not on others."""

    code = "text_failed"

    def __init__(self) -> None:
        super().__init__(
            "the model cannot read this text, though it reads others; send the text without what is odd in it"
        )


class BundleError(BaozhaiError):
    """An operator must mend the model store."""

    code = "bundle_error"


class BundleNotFound(BundleError):
    """There is no bundle in that place."""

    code = "bundle_not_found"


class BundleCorrupt(BundleError):
    """A file of the bundle is missing, altered, or does not fit its manifest."""

    code = "bundle_corrupt"


class RuntimeUnavailable(BaozhaiError):
    """What is to compute the encoder is not installed, or not for this processor."""

    code = "runtime_unavailable"


class ExtraMissing(BaozhaiError):
    """An optional part of the package is not installed; ``extra`` names it."""

    code = "extra_missing"

    def __init__(self, module: str, extra: str) -> None:
        super().__init__(f"{module} is not installed; it comes with: pip install 'baozhai[{extra}]'")
        self.extra = extra


class Unavailable(BaozhaiError):
    """The request was not answered; the same request may be later."""

    code = "unavailable"


class Overloaded(Unavailable):
    """The queue is full; ``retry_after`` seconds from now it may not be."""

    code = "overloaded"

    def __init__(self, message: str, retry_after: int = 1) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class DeadlineExceeded(Unavailable):
    """The answer did not come within the deadline."""

    code = "deadline_exceeded"


class ShuttingDown(Unavailable):
    """The service finishes what it accepted and takes nothing new."""

    code = "shutting_down"
