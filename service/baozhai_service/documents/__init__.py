"""Documents as they come: PDF, Word, HTML, OFD, images and text, read into articles with their places.

The way of a file: `reader.open_document` looks at its bytes (`formats`) and hands everything but text to a process
of its own (`sandbox`, `worker`). There `extraction` picks the module that reads its format (`pdf`, `docx`, `html`,
`ofd`, `images`, `office`). Formats with geometry give printed lines, from which the model's page reader makes
articles (`baozhai_model.page.layout`). The answer comes back as JSON (`document`).
"""

from baozhai_service.documents.document import Document
from baozhai_service.documents.errors import DocumentError
from baozhai_service.documents.limits import Limits
from baozhai_service.documents.reader import open_document, page_picture, read_document

__all__ = ["Document", "DocumentError", "Limits", "open_document", "page_picture", "read_document"]
