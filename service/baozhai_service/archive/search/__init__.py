"""Full-text search of a scored archive.

The index is a by-product of the archive: it lies in parts, each named by a hash of the shards that it covers, and can
be thrown away at any time. The text is indexed by single characters with their positions (tantivy), all else that a
search filters, counts or sorts by lies beside it in columns (numpy). What a search finds is what a scan of the
Parquet files finds: a word matches wherever its characters follow one another, in simplified or traditional script.
"""
