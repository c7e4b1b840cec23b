"""Pages with geometry: printed lines with their boxes in, articles in reading order out."""
