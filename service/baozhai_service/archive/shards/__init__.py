"""Cut an archive into shards whose identity is a hash of their input."""
