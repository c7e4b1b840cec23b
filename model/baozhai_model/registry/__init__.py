"""The model store and the log of what was live."""
