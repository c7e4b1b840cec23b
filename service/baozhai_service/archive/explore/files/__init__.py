"""What was found, as files: hits, overviews and charts."""
