"""A training run from labels to a bundle."""
