"""Score an archive: years of pages and records in, Parquet with topics and digests out, each paragraph exactly once.

The input is cut into shards whose identity is a hash of everything that their output depends on: the bytes, the
settings, the bundle, this release. A shard is scored by one process, its files are moved into place one by one, and
its receipt in the ledger last; a receipt is the proof that nothing is left to do. So a run that was killed anywhere
just goes on, changed inputs are new shards and everything else is still there, and any engine that scores the same
shards gives the same files.
"""
