"""Score the records of a shard with the model."""
