"""The output folder: atomic files, receipts, manifest and Parquet."""
