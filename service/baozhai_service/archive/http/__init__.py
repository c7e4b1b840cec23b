"""``/v1/archive`` and the desk's pages of the archive."""
