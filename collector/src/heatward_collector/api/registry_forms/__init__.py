"""The registry on pages: importing files, single edits, what is missing."""
