"""Model versions: list, promote, roll back, and follow the store."""
