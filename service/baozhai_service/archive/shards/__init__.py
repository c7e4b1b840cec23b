"""Cut an archive into shards, whose ids are hashes of their input."""
