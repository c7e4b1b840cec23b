"""Model versions: list, promote, roll back, and watch the store."""
