"""Why a document could not be read: all of them the caller's to mend, by another file or an installation."""

from __future__ import annotations

from baozhai_model.errors import InputError


class DocumentError(InputError):
    """The document cannot be read."""

    code = "broken_document"


class UnsupportedDocument(DocumentError):
    """Files of this kind are not read."""

    code = "unsupported_document"


class BrokenDocument(DocumentError):
    """The file is damaged, or not what it seems."""

    code = "broken_document"


class EncryptedDocument(DocumentError):
    """The file needs a password."""

    code = "encrypted_document"

    def __init__(self) -> None:
        super().__init__("the document is encrypted; save it without a password and send it again")


class DocumentTooLarge(DocumentError):
    """More bytes, pages, pixels or characters than are read of one document."""

    code = "document_too_large"


class DocumentTooSlow(DocumentError):
    """Reading it took longer than is allowed."""

    code = "document_too_slow"

    def __init__(self, seconds: float) -> None:
        super().__init__(f"reading the document took longer than {seconds:g} seconds; send fewer pages at once")


class NoTextInDocument(DocumentError):
    """There is nothing to read in it."""

    code = "no_text_in_document"


class DocumentsNotInstalled(DocumentError):
    """What reads such files is not installed here."""

    code = "documents_not_installed"

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} cannot be read here: install it with  pip install 'baozhai[{extra}]'")


KINDS: dict[str, type[DocumentError]] = {
    kind.code: kind
    for kind in (
        UnsupportedDocument,
        BrokenDocument,
        EncryptedDocument,
        DocumentTooLarge,
        DocumentTooSlow,
        NoTextInDocument,
        DocumentsNotInstalled,
    )
}


def error_of(code: str, detail: str) -> DocumentError:
    """The error of a ``code`` with a message, as another process reported it."""
    error = KINDS.get(code, BrokenDocument)
    made = error.__new__(error)
    Exception.__init__(made, detail)
    return made
