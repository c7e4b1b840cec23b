"""Digests: salience of sentences, dependencies between them, and selection."""
