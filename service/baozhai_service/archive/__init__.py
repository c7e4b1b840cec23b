"""Score an archive: years of pages and records in, Parquet with topics and digests out, each paragraph exactly once.

The planner cuts the input into shards. The id of a shard is a hash of everything that its output depends on: the bytes,
the settings, the bundle, this release. One process scores a shard, moves its files into the output one by one, and then
writes its receipt into the ledger; a receipt proves that the shard is done. So a run that was killed anywhere can be
resumed, only changed inputs are scored again, and every executor that scores the same shards writes the same files.
"""
