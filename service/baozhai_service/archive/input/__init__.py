"""Read the records of an archive's files: text, documents, ZIP, JSON Lines, CSV, Parquet."""
