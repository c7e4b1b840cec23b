"""Chinese text: sentences, tokens, windows and simplified characters."""
