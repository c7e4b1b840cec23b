"""Look into a scored archive: hits in context, trends, articles, issues, similar paragraphs, overviews and exports."""
