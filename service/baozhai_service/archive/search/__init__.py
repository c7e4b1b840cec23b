"""Full-text search of a scored archive.

The index is a by-product of the archive and can be deleted at any time. It consists of parts, each named by a hash of
the shards that it covers. tantivy indexes the text by single characters with their positions; memory-mapped columns
hold everything else that a search filters, counts or sorts by. A search returns exactly what a scan of the Parquet
files would return: a word matches wherever its characters follow one another, in simplified or traditional script.
"""
