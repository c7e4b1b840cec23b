"""Requests, operations and responses, the same over HTTP and on the command line."""
