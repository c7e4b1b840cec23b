"""Requests share encoder passes: a fair queue, one encoder thread, deadlines."""
