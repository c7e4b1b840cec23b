"""Measure a model, and decide whether a candidate may be promoted."""
