"""Tables of texts as people bring them: CSV, TSV, JSONL, Parquet and Excel, with headings in English or Chinese."""
