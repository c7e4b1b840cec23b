"""Topics: n-grams, calibration and classification."""
