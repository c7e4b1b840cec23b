"""The models that are trained: encoder network, n-grams, floors, calibration."""
