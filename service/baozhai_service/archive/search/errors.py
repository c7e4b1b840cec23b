"""What goes wrong when an archive is searched; `archive.errors` has what is wrong with the archive itself.

InputError
├── InvalidQuery           the query cannot be read
├── InvalidFilter          a filter has a value that there cannot be
├── InvalidCursor          the cursor is none, or of another search or state of the archive
└── NotFound
    └── NotInArchive           no such article, paragraph or day
ArchiveError, Unavailable
└── IndexUnusable          there is no index, or a file of it is damaged
"""

from __future__ import annotations

from baozhai_model.errors import InputError, Unavailable
from baozhai_service.archive.errors import ArchiveError
from baozhai_service.errors import NotFound


class InvalidQuery(InputError):
    """The query cannot be read."""

    code = "invalid_query"


class InvalidFilter(InputError):
    """A filter has a value that there cannot be."""

    code = "invalid_filter"


class InvalidCursor(InputError):
    """The cursor is none, or of another search or state of the archive."""

    code = "invalid_cursor"


class NotInArchive(NotFound):
    """There is no such article, paragraph or day."""

    code = "not_in_archive"


class IndexUnusable(ArchiveError, Unavailable):
    """There is no index, or it cannot be used."""

    code = "index_unusable"
