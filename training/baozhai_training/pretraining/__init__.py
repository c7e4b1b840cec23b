"""From unlabelled text to a pre-trained encoder."""
