"""Executors of shards: this process, several processes, or a Ray cluster."""
