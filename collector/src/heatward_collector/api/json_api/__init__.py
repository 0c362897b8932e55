"""The JSON API: the same facts as the pages, under the same rights."""
