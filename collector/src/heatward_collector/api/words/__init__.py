"""Facts in the words and numbers of a reader's language."""
