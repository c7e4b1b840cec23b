"""Labels, digested articles and unlabelled text: read, check and split them."""
