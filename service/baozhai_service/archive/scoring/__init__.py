"""Score the records of a shard."""
